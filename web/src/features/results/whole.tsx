import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, type Schemas } from '../../api/client';
import { offer, useLocale } from '../../api/hooks';
import { type Money, total } from '../../lib/money';
import { formatDay } from '../../lib/time';
import { City } from '../../ui/journey';
import { Notice, Price, Skeleton } from '../../ui/parts';
import type { ResultsState } from './state';

type Rest = Schemas['TripAnswer'];

/** What a trip of several flights costs besides the one that is looked for now. */
export interface Whole {
  /** Undefined while it is asked for, and where it cannot be told: then a price is that of one flight, and says so. */
  besides: Money | undefined;
  isAsking: boolean;
  /** Flights are still to be chosen after this one: at their lowest price, which may be to be had beside another flight only. */
  isLeast: boolean;
  chosen: Money | undefined;
  /** What was found for the flights after this one. */
  rest: Rest | undefined;
}

const STALE_MS = 120_000;

/** The price of all that was chosen and the lowest of all that is still to come; undefined for a trip of one flight. */
export function useWhole(state: ResultsState, index: number): Whole | undefined {
  const client = useQueryClient();
  const { legs, chosen: ids, adults, children, infants, cabin, filters } = state;
  const later = legs.slice(index + 1);
  const chosen = useQuery({
    queryKey: ['chosen', ids],
    queryFn: async () => {
      const offers = await Promise.all(ids.map((id) => client.ensureQueryData(offer(id))));
      return total(offers.map((one) => one.price)) ?? null;
    },
    enabled: ids.length > 0,
    staleTime: STALE_MS,
    retry: false,
  });
  // What narrows this list says nothing of the lists after it, but for what the fare has to have.
  const body = {
    slices: later.map(({ from, to, on }) => ({ origin: from, destination: to, date: on })),
    ...{ adults, children, infants, cabin, limit: 1 },
    ...(filters.bag && { bag: true }),
    ...(filters.refundable && { refundable: true }),
  };
  const rest = useQuery({
    queryKey: ['search', 'rest', body],
    queryFn: () => ask(api.POST('/api/v1/search', { body })),
    enabled: later.length > 0,
    staleTime: STALE_MS,
  });
  if (legs.length === 1) return undefined;
  const parts = [ids.length > 0 && chosen.data, later.length > 0 && rest.data?.cheapest_total].filter(
    (one) => one !== false,
  );
  const known = parts.filter((one): one is Money => Boolean(one));
  const isAsking = (ids.length > 0 && chosen.isLoading) || (later.length > 0 && rest.isLoading);
  return {
    besides: known.length === parts.length ? total(known) : undefined,
    isAsking,
    isLeast: later.length > 0,
    chosen: chosen.data ?? undefined,
    rest: rest.data,
  };
}

/** An amount of this flight with everything that is bought beside it. */
export const withRest = (money: Money, whole: Whole | undefined): Money =>
  whole?.besides ? { ...money, amount: money.amount + whole.besides.amount } : money;

/** What a flight costs: all of the trip, where it has more than one. */
export function WholePrice({ money, whole, className }: { money: Money; whole: Whole | undefined; className: string }) {
  if (!whole)
    return (
      <p className={className}>
        <Price money={money} short />
      </p>
    );
  if (whole.isAsking) return <Skeleton className="h-17 w-40" />;
  return (
    <div>
      <p className={className}>
        {whole.isLeast && whole.besides ? (
          <Trans>
            <small className="text-base font-normal">from</small> <Price money={withRest(money, whole)} short />
          </Trans>
        ) : (
          <Price money={withRest(money, whole)} short />
        )}
      </p>
      <p className="text-sm text-soft">
        {whole.besides ? (
          <>
            <Trans>whole trip, all travellers</Trans>
            <span className="block">
              <Trans>
                this flight: <Price money={money} short />
              </Trans>
            </span>
          </>
        ) : (
          <Trans>this flight alone, all travellers</Trans>
        )}
      </p>
    </div>
  );
}

interface NoRestProps {
  state: ResultsState;
  index: number;
  rest: Rest;
  withDay: (index: number, on: string) => void;
}

/** A later flight that is not to be had is told before one is chosen that would need it. */
export function NoRest({ state, index, rest, withDay }: NoRestProps) {
  const locale = useLocale();
  if (rest.cheapest_total) return null;
  const missing = rest.slices.findIndex((slice) => slice.itineraries.length === 0);
  const at = index + 1 + Math.max(missing, 0);
  const leg = state.legs[at];
  if (!leg) return null;
  return (
    <Notice tone="note">
      <p className="font-semibold">
        {missing < 0 ? (
          <Trans>The flights after this one do not follow one another on those days.</Trans>
        ) : (
          <Trans>
            On {formatDay(leg.on, locale)} nothing flies <City code={leg.from} /> → <City code={leg.to} /> for all of
            you.
          </Trans>
        )}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        {rest.slices[missing]?.nearest_dates.map((day) => (
          <button key={day.date} type="button" className="btn btn-quiet" onClick={() => withDay(at, day.date)}>
            {formatDay(day.date, locale)}
          </button>
        ))}
      </div>
    </Notice>
  );
}
