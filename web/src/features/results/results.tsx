import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue, useState } from 'react';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { searchPage, searchParams, useLocale } from '../../api/hooks';
import { extraPart } from '../../lib/later-part';
import { isComplete, type Query, writeQuery } from '../../lib/search';
import { formatDay, formatMinutes } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { DayBars } from '../../ui/day-bars';
import { Icon } from '../../ui/icons';
import { City } from '../../ui/journey';
import { More } from '../../ui/more';
import { useCabinNames } from '../../ui/names';
import { Notice, Price, Skeleton, Stale, Trouble } from '../../ui/parts';
import { JourneyCard } from './card';
import { countFilters, NO_FILTERS, type ResultsState, readResults, type Sort, wanted, writeResults } from './state';
import { NoRest, useWhole, type Whole, withRest } from './whole';

const FiltersDialog = lazy(() => import('./filters'));
const PriceStrip = extraPart(() => import('./price-strip'));

type Page = Schemas['SearchAnswer'];

/** Cards that are drawn at once, more than fit on a telephone. All of them together were the longest task of the page. */
const AT_ONCE = 4;

export default function Results() {
  const raw = useSearch({ strict: false });
  const state = readResults(raw);
  if (!isComplete(state)) return <Unfinished />;
  // Another leg is another list: nothing of the one before may stay.
  return <Leg key={`${state.chosen.length}`} state={state} />;
}

function Unfinished() {
  return (
    <div className="page max-w-xl py-16 text-center">
      <h1 className="display mb-4 text-3xl">
        <Trans>This search is missing something</Trans>
      </h1>
      <Link to="/" className="btn btn-main">
        <Trans>Fill it in</Trans>
      </Link>
    </div>
  );
}

