import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { lazy, Suspense, useState } from 'react';
import { useLocale, usePlace } from '../../api/hooks';
import { asKind, type Kind, kindOf, type Leg, MOST_LEGS, type Query } from '../../lib/search';
import { formatDay } from '../../lib/time';
import { Icon } from '../../ui/icons';
import { useCabinNames } from '../../ui/names';

const AirportDialog = lazy(() => import('../../ui/airport-dialog'));
const DateDialog = lazy(() => import('./date-dialog'));
const PartyDialog = lazy(() => import('./party-dialog'));

interface FormProps {
  query: Query;
  change: (query: Query) => void;
  submit: () => void;
  /** Whether somebody has tried to search: what is missing is said from then on. */
  asked: boolean;
}

type Open = { what: 'from' | 'to' | 'date'; leg: number } | { what: 'party' } | undefined;

/** What is looked for. Nothing is sent before the button is pressed; every change stands in the address. */
export function SearchForm({ query, change, submit, asked }: FormProps) {
  const { t } = useLingui();
  const [open, setOpen] = useState<Open>();
  const [shape, setShape] = useState<Kind>();
  const kind = shape === 'multi' && query.legs.length > 1 ? 'multi' : kindOfForm(query.legs);
  const setLegs = (legs: Leg[]) => change({ ...query, legs });
  const setLeg = (index: number, leg: Partial<Leg>) => {
    const legs = query.legs.map((one, at) => (at === index ? { ...one, ...leg } : one));
    setLegs(kind === 'return' ? mirrored(legs) : legs);
  };
  const close = () => setOpen(undefined);
  const kinds: [Kind, string][] = [
    ['return', t`Return`],
    ['one-way', t`One way`],
    ['multi', t`Several cities`],
  ];
  const shown = kind === 'multi' ? query.legs : query.legs.slice(0, 1);
  return (
    <form
      className="panel p-4 shadow-card sm:p-6"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <fieldset className="mb-4 flex flex-wrap gap-1 max-[380px]:gap-0">
        <legend className="sr-only">
          <Trans>Kind of trip</Trans>
        </legend>
        {kinds.map(([value, name]) => (
          <label
            key={value}
            className="inline-flex min-h-11 cursor-pointer items-center rounded-full px-3 font-semibold text-soft max-[380px]:px-2.5 sm:px-4 has-checked:bg-tint has-checked:text-ink has-focus-visible:outline-3 has-focus-visible:outline-ring"
          >
            <input
              type="radio"
              name="kind"
              className="sr-only"
              checked={kind === value}
              onChange={() => {
                setShape(value);
                setLegs(asKind(query.legs, value));
              }}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <div className="space-y-3">
        {shown.map((leg, index) => (
          <LegRow
            key={index}
            leg={leg}
            back={kind === 'return' ? query.legs[1]?.on : undefined}
            asked={asked}
            open={(what) => setOpen({ what, leg: index })}
            swap={() => setLeg(index, { from: leg.to, to: leg.from })}
            remove={
              kind === 'multi' && query.legs.length > 2
                ? () => setLegs(query.legs.filter((_, at) => at !== index))
                : undefined
            }
          />
        ))}
      </div>
      <div className="mt-3 flex flex-wrap items-stretch gap-3">
        {kind === 'multi' && query.legs.length < MOST_LEGS && (
          <button
            type="button"
            className="btn btn-text"
            onClick={() => setLegs([...query.legs, { from: query.legs.at(-1)?.to ?? '', to: '', on: '' }])}
          >
            <Icon name="plus" />
            <Trans>Another flight</Trans>
          </button>
        )}
        <PartyButton query={query} open={() => setOpen({ what: 'party' })} />
        <button
          type="submit"
          className="btn btn-main min-h-14 flex-1 px-8 text-lg max-sm:w-full sm:ms-auto sm:max-w-60"
        >
          <Icon name="search" />
          <Trans>Search</Trans>
        </button>
      </div>
      <Suspense>
        {open?.what === 'from' || open?.what === 'to' ? (
          <AirportDialog
            title={open.what === 'from' ? t`Where from?` : t`Where to?`}
            close={close}
            choose={(code) => {
              setLeg(open.leg, { [open.what]: code });
              close();
            }}
          />
        ) : open?.what === 'date' ? (
          <DateDialog
            query={query}
            leg={open.leg}
            isReturn={kind === 'return'}
            close={close}
            choose={(on, back) => {
              const legs = query.legs.map((one, at) => {
                if (at === open.leg) return { ...one, on };
                return kind === 'return' && at === 1 ? { ...one, on: back ?? one.on } : one;
              });
              setLegs(legs);
              close();
            }}
          />
        ) : open?.what === 'party' ? (
          <PartyDialog query={query} change={change} close={close} />
        ) : null}
      </Suspense>
    </form>
  );
}

/** An empty trip of two legs is a return trip. */
const kindOfForm = (legs: Leg[]): Kind =>
  legs.length === 2 && legs.every((leg) => !leg.to && !leg.from) ? 'return' : kindOf(legs);

const mirrored = ([out, back]: Leg[]): Leg[] => (out ? [out, { from: out.to, to: out.from, on: back?.on ?? '' }] : []);

const BOX =
  'flex min-h-16 w-full items-center gap-3 rounded-2xl border-[1.5px] border-field bg-card px-4 py-2 text-start hover:border-brand hover:bg-tint/50 aria-[invalid=true]:border-bad';

interface LegRowProps {
  leg: Leg;
  back: string | undefined;
  asked: boolean;
  open: (what: 'from' | 'to' | 'date') => void;
  swap: () => void;
  remove: (() => void) | undefined;
}

function LegRow({ leg, back, asked, open, swap, remove }: LegRowProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const day = (on: string) => (on ? formatDay(on, locale) : t`Choose`);
  const dates = back === undefined || !leg.on ? day(leg.on) : `${day(leg.on)} – ${day(back)}`;
  const missing = asked && (!leg.on || back === '');
  return (
    <div
      className={`relative grid gap-3 ${remove ? 'md:grid-cols-[1fr_1fr_1.1fr_auto]' : 'md:grid-cols-[1fr_1fr_1.1fr]'}`}
    >
      <div className="relative grid gap-3 md:col-span-2 md:grid-cols-2">
        <End label={t`From`} code={leg.from} wrong={asked && !leg.from} open={() => open('from')} />
        <button
          type="button"
          onClick={swap}
          aria-label={t`Swap from and to`}
          className="absolute end-4 top-1/2 z-10 grid size-11 -translate-y-1/2 place-items-center rounded-full border-[1.5px] border-field bg-card hover:bg-tint max-md:rotate-90 md:start-1/2 md:end-auto md:-translate-x-1/2 md:rtl:translate-x-1/2"
        >
          <Icon name="swap" />
        </button>
        <End
          label={t`To`}
          code={leg.to}
          wrong={asked && (!leg.to || leg.to === leg.from)}
          open={() => open('to')}
          inset
        />
      </div>
      <button type="button" className={BOX} aria-invalid={missing || undefined} onClick={() => open('date')}>
        <Icon name="calendar" className="size-6 text-soft" />
        <span className="min-w-0">
          <span className="block text-sm text-soft">
            {back === undefined ? <Trans>Date</Trans> : <Trans>Dates</Trans>}
          </span>
          <span className="block font-semibold">{dates}</span>
          {missing && <Missing />}
        </span>
      </button>
      {remove && (
        <button type="button" className="btn btn-text" onClick={remove} aria-label={t`Remove this flight`}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

function Missing() {
  return (
    <span className="block text-sm font-semibold text-bad">
      <Trans>Needed to search</Trans>
    </span>
  );
}

interface EndProps {
  label: string;
  code: string;
  wrong: boolean;
  open: () => void;
  inset?: boolean;
}

function End({ label, code, wrong, open, inset = false }: EndProps) {
  const { t } = useLingui();
  const place = usePlace(code);
  return (
    <button
      type="button"
      className={`${BOX} pe-14 md:pe-7 ${inset ? 'md:ps-9' : ''}`}
      aria-invalid={wrong || undefined}
      onClick={open}
    >
      <Icon name="pin" className="size-6 text-soft" />
      <span className="min-w-0">
        <span className="block text-sm text-soft">{label}</span>
        <span className="block truncate font-semibold">
          {code ? `${place?.city ?? code} ${place ? code : ''}` : t`City or airport`}
        </span>
        {wrong && <Missing />}
      </span>
    </button>
  );
}

function PartyButton({ query, open }: { query: Query; open: () => void }) {
  const cabins = useCabinNames();
  const people = query.adults + query.children + query.infants;
  return (
    <button type="button" className={`${BOX} min-h-14! sm:w-auto`} onClick={open}>
      <Icon name="people" className="size-6 text-soft" />
      <span className="font-semibold">
        <Plural value={people} one="# traveller" other="# travellers" /> · {cabins[query.cabin]}
      </span>
    </button>
  );
}
