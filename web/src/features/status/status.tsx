import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { addDays, formatDay, today } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { Icon } from '../../ui/icons';
import { Skeleton, Stale, Trouble } from '../../ui/parts';
import { List, One, type Seen, useNewsOf } from './flights';
import { LookUp } from './form';
import { type Asked, isComplete, readAsked, writeAsked } from './state';

/** So many pages of a hundred are read: no route has as many flights in a day. */
const MOST_PAGES = 5;

/** The flights that are looked up, in the order they leave; the API lists them by their numbers, page by page. */
const flightsOf = (asked: Asked) => {
  const { by, number, from, to, on } = asked;
  const which = by === 'number' ? { flight_number: number } : { origin: from, destination: to };
  return queryOptions({
    queryKey: ['flights', on, which],
    queryFn: async (): Promise<Seen[]> => {
      const all: Schemas['FlightView'][] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const query = { date: on, ...which, limit: 100, ...(cursor ? { cursor } : {}) };
        const list = await ask(api.GET('/api/v1/flights', { params: { query } }));
        all.push(...list.flights);
        if (!list.next_cursor) break;
        cursor = list.next_cursor;
      }
      return all.sort((one, other) => Date.parse(one.departs_at) - Date.parse(other.departs_at));
    },
    enabled: isComplete(asked),
  });
};

/** How flights stand, for whoever flies, fetches somebody or waits: by number or by route, for nobody in particular. */
export default function Status() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const asked = readAsked(useSearch({ strict: false }), today());
  useTitle(t`Flight status`);
  return (
    <div className="page max-w-3xl pt-8">
      <h1 className="display mb-2 text-4xl">
        <Trans>Flight status</Trans>
      </h1>
      <p className="mb-6 text-soft">
        <Trans>On time, late or cancelled, and from which gate. It changes here while you look.</Trans>
      </p>
      <LookUp
        asked={asked}
        look={(next) => void navigate({ to: '/status', search: writeAsked(next), resetScroll: false })}
      />
      {isComplete(asked) ? <Found asked={asked} /> : null}
    </div>
  );
}

function Found({ asked }: { asked: Asked }) {
  const query = useQuery(flightsOf(asked));
  const flights = query.data;
  useNewsOf(flights ?? [], flightsOf(asked).queryKey);
  const key = JSON.stringify(asked);
  return (
    <section className="mt-8" aria-labelledby="found">
      <Days asked={asked} />
      <p role="status" className="mb-3 min-h-6 text-soft">
        {flights && <Plural value={flights.length} _0="No flight found." one="# flight" other="# flights" />}
      </p>
      {isLost(query) ? (
        <Trouble error={query.error} retry={() => query.refetch()} />
      ) : !flights ? (
        <Skeleton className="h-72" />
      ) : (
        <>
          <Stale of={query} />
          {flights.length === 0 ? (
            <None asked={asked} />
          ) : asked.by === 'number' ? (
            <div className="space-y-5">
              {flights.map((flight) => (
                <One key={flight.id} flight={flight} />
              ))}
            </div>
          ) : (
            <List key={key} flights={flights} at={query.dataUpdatedAt} on={asked.on} />
          )}
        </>
      )}
    </section>
  );
}

/** The day that is shown, between the one before and the one after: whoever waits at night looks for either. */
function Days({ asked }: { asked: Asked }) {
  const locale = useLocale();
  const day = (days: number) => writeAsked({ ...asked, on: addDays(asked.on, days) });
  return (
    <div className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <h2 id="found" className="text-2xl">
        {asked.by === 'number' ? asked.number : `${asked.from} → ${asked.to}`} · {formatDay(asked.on, locale)}
      </h2>
      <p className="flex gap-2">
        <Link to="/status" search={day(-1)} resetScroll={false} className="btn btn-quiet">
          <Icon name="back" className="size-5 rtl:-scale-x-100" />
          <Trans>Day before</Trans>
        </Link>
        <Link to="/status" search={day(1)} resetScroll={false} className="btn btn-quiet">
          <Trans>Day after</Trans>
          <Icon name="next" className="size-5 rtl:-scale-x-100" />
        </Link>
      </p>
    </div>
  );
}

function None({ asked }: { asked: Asked }) {
  return (
    <div className="panel p-8 text-center">
      <Icon name="search" className="mx-auto mb-3 size-10 text-brand" />
      <p className="text-soft">
        {asked.by === 'number' ? (
          <Trans>{asked.number} does not leave on that day. It counts where it leaves; look at the number too.</Trans>
        ) : (
          <Trans>
            Nothing flies nonstop from {asked.from} to {asked.to} on that day. It counts where it leaves.
          </Trans>
        )}
      </p>
    </div>
  );
}
