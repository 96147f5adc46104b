import { Trans } from '@lingui/react/macro';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Way } from '../../api/booking';
import type { Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { dayOf, formatDay } from '../../lib/time';
import { Icon } from '../../ui/icons';
import { City } from '../../ui/journey';
import { usePassengerNames } from '../../ui/names';

export interface Chosen {
  ways: number[];
  who: number[];
}

interface ChooseProps {
  ways: Way[];
  people: Schemas['BookedPassenger'][];
  chosen: Chosen;
  then: (chosen: Chosen) => void;
}

/** Which way goes back, and whose tickets: nothing is ticked, and where there is only one there is nothing to tick. */
export function Choose({ ways, people, chosen, then }: ChooseProps) {
  const locale = useLocale();
  const kinds = usePassengerNames();
  const [slices, setSlices] = useState(ways.length === 1 ? ways.map((one) => one.slice) : chosen.ways);
  const [who, setWho] = useState(people.length === 1 ? people.map((one) => one.passenger) : chosen.who);
  const [asked, setAsked] = useState(0);
  const wrong = useRef<HTMLParagraphElement>(null);
  const missing = asked > 0 && (slices.length === 0 || who.length === 0);
  useEffect(() => {
    if (asked > 0) wrong.current?.focus();
  }, [asked]);
  const toggled = (all: number[], one: number, on: boolean) =>
    (on ? [...all, one] : all.filter((each) => each !== one)).sort((a, b) => a - b);
  return (
    <form
      className="space-y-6"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(asked + 1);
        if (slices.length > 0 && who.length > 0) then({ ways: slices, who });
      }}
    >
      {missing && (
        <p ref={wrong} tabIndex={-1} className="flex items-center gap-2 font-semibold text-bad">
          <Icon name="alert" />
          <Trans>Choose at least one way and one traveller.</Trans>
        </p>
      )}
      {ways.length > 1 && (
        <Group legend={<Trans>Which way?</Trans>}>
          {ways.map(({ slice, flights }) => (
            <Box key={slice} checked={slices.includes(slice)} set={(on) => setSlices(toggled(slices, slice, on))}>
              <span className="block font-semibold">
                <City code={flights[0]?.origin ?? ''} /> → <City code={flights.at(-1)?.destination ?? ''} />
              </span>
              <span className="block text-sm text-soft">
                {formatDay(dayOf(flights[0]?.departs_at ?? ''), locale)} ·{' '}
                {flights.map((one) => one.flight_number).join(', ')}
              </span>
            </Box>
          ))}
        </Group>
      )}
      {people.length > 1 && (
        <Group legend={<Trans>Whose tickets?</Trans>}>
          {people.map((one) => (
            <Box
              key={one.passenger}
              checked={who.includes(one.passenger)}
              set={(on) => setWho(toggled(who, one.passenger, on))}
            >
              <span className="block font-semibold">
                {one.given_name} {one.family_name}
              </span>
              <span className="block text-sm text-soft">{kinds[one.type]}</span>
            </Box>
          ))}
        </Group>
      )}
      <p className="text-soft">
        <Trans>First you see what comes back. Nothing happens before you say so.</Trans>
      </p>
      <div className="flex flex-wrap gap-3">
        <button
          type="button"
          className="btn btn-quiet flex-1"
          onClick={() => then({ ways: ways.map((one) => one.slice), who: people.map((one) => one.passenger) })}
        >
          <Trans>All of the trip</Trans>
        </button>
        <button type="submit" className="btn btn-quiet flex-1">
          <Trans>What is ticked</Trans>
        </button>
      </div>
    </form>
  );
}

function Group({ legend, children }: { legend: ReactNode; children: ReactNode }) {
  return (
    <fieldset>
      <legend className="mb-3 text-xl font-semibold">{legend}</legend>
      <div className="space-y-3">{children}</div>
    </fieldset>
  );
}

function Box({ checked, set, children }: { checked: boolean; set: (on: boolean) => void; children: ReactNode }) {
  return (
    <label className="panel flex min-h-16 cursor-pointer items-center gap-4 px-5 py-3 has-checked:border-brand has-checked:bg-tint">
      <input
        type="checkbox"
        className="size-6 shrink-0 accent-brand"
        checked={checked}
        onChange={(event) => set(event.target.checked)}
      />
      <span>{children}</span>
    </label>
  );
}
