import { Trans, useLingui } from '@lingui/react/macro';
import type { Schemas } from '../../api/client';
import { Birthday } from '../../ui/birthday';
import { usePassengerNames } from '../../ui/names';
import { Field } from '../../ui/parts';
import type { Person } from './person';

interface TravellerProps {
  index: number;
  person: Person;
  saved: Schemas['TravellerView'][];
  asked: boolean;
  set: (part: Partial<Person>) => void;
}

/** One who flies: a saved traveller, or names and the date of birth, typed. */
export function Traveller({ index, person, saved, asked, set }: TravellerProps) {
  const { t } = useLingui();
  const names = usePassengerNames();
  const title = `${index + 1}. ${names[person.type]}`;
  const missing = (text: string) => (asked && !text.trim() ? t`Needed, as on the passport or ID` : undefined);
  const choose = (id: string) => {
    const one = saved.find((each) => each.id === id);
    if (!one) return;
    const [year = '', month = '', day = ''] = one.born_on.split('-');
    set({ given: one.given_name, family: one.family_name, year, month, day });
  };
  return (
    <fieldset className="panel p-5">
      <legend className="sr-only">{title}</legend>
      <p className="mb-3 text-lg font-semibold" aria-hidden="true">
        {title}
      </p>
      {saved.length > 0 && (
        <label className="mb-4 block">
          <span className="mb-1 block text-sm font-semibold">
            <Trans>Somebody you saved</Trans>
          </span>
          <select className="input" defaultValue="" onChange={(event) => choose(event.target.value)}>
            <option value="">{t`Choose, or type below`}</option>
            {saved.map((one) => (
              <option key={one.id} value={one.id}>
                {one.given_name} {one.family_name}
              </option>
            ))}
          </select>
        </label>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label={t`Given names`}
          autoComplete={index === 0 ? 'given-name' : 'off'}
          value={person.given}
          error={missing(person.given)}
          onChange={(event) => set({ given: event.target.value })}
        />
        <Field
          label={t`Family name`}
          autoComplete={index === 0 ? 'family-name' : 'off'}
          help={t`If there is only one name, type it in both fields.`}
          value={person.family}
          error={missing(person.family)}
          onChange={(event) => set({ family: event.target.value })}
        />
      </div>
      <Birthday date={person} asked={asked} set={set} autofill={index === 0} />
    </fieldset>
  );
}
