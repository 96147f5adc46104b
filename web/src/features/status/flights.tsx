import { Trans, useLingui } from '@lingui/react/macro';
import { type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { isLost, type Schemas } from '../../api/client';
import { flightStatus, useLocale } from '../../api/hooks';
import { useLive } from '../../api/use-live';
import { useEdges } from '../../api/use-news';
import { edgesOf } from '../../lib/edges';
import { clock, clockBeside, dayOf, formatDay } from '../../lib/time';
import { City, JourneyLine } from '../../ui/journey';
import { LiveChip } from '../../ui/live-chip';
import { useFlightNames } from '../../ui/names';
import Now, { TONES } from '../../ui/now';
import { Notice, Tag, Trouble } from '../../ui/parts';

export type Seen = Schemas['FlightView'];

/** A socket listens to so many of a list; the others are asked about with them. */
const MOST_TOPICS = 60;

/** Asks again for what is shown of the flights: when something happened to one, and when the clock has changed what it does. */
export function useNewsOf(flights: Seen[], list: QueryKey): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const again = (cancelRefetch: boolean) => {
    void client.invalidateQueries({ queryKey: list }, { cancelRefetch });
    for (const { id } of flights)
      void client.invalidateQueries({ queryKey: flightStatus(id).queryKey }, { cancelRefetch });
  };
  useLive(
    flights.slice(0, MOST_TOPICS).map(({ id }) => `flight:${id}`),
    () => {
      // Who comes to a list, or back to it, hears of each of its flights at once: that is one question.
      clearTimeout(timer.current);
      timer.current = setTimeout(again, 50, true);
    },
  );
  const times = flights.map((one) => ({ estimated_departs_at: one.departs_at, estimated_arrives_at: one.arrives_at }));
  const leaves = flights.filter((one) => one.status !== 'cancelled').map((one) => Date.parse(one.departs_at));
  useEdges(times.flatMap(edgesOf), leaves, () => again(false));
}

/** One flight: what it does now, above its schedule. */
export function One({ flight }: { flight: Seen }) {
  const locale = useLocale();
  const status = useQuery(flightStatus(flight.id));
  const does = status.data?.status ?? flight.status;
  return (
    <article className="panel p-5 shadow-card">
      <div className="mb-4 flex flex-wrap items-baseline justify-between gap-2">
        <h3 className="text-xl">
          <City code={flight.origin} /> → <City code={flight.destination} />
        </h3>
        <p className="text-soft">{formatDay(dayOf(flight.departs_at), locale)}</p>
      </div>
      {does === 'cancelled' && (
        <div className="mb-4">
          <Notice tone="bad">
            <p className="font-semibold">
              <Trans>This flight does not fly.</Trans>
            </p>
            <p>
              <Trans>
                If you are on it, your trip has other flights or the money:{' '}
                <Link to="/trips" className="font-semibold underline">
                  My trips
                </Link>
              </Trans>
            </p>
          </Notice>
        </div>
      )}
      {isLost(status) ? <Trouble error={status.error} retry={() => status.refetch()} /> : <Now id={flight.id} />}
      <p className="mt-4 mb-1 text-sm text-soft">
        <Trans>As scheduled</Trans>
      </p>
      <JourneyLine flights={[flight]} />
    </article>
  );
}

interface ListProps {
  flights: Seen[];
  at: number;
  on: string;
}

/** The flights of a route in the order they leave; what changes while one looks is marked in its place and said once. */
export function List({ flights, at, on }: ListProps) {
  const names = useFlightNames();
  const { t } = useLingui();
  const news = useChanged(flights);
  const said = flights
    .filter((one) => news.includes(one.id))
    .map((one) => [one.flight_number, names[one.status] ?? one.status, one.gate && t`gate ${one.gate}`]);
  return (
    <>
      <div className="mb-3 flex min-h-6 flex-wrap items-center justify-between gap-x-4">
        <p role="status" className="text-sm font-semibold">
          {said.length > 0 && (
            <>
              <Trans>New:</Trans> {said.map((parts) => parts.filter(Boolean).join(', ')).join('; ')}
            </>
          )}
        </p>
        <LiveChip at={at} />
      </div>
      <ul className="panel divide-y divide-edge overflow-hidden">
        {flights.map((flight) => (
          <li key={flight.id} className={news.includes(flight.id) ? 'bg-kesar-tint' : ''}>
            <Row flight={flight} on={on} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** Those that stand otherwise than when they were seen first. */
function useChanged(flights: Seen[]): string[] {
  const first = useRef(new Map<string, string>());
  const stands = ({ status, gate }: Seen) => `${status} ${gate ?? ''}`;
  for (const one of flights) if (!first.current.has(one.id)) first.current.set(one.id, stands(one));
  return flights.filter((one) => first.current.get(one.id) !== stands(one)).map((one) => one.id);
}

function Row({ flight, on }: { flight: Seen; on: string }) {
  const names = useFlightNames();
  const locale = useLocale();
  const late = flight.status === 'delayed';
  // A list says that a flight is late, and not how much.
  const now = useQuery({ ...flightStatus(flight.id), enabled: late }).data;
  const departs = now && clockBeside(flight.departs_at, now.estimated_departs_at, locale);
  const arrives = now && clockBeside(flight.departs_at, now.estimated_arrives_at, locale);
  return (
    <Link
      to="/status"
      search={{ number: flight.flight_number, on }}
      resetScroll={false}
      className="flex min-h-16 flex-wrap items-center gap-x-5 gap-y-1 px-5 py-3 hover:bg-tint"
    >
      <span className="figures text-xl font-semibold">
        {clock(flight.departs_at)} – {clockBeside(flight.departs_at, flight.arrives_at, locale)}
      </span>
      <span className="me-auto">
        <span className="font-semibold">{flight.flight_number}</span>
        {flight.gate && (
          <span className="ms-3">
            <Trans>Gate {flight.gate}</Trans>
          </span>
        )}
        {late && departs && (
          <span className="figures ms-3 font-semibold text-bad">
            <Trans>
              now {departs} – {arrives}
            </Trans>
          </span>
        )}
      </span>
      <Tag tone={TONES[flight.status] ?? 'plain'}>{names[flight.status] ?? flight.status}</Tag>
    </Link>
  );
}
