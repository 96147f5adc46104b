import { Trans, useLingui } from '@lingui/react/macro';
import { type ReactNode, useState } from 'react';
import type { Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { localeTag } from '../../lib/i18n';
import { formatMoney } from '../../lib/money';
import { formatMinutes } from '../../lib/time';
import { Sheet } from '../../ui/dialog';
import { Price } from '../../ui/parts';
import { type Filters, NO_FILTERS } from './state';
import { type Whole, withRest } from './whole';

interface FiltersProps {
  filters: Filters;
  facets: Schemas['Facets'] | undefined;
  whole: Whole | undefined;
  apply: (filters: Filters) => void;
  close: () => void;
}

/** Parts of the day, as the search counts them. */
const PARTS = ['00:00-06:00', '06:00-12:00', '12:00-18:00', '18:00-24:00'];

export default function FiltersDialog({ filters, facets, whole, apply, close }: FiltersProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const [draft, setDraft] = useState(filters);
  const set = (part: Partial<Filters>) => setDraft({ ...draft, ...part });
  const currency = facets?.stops[0]?.cheapest.currency ?? 'USD';
  const stops: Record<string, string> = { 0: t`Nonstop`, 1: t`1 stop`, 2: t`2 stops` };
  const span = facets?.price;
  // A limit that is set already stays on the scale.
  const [least, most] = [Number(span?.least ?? 0), Math.max(Number(span?.most ?? 0), filters.maxPrice ?? 0)];
  const length = facets?.duration;
  const longest = Math.max(Number(length?.most ?? 0), filters.maxMinutes ?? 0);
  const connections: [string, string][] = [
    ['60-', t`an hour or longer`],
    ['60-180', t`1 to 3 hours`],
    ['-120', t`2 hours or less`],
    ['-240', t`4 hours or less`],
  ];
  const limit = formatMoney(withRest({ amount: draft.maxPrice ?? most, currency }, whole), locale, true);
  return (
    <Sheet
      title={t`Filters`}
      close={close}
      footer={
        <div className="flex gap-3">
          <button type="button" className="btn btn-quiet flex-1" onClick={() => apply(NO_FILTERS)}>
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
          whole={whole}
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
          whole={whole}
          any={t`Any time`}
          value={draft.departs}
          set={(departs) => set({ departs })}
          options={parts(facets?.departure)}
        />
        <Choice
          title={t`Arrives`}
          name="arrives"
          whole={whole}
          any={t`Any time`}
          value={draft.arrives}
          set={(arrives) => set({ arrives })}
          options={parts(facets?.arrival)}
        />
        {length && (
          <Limit
            id="max-minutes"
            label={<Trans>At most {formatMinutes(draft.maxMinutes ?? longest, locale)} on the way</Trans>}
            text={formatMinutes(draft.maxMinutes ?? longest, locale)}
            span={[length.least, longest]}
            step={15}
            value={draft.maxMinutes}
            set={(maxMinutes) => set({ maxMinutes })}
          />
        )}
        {span && (
          <Limit
            id="max-price"
            label={
              whole?.besides ? <Trans>The whole trip at most {limit}</Trans> : <Trans>At most {limit} for all</Trans>
            }
            text={limit}
            span={[least, most]}
            step={Math.max(1, Math.round((most - least) / 100))}
            value={draft.maxPrice}
            set={(maxPrice) => set({ maxPrice })}
          />
        )}
        <Airlines facets={facets} whole={whole} chosen={draft.airlines} set={(airlines) => set({ airlines })} />
        <Choice
          title={t`Time to change planes`}
          name="connection"
          whole={whole}
          any={t`Any`}
          value={draft.connection}
          set={(connection) => set({ connection })}
          options={connections.map(([value, name]) => ({ value, name }))}
        />
        <Changes facets={facets} whole={whole} draft={draft} set={set} />
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

const parts = (counted: Schemas['FacetValue'][] | undefined): Option[] =>
  PARTS.map((part) => ({
    ...counted?.find((one) => one.value === part),
    value: part,
    name: part.replace('-', ' – '),
  }));

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

interface TickProps {
  label: string;
  checked: boolean;
  set: (checked: boolean) => void;
  children?: ReactNode;
}

function Tick({ label, checked, set, children }: TickProps) {
  return (
    <label className={ROW}>
      <input
        type="checkbox"
        className="size-5 accent-brand"
        checked={checked}
        onChange={(event) => set(event.target.checked)}
      />
      <span className="flex-1">{label}</span>
      {children}
    </label>
  );
}

interface Option {
  value: string;
  name: string;
  count?: number;
  cheapest?: Schemas['Money'];
}

interface LimitProps {
  id: string;
  label: ReactNode;
  /** The limit as it is said. */
  text: string;
  span: [least: number, most: number];
  step: number;
  value: number | undefined;
  set: (value: number | undefined) => void;
}

/** At most so much; at the end of the scale there is no limit. */
function Limit({ id, label, text, span: [least, most], step, value, set }: LimitProps) {
  if (most <= least) return null;
  return (
    <div>
      <label htmlFor={id} className="mb-2 block font-semibold">
        {label}
      </label>
      <input
        id={id}
        type="range"
        className="h-11 w-full accent-brand"
        min={least}
        max={most}
        step={step}
        value={value ?? most}
        aria-valuetext={text}
        onChange={(event) => {
          const wanted = Number(event.target.value);
          set(wanted > most - step ? undefined : wanted);
        }}
      />
    </div>
  );
}

/** How many ways a choice leaves, and the lowest price among them. */
function Behind({ one, whole }: { one: Partial<Schemas['FacetValue']>; whole: Whole | undefined }) {
  const locale = useLocale();
  if (one.count === undefined || !one.cheapest) return null;
  return (
    <span className="figures text-sm text-soft">
      {one.count.toLocaleString(localeTag(locale))} · <Price money={withRest(one.cheapest, whole)} short />
    </span>
  );
}

interface AirlinesProps {
  facets: Schemas['Facets'] | undefined;
  whole: Whole | undefined;
  chosen: string[];
  set: (chosen: string[]) => void;
}

/** Airlines that may be flown: any, as long as none is chosen. */
function Airlines({ facets, whole, chosen, set }: AirlinesProps) {
  const counted = facets?.airlines ?? [];
  const all = [...counted, ...chosen.filter((one) => !counted.some(({ value }) => value === one)).map(unknown)];
  if (all.length === 0) return null;
  return (
    <fieldset>
      <legend className="mb-1 font-semibold">
        <Trans>Airlines, any if none is ticked</Trans>
      </legend>
      {all.map((one) => (
        <Tick
          key={one.value}
          label={one.value}
          checked={chosen.includes(one.value)}
          set={(isChosen) => set(isChosen ? [...chosen, one.value] : chosen.filter((each) => each !== one.value))}
        >
          <Behind one={one} whole={whole} />
        </Tick>
      ))}
    </fieldset>
  );
}

/** What was chosen and nothing is found of: it can be given up. */
const unknown = (value: string): Partial<Schemas['FacetValue']> & { value: string } => ({ value });

/** So many airports are listed, those with the most ways first. */
const AIRPORTS = 12;

interface ChangesProps {
  facets: Schemas['Facets'] | undefined;
  whole: Whole | undefined;
  draft: Filters;
  set: (part: Partial<Filters>) => void;
}

/** Airports where planes may be changed, and where they may not. */
function Changes({ facets, whole, draft, set }: ChangesProps) {
  const { t } = useLingui();
  const counted = (facets?.via ?? []).toSorted((one, other) => other.count - one.count);
  const chosen = [...draft.via, ...draft.avoid];
  const most = counted.filter((one, index) => index < AIRPORTS || chosen.includes(one.value));
  const all = [...most, ...chosen.filter((one) => !most.some(({ value }) => value === one)).map(unknown)];
  if (all.length === 0) return null;
  const choose = (code: string, to: string) => {
    const without = (codes: string[]) => codes.filter((one) => one !== code);
    set({
      via: to === 'via' ? [...without(draft.via), code] : without(draft.via),
      avoid: to === 'avoid' ? [...without(draft.avoid), code] : without(draft.avoid),
    });
  };
  return (
    <fieldset>
      <legend className="mb-1 font-semibold">
        <Trans>Where planes are changed</Trans>
      </legend>
      {all.map((one) => (
        <label key={one.value} className="flex min-h-12 items-center gap-3 px-2">
          <span className="figures flex-1">{one.value}</span>
          <Behind one={one} whole={whole} />
          <select
            className="input w-auto! min-w-28"
            value={draft.via.includes(one.value) ? 'via' : draft.avoid.includes(one.value) ? 'avoid' : ''}
            onChange={(event) => choose(one.value, event.target.value)}
          >
            <option value="">{t`may be`}</option>
            <option value="via">{t`only there`}</option>
            <option value="avoid">{t`not there`}</option>
          </select>
        </label>
      ))}
    </fieldset>
  );
}

interface ChoiceProps {
  title: string;
  name: string;
  any: string;
  value: string | undefined;
  set: (value: string | undefined) => void;
  options: Option[];
  /** What a price is with the rest of the trip. */
  whole: Whole | undefined;
}

/** One of several, each with how many flights it leaves and the lowest price among them. */
function Choice({ title, name, any, value, set, options, whole }: ChoiceProps) {
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
          <Behind one={one} whole={whole} />
        </label>
      ))}
    </fieldset>
  );
}