function Leg({ state }: { state: ResultsState }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [filtering, setFiltering] = useState(false);
  const index = Math.min(state.chosen.length, state.legs.length - 1);
  const leg = state.legs[index] ?? { from: '', to: '', on: '' };
  const params = searchParams(state, index, wanted(state));
  const list = useInfiniteQuery({
    queryKey: ['search', params],
    queryFn: ({ pageParam }) => searchPage(params, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 120_000,
  });
  useTitle(`${leg.from} – ${leg.to}`);
  const go = (next: ResultsState) => void navigate({ to: '/results', search: writeResults(next), resetScroll: false });
  const choose = useChoose(state);
  const whole = useWhole(state, index);
  const first = list.data?.pages[0];
  const rows = list.data?.pages.flatMap((page) => page.itineraries) ?? [];
  const drawn = Math.max(useDeferredValue(rows.length), AT_ONCE);
  const set = countFilters(state.filters);
  return (
    <div className="page pt-5">
      <Summary state={state} index={index} whole={whole} />
      <DayBars
        query={state}
        index={index}
        choose={(on) => go(withDay(state, index, on))}
        isPart={whole !== undefined}
      />
      <Suspense fallback={<Skeleton className="mt-4 h-[3.9rem]" />}>
        <PriceStrip
          key={JSON.stringify([leg, state.cabin])}
          query={state}
          index={index}
          refresh={() => void list.refetch()}
        />
      </Suspense>
      <div className="mt-5 flex flex-wrap items-center gap-2">
        <Sorts
          sort={state.sort}
          isWaiting={list.isPending && !list.isPaused}
          facets={first?.facets ?? undefined}
          whole={whole}
          set={(sort) => go({ ...state, sort })}
        />
        <button type="button" className="btn btn-quiet ms-auto max-sm:w-full" onClick={() => setFiltering(true)}>
          <Icon name="filter" />
          <Trans>Filters</Trans>
          {set > 0 && <span className="figures rounded-full bg-brand px-2 text-on-brand">{set}</span>}
        </button>
      </div>
      <p role="status" className="mt-3 mb-2 text-sm text-soft">
        {first ? <Found page={first} shown={rows.length} /> : list.isPending && !list.isPaused && <Looking />}
      </p>
      {choose.error && <Trouble error={choose.error} retry={() => go({ ...state, chosen: [] })} />}
      {whole?.rest && (
        <NoRest state={state} index={index} rest={whole.rest} withDay={(at, on) => go(withDay(state, at, on))} />
      )}
      {list.isPending && !list.isPaused && <Skeletons />}
      {isLost(list) ? <Trouble error={list.error} retry={() => list.refetch()} /> : <Stale of={list} />}
      {first && rows.length === 0 && <Nothing page={first} state={state} index={index} whole={whole} go={go} />}
      <ul className="space-y-3">
        {rows.slice(0, drawn).map((row) => (
          <li key={row.segments.map((one) => one.flight_id).join()}>
            <JourneyCard
              itinerary={row}
              families={first?.fare_families ?? []}
              party={state}
              whole={whole}
              choose={choose.mutate}
              busy={choose.isPending}
            />
          </li>
        ))}
      </ul>
      <More list={list}>{list.isFetchingNextPage ? t`Loading` : t`Show more flights`}</More>
      {filtering && (
        <Suspense>
          <FiltersDialog
            filters={state.filters}
            facets={first?.facets ?? undefined}
            whole={whole}
            close={() => setFiltering(false)}
            apply={(filters) => {
              setFiltering(false);
              go({ ...state, filters });
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

const withDay = (state: ResultsState, index: number, on: string): ResultsState => ({
  ...state,
  // A later day there is no day before the way back.
  legs: state.legs.map((leg, at) => (at === index || (at > index && leg.on < on) ? { ...leg, on } : leg)),
  filters: { ...state.filters, maxPrice: undefined },
});

/** Takes an offer for this leg: on to the next one, or, with all of them joined, to who flies. */
function useChoose(state: ResultsState) {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (offer: string) => {
      const chosen = [...state.chosen, offer];
      if (chosen.length < state.legs.length) {
        const next = {
          ...state,
          chosen,
          filters: { ...NO_FILTERS, bag: state.filters.bag, refundable: state.filters.refundable },
        };
        return navigate({ to: '/results', search: writeResults(next) });
      }
      const slices = chosen.map((offer_id) => ({ offer_id }));
      const whole =
        chosen.length === 1 ? offer : (await ask(api.POST('/api/v1/offers', { body: { slices } }))).offer_id;
      return navigate({ to: '/book', search: { offer: whole, ...writeQuery(state) } });
    },
  });
}

interface SummaryProps {
  state: ResultsState;
  index: number;
  whole: Whole | undefined;
}

function Summary({ state, index, whole }: SummaryProps) {
  const locale = useLocale();
  const cabins = useCabinNames();
  const leg = state.legs[index];
  const people = state.adults + state.children + state.infants;
  if (!leg) return null;
  return (
    <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
      <div>
        {state.legs.length > 1 && (
          <p className="font-semibold text-kesar-ink">
            <Trans>
              Flight {index + 1} of {state.legs.length}
            </Trans>
          </p>
        )}
        <h1 className="display text-3xl sm:text-4xl">
          <City code={leg.from} /> <span className="text-kesar">→</span> <City code={leg.to} />
        </h1>
        <p className="mt-1 text-soft">
          {formatDay(leg.on, locale)} · <Plural value={people} one="# traveller" other="# travellers" /> ·{' '}
          {cabins[state.cabin]}
        </p>
        {whole?.chosen && (
          <p className="mt-1 font-semibold">
            <Trans>
              Chosen so far: <Price money={whole.chosen} />
            </Trans>
          </p>
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        {index > 0 && (
          <Link
            to="/results"
            search={writeResults({ ...state, chosen: state.chosen.slice(0, -1) })}
            className="btn btn-quiet"
          >
            <Icon name="back" className="size-4 rtl:-scale-x-100" />
            <Trans>The flight before</Trans>
          </Link>
        )}
        <Link to="/" search={writeQuery(state as Query)} className="btn btn-quiet">
          <Trans>Change the search</Trans>
        </Link>
      </div>
    </div>
  );
}

interface SortsProps {
  sort: Sort;
  isWaiting: boolean;
  facets: Schemas['Facets'] | undefined;
  whole: Whole | undefined;
  set: (sort: Sort) => void;
}

function Sorts({ sort, isWaiting, facets, whole, set }: SortsProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const currency = facets?.stops[0]?.cheapest.currency;
  const least =
    facets?.price && currency && !whole?.isAsking ? (
      <Price money={withRest({ amount: facets.price.least, currency }, whole)} short />
    ) : null;
  // As wide as what comes, so that nothing below moves.
  const coming = (width: string) => isWaiting && <Skeleton className={`inline-block h-4 ${width}`} />;
  const all: [Sort, string, React.ReactNode][] = [
    ['best', t`Best`, null],
    ['price', t`Cheapest`, least ?? coming('w-10')],
    ['duration', t`Fastest`, facets?.duration ? formatMinutes(facets.duration.least, locale) : coming('w-14')],
    ['departure', t`Earliest`, null],
  ];
  return (
    <fieldset className="flex max-w-full flex-wrap rounded-2xl bg-sunk p-1">
      <legend className="sr-only">
        <Trans>Order</Trans>
      </legend>
      {all.map(([value, name, note]) => (
        <label
          key={value}
          className="inline-flex min-h-10 cursor-pointer items-center gap-1.5 rounded-xl px-3 font-semibold text-soft has-checked:bg-card has-checked:text-ink has-checked:shadow-sm has-focus-visible:outline-3 has-focus-visible:outline-ring"
        >
          <input type="radio" name="sort" className="sr-only" checked={sort === value} onChange={() => set(value)} />
          {name}
          {note && <span className="font-normal">{note}</span>}
        </label>
      ))}
    </fieldset>
  );
}

function Found({ page, shown }: { page: Page; shown: number }) {
  const total = page.facets?.itineraries ?? shown;
  return (
    <>
      <Plural value={Number(total)} one="# way to get there" other="# ways to get there" />
      {' · '}
      <PricesAre />
    </>
  );
}

/** As long as what comes in its place, so that nothing moves. */
function Looking() {
  return (
    <>
      <Trans>Looking for ways to get there</Trans>
      {' · '}
      <PricesAre />
    </>
  );
}

const PricesAre = () => <Trans>prices for all travellers, taxes included</Trans>;

function Skeletons() {
  return (
    <div className="space-y-3">
      {[0, 1, 2, 3, 4].map((each) => (
        <Skeleton key={each} className="h-36" />
      ))}
    </div>
  );
}

interface NothingProps {
  page: Page;
  state: ResultsState;
  index: number;
  whole: Whole | undefined;
  go: (state: ResultsState) => void;
}

/** What else could be: without the filters, or on another day. */
function Nothing({ page, state, index, whole, go }: NothingProps) {
  const locale = useLocale();
  return (
    <Notice tone="note" icon="search">
      <h2 className="text-xl">
        <Trans>No flights like that on this day</Trans>
      </h2>
      <div className="mt-3 flex flex-wrap gap-2">
        {countFilters(state.filters) > 0 && (
          <button type="button" className="btn btn-quiet" onClick={() => go({ ...state, filters: NO_FILTERS })}>
            <Trans>Clear all filters</Trans>
          </button>
        )}
        {page.nearest_dates.map((day) => (
          <button
            key={day.date}
            type="button"
            className="btn btn-quiet"
            onClick={() => go(withDay(state, index, day.date))}
          >
            {formatDay(day.date, locale)} {day.price && <Price money={withRest(day.price, whole)} short />}
          </button>
        ))}
      </div>
    </Notice>
  );
}
