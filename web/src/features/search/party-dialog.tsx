import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { allowedParty, CABINS, MOST_SEATS, type Query } from '../../lib/search';
import { Sheet } from '../../ui/dialog';
import { useCabinNames } from '../../ui/names';
import { Stepper } from '../../ui/parts';

interface PartyDialogProps {
  query: Query;
  change: (query: Query) => void;
  close: () => void;
}

export default function PartyDialog({ query, change, close }: PartyDialogProps) {
  const { t } = useLingui();
  const cabins = useCabinNames();
  const [party, setParty] = useState(query);
  const set = (part: Partial<Query>) => setParty((old) => ({ ...old, ...part, ...allowedParty({ ...old, ...part }) }));
  const seats = party.adults + party.children;
  return (
    <Sheet
      title={t`Who flies, and how?`}
      close={close}
      footer={
        <button
          type="button"
          className="btn btn-main w-full"
          onClick={() => {
            change(party);
            close();
          }}
        >
          <Trans>Done</Trans>
        </button>
      }
    >
      <Stepper
        label={t`Adults`}
        help={t`12 or older`}
        value={party.adults}
        least={1}
        most={MOST_SEATS - party.children}
        set={(adults) => set({ adults })}
      />
      <Stepper
        label={t`Children`}
        help={t`2 to 11, with a seat`}
        value={party.children}
        least={0}
        most={MOST_SEATS - party.adults}
        set={(children) => set({ children })}
      />
      <Stepper
        label={t`Infants`}
        help={t`Under 2, on a lap`}
        value={party.infants}
        least={0}
        most={party.adults}
        set={(infants) => set({ infants })}
      />
      {seats === MOST_SEATS && (
        <p className="mt-1 text-sm text-soft">
          <Trans>Nine seats are the most of one booking.</Trans>
        </p>
      )}
      <fieldset className="mt-5">
        <legend className="mb-2 font-semibold">
          <Trans>Cabin</Trans>
        </legend>
        <div className="grid grid-cols-2 gap-2">
          {CABINS.map((cabin) => (
            <label
              key={cabin}
              className="flex min-h-12 cursor-pointer items-center gap-3 rounded-xl border-[1.5px] border-field px-3 has-checked:border-brand has-checked:bg-tint has-focus-visible:outline-3 has-focus-visible:outline-ring"
            >
              <input
                type="radio"
                name="cabin"
                className="size-5 accent-brand"
                checked={party.cabin === cabin}
                onChange={() => set({ cabin })}
              />
              {cabins[cabin]}
            </label>
          ))}
        </div>
      </fieldset>
    </Sheet>
  );
}
