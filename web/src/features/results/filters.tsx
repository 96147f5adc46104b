import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import type { Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { formatMoney } from '../../lib/money';
import type { Filters } from '../../lib/search';
import { Sheet } from '../../ui/dialog';
import { Price } from '../../ui/parts';

interface FiltersProps {
  filters: Filters;
  facets: Schemas['Facets'] | undefined;
  apply: (filters: Filters) => void;
  close: () => void;
}

/** Parts of the day, as the search counts them. */
const PARTS = ['00:00-06:00', '06:00-12:00', '12:00-18:00', '18:00-24:00'];

export default function FiltersDialog({ filters, facets, apply, close }: FiltersProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const [draft, setDraft] = useState(filters);
  const set = (part: Partial<Filters>) => setDraft({ ...draft, ...part });
  const currency = facets?.stops[0]?.cheapest.currency ?? 'USD';
  const stops: Record<string, string> = { 0: t`Nonstop`, 1: t`1 stop`, 2: t`2 stops` };
  const span = facets?.price;
  // A limit that is set already stays on the scale.
  const [least, most] = [Number(span?.least ?? 0), Math.max(Number(span?.most ?? 0), filters.maxPrice ?? 0)];
  return (
    <Sheet
      title={t`Filters`}
      close={close}
      footer={
        <div className="flex gap-3">
          <button
            type="button"
            className="btn btn-quiet flex-1"
            onClick={() => apply({ bag: false, refundable: false })}
          >
            <Trans>Clear all</Trans>
          </button>
          <button type="button" className="btn btn-main flex-1" onClick={() => apply(draft)}>
            <Trans>Show flights</Trans>
          </button>
        </div>
      }
    >
      <div className="space-y-6">
        <Choice
          title={t`Stops`}
          name="stops"
          any={t`Any number`}
          value={draft.stops === undefined ? undefined : String(draft.stops)}
          set={(value) => set({ stops: value === undefined ? undefined : Number(value) })}
          options={upTo(facets?.stops ?? [])
            .filter((one) => one.value in stops)
            .map((one) => ({
              ...one,
              name: one.value === '0' ? t`Nonstop` : t`up to ${stops[one.value] ?? one.value}`,
            }))}
        />
        <Choice
          title={t`Leaves`}
          name="departs"
          any={t`Any time`}
          value={draft.departs}
          set={(departs) => set({ departs })}
          options={PARTS.map((part) => ({
            ...facets?.departure.find((one) => one.value === part),
            value: part,
            name: part.replace('-', ' – '),
          }))}
        />
        <Choice
          title={t`Airline`}
          name="airline"
          any={t`Any airline`}
          value={draft.airline}
          set={(airline) => set({ airline })}
          options={(facets?.airlines ?? []).map((one) => ({ ...one, name: one.value }))}
        />
        {span && most > least && (
          <div>
            <label htmlFor="max-price" className="mb-2 block font-semibold">
              <Trans>At most {formatMoney({ amount: draft.maxPrice ?? most, currency }, locale, true)} for all</Trans>
            </label>
            <input
              id="max-price"
              type="range"
              className="h-11 w-full accent-brand"
              min={least}
              max={most}
              step={Math.max(1, Math.round((most - least) / 100))}
              value={draft.maxPrice ?? most}
              aria-valuetext={formatMoney({ amount: draft.maxPrice ?? most, currency }, locale, true)}
              onChange={(event) => {
                const value = Number(event.target.value);
                set({ maxPrice: value >= most - (most - least) / 100 ? undefined : value });
              }}
            />
          </div>
        )}
        <fieldset>
          <legend className="mb-1 font-semibold">
            <Trans>The fare has</Trans>
          </legend>
          <Tick label={t`a checked bag`} checked={draft.bag} set={(bag) => set({ bag })} />
          <Tick
            label={t`money back if I cancel`}
            checked={draft.refundable}
            set={(refundable) => set({ refundable })}
          />
        </fieldset>
      </div>
    </Sheet>
  );
}

/** The search counts each number of stops for itself; what is chosen is a limit, and lets fewer through as well. */
export function upTo(values: Schemas['FacetValue'][]): Schemas['FacetValue'][] {
  return values.map((one) => {
    const within = values.filter((other) => Number(other.value) <= Number(one.value));
    const [cheapest = one] = within.toSorted((a, b) => a.cheapest.amount - b.cheapest.amount);
    return { ...one, count: within.reduce((sum, other) => sum + other.count, 0), cheapest: cheapest.cheapest };
  });
}

const ROW =
  'flex min-h-11 cursor-pointer items-center gap-3 rounded-xl px-2 hover:bg-tint has-focus-visible:outline-3 has-focus-visible:outline-ring';

function Tick({ label, checked, set }: { label: string; checked: boolean; set: (checked: boolean) => void }) {
  return (
    <label className={ROW}>
      <input
        type="checkbox"
        className="size-5 accent-brand"
        checked={checked}
        onChange={(event) => set(event.target.checked)}
      />
      {label}
    </label>
  );
}

interface Option {
  value: string;
  name: string;
  count?: number;
  cheapest?: Schemas['Money'];
}

interface ChoiceProps {
  title: string;
  name: string;
  any: string;
  value: string | undefined;
  set: (value: string | undefined) => void;
  options: Option[];
}

/** One of several, each with how many flights it leaves and the lowest price among them. */
function Choice({ title, name, any, value, set, options }: ChoiceProps) {
  return (
    <fieldset>
      <legend className="mb-1 font-semibold">{title}</legend>
      {[{ value: '', name: any } as Option, ...options].map((one) => (
        <label key={one.value} className={ROW}>
          <input
            type="radio"
            name={name}
            className="size-5 accent-brand"
            checked={(value ?? '') === one.value}
            onChange={() => set(one.value || undefined)}
          />
          <span className="flex-1">{one.name}</span>
          {one.count !== undefined && one.cheapest && (
            <span className="figures text-sm text-soft">
              {one.count.toLocaleString()} · <Price money={one.cheapest} short />
            </span>
          )}
        </label>
      ))}
    </fieldset>
  );
}
