import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { fliersOf } from '../../api/booking';
import { isLost, type Schemas } from '../../api/client';
import { searchPage, searchParams, useLocale } from '../../api/hooks';
import { formatMoney } from '../../lib/money';
import type { Query } from '../../lib/search';
import { formatDay, isDay } from '../../lib/time';
import { DayBars } from '../../ui/day-bars';
import { Icon } from '../../ui/icons';
import { City, JourneyLine } from '../../ui/journey';
import { More } from '../../ui/more';
import { Field, Price, Skeleton, Stale, Trouble } from '../../ui/parts';
import type { Booking, Slice } from './change';

interface FlightsProps {
  booking: Booking;
  slice: Slice;
  /** Which of how many ways that are changed at once. */
  at: [index: number, of: number];
  on: string;
  /** No day before this one. */
  from: string;
  setDay: (day: string) => void;
  choose: (offer: string) => void;
  /** To the way before. */
  back: (() => void) | undefined;
}

/** Flights of a day for those who fly this way, with what they cost anew; what is paid for already is counted in the next step. */
export function Flights({ booking, slice, at: [index, of], on, from, setDay, choose, back }: FlightsProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const [first, last] = [slice.flights[0], slice.flights.at(-1)];
  const fliers = fliersOf(booking, slice);
  const count = (type: string) => fliers.filter((one) => one.type === type).length;
  const query: Query = {
    legs: [{ from: first?.origin ?? '', to: last?.destination ?? '', on }],
    adults: count('adult'),
    children: count('child'),
    infants: count('infant'),
    cabin: first?.cabin ?? 'economy',
  };
  const params = searchParams(query, 0, { sort: 'best' });
  const list = useInfiniteQuery({
    queryKey: ['search', params],
    queryFn: ({ pageParam }) => searchPage(params, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 60_000,
  });
  const families = list.data?.pages[0]?.fare_families ?? [];
  const now = slice.flights.map((one) => one.flight_id).join();
  const rows = (list.data?.pages.flatMap((page) => page.itineraries) ?? []).filter(
    (one) => one.segments.map((each) => each.flight_id).join() !== now,
  );
  return (
    <>
      {of > 1 && (
        <p className="font-semibold text-kesar-ink">
          <Trans>
            Flight {index + 1} of {of}
          </Trans>
        </p>
      )}
      <h1 className="display text-3xl sm:text-4xl">
        <City code={first?.origin ?? ''} /> <span className="text-kesar">→</span>{' '}
        <City code={last?.destination ?? ''} />
      </h1>
      <section aria-label={t`Your flight until now`} className="mt-4 rounded-2xl bg-sunk p-4">
        <p className="mb-2 text-sm text-soft">
          <Trans>Until now: {formatDay(first?.departs_at.slice(0, 10) ?? '', locale)}</Trans>
        </p>
        <JourneyLine flights={slice.flights} />
      </section>
      <DayBars query={query} index={0} choose={setDay} from={from} />
      <div className="mt-4 flex flex-wrap items-end justify-between gap-3">
        <Day on={on} from={from} set={setDay} />
        {back && (
          <button type="button" className="btn btn-quiet" onClick={back}>
            <Icon name="back" className="size-4 rtl:-scale-x-100" />
            <Trans>The flight before</Trans>
          </button>
        )}
      </div>
      <p role="status" className="mt-4 mb-2 text-sm text-soft">
        {list.data && (
          <>
            <Plural value={rows.length} one="# way to get there" other="# ways to get there" />
            {' · '}
            <Trans>what they cost anew, for all of you; the next step counts what you paid</Trans>
          </>
        )}
      </p>
      {isLost(list) ? <Trouble error={list.error} retry={() => list.refetch()} /> : <Stale of={list} />}
      {list.isPending && !list.isPaused && <Skeleton className="h-64" />}
      {list.data && rows.length === 0 && (
        <p className="panel p-6 text-center text-soft">
          <Trans>No other flights on this day. Try the days around it.</Trans>
        </p>
      )}
      <ul className="space-y-3">
        {rows.map((one) => (
          <li key={one.segments.map((each) => each.flight_id).join()}>
            <Row itinerary={one} families={families} choose={choose} />
          </li>
        ))}
      </ul>
      <More list={list}>
        <Trans>Show more flights</Trans>
      </More>
    </>
  );
}

/** Longer than between two digits. */
const PAUSE_MS = 800;

/** A day that is typed or chosen: it counts when it is whole, as the first digit of a day is a day too. */
function Day({ on, from, set }: { on: string; from: string; set: (day: string) => void }) {
  const { t } = useLingui();
  const [typed, setTyped] = useState(on);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setTyped(on), [on]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const take = (day: string) => {
    clearTimeout(timer.current);
    if (day !== on && isDay(day) && day >= from) set(day);
  };
  return (
    <Field
      label={t`Another day`}
      type="date"
      className="w-60 max-w-full"
      min={from}
      value={typed}
      onChange={({ target: { value } }) => {
        setTyped(value);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => take(value), PAUSE_MS);
      }}
      onBlur={() => take(typed)}
      onKeyDown={(event) => event.key === 'Enter' && take(typed)}
    />
  );
}

interface RowProps {
  itinerary: Schemas['ItineraryView'];
  families: Schemas['FareFamily'][];
  choose: (offer: string) => void;
}

function Row({ itinerary, families, choose }: RowProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const numbers = itinerary.segments.map((one) => one.flight_number).join(', ');
  return (
    <article className="panel p-4 sm:p-5">
      <h2 className="sr-only">{numbers}</h2>
      <JourneyLine flights={itinerary.segments} />
      <p className="mt-1 text-sm text-soft">{numbers}</p>
      <ul className="mt-3 flex flex-wrap gap-2">
        {itinerary.fare_families.map((one) => {
          const name = families.find((each) => each.code === one.fare_family)?.name ?? one.fare_family;
          return (
            <li key={one.fare_family} className="max-sm:w-full">
              <button
                type="button"
                className="btn btn-quiet w-full justify-between"
                aria-label={t`${name} ${formatMoney(one.price, locale, true)}, ${numbers}`}
                onClick={() => choose(one.offer_id)}
              >
                <span>{name}</span> <Price money={one.price} short />
              </button>
            </li>
          );
        })}
      </ul>
    </article>
  );
}
