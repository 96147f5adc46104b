import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useLocale, usePlace } from '../api/hooks';
import { clock, dayOf, daysBetween, formatDay, formatMinutes, minutesBetween } from '../lib/time';
import { FlightLine } from './flight-line';

/** What a search, an offer and a booking all say of one flight. */
export interface Flight {
  flight_number: string;
  origin: string;
  destination: string;
  departs_at: string;
  arrives_at: string;
  duration_minutes?: number;
  cabin?: string;
}

export function City({ code }: { code: string }) {
  return <>{usePlace(code)?.city ?? code}</>;
}

const flown = (flight: Flight) => flight.duration_minutes ?? minutesBetween(flight.departs_at, flight.arrives_at);

/** Flights in the air and on the ground between them. */
export function legsOf(flights: Flight[]) {
  return flights.map((flight, index) => {
    const before = flights[index - 1];
    return { minutes: flown(flight), wait: before ? minutesBetween(before.arrives_at, flight.departs_at) : 0 };
  });
}

function LaterDay({ from, to }: { from: string; to: string }) {
  const { t } = useLingui();
  const days = daysBetween(dayOf(from), dayOf(to));
  if (days === 0) return null;
  return (
    <sup className="ms-0.5 text-sm font-semibold text-kesar-ink">
      <span aria-hidden="true">{days > 0 ? `+${days}` : days}</span>
      <span className="sr-only">
        {' '}
        {days > 0 ? <Plural value={days} one="# day later" other="# days later" /> : t`the day before`}
      </span>
    </sup>
  );
}

/** A journey in one look: when, from where, how long, where it stops. */
export function JourneyLine({ flights }: { flights: Flight[] }) {
  const locale = useLocale();
  const [first, last] = [flights[0], flights[flights.length - 1]];
  if (!first || !last) return null;
  const minutes = minutesBetween(first.departs_at, last.arrives_at);
  const stops = flights.slice(1).map((flight) => flight.origin);
  return (
    <div className="grid grid-cols-[auto_1fr_auto] items-center gap-x-4">
      <p className="figures text-2xl leading-none font-semibold sm:text-3xl">
        <time dateTime={first.departs_at}>{clock(first.departs_at)}</time>
      </p>
      <FlightLine flights={legsOf(flights)} />
      <p className="figures text-2xl leading-none font-semibold sm:text-3xl">
        <time dateTime={last.arrives_at}>{clock(last.arrives_at)}</time>
        <LaterDay from={first.departs_at} to={last.arrives_at} />
      </p>
      <p className="mt-1 text-soft">{first.origin}</p>
      <p className="mt-1 text-center text-sm text-soft">
        {formatMinutes(minutes, locale)}
        {' · '}
        {stops.length === 0 ? <Trans>nonstop</Trans> : <Plural value={stops.length} one="# stop" other="# stops" />}
        {stops.length > 0 && ` ${stops.join(', ')}`}
      </p>
      <p className="mt-1 text-end text-soft">{last.destination}</p>
    </div>
  );
}

/** Every flight and every wait of a journey, in their order. */
export function Timeline({ flights }: { flights: Flight[] }) {
  const locale = useLocale();
  const waits = legsOf(flights);
  return (
    <ol className="border-s-[3px] border-kesar ps-5">
      {flights.map((flight, index) => (
        <li key={flight.flight_number + flight.departs_at} className="pb-5 last:pb-0">
          {index > 0 && (
            <p className="mb-5 rounded-xl bg-sunk px-3 py-2 text-sm">
              <Trans>
                {formatMinutes(waits[index]?.wait ?? 0, locale)} to change in <City code={flight.origin} />
              </Trans>
            </p>
          )}
          <p className="relative before:absolute before:-start-[1.7rem] before:top-1.5 before:size-3 before:rounded-full before:border-[3px] before:border-kesar before:bg-card">
            <b className="figures font-semibold">{clock(flight.departs_at)}</b> <City code={flight.origin} /> (
            {flight.origin})
          </p>
          <p className="my-1 text-sm text-soft">
            {flight.flight_number} · {formatDay(dayOf(flight.departs_at), locale)} ·{' '}
            {formatMinutes(flown(flight), locale)}
          </p>
          <p className="relative before:absolute before:-start-[1.7rem] before:top-1.5 before:size-3 before:rounded-full before:bg-kesar">
            <b className="figures font-semibold">{clock(flight.arrives_at)}</b>
            <LaterDay from={flight.departs_at} to={flight.arrives_at} /> <City code={flight.destination} /> (
            {flight.destination})
          </p>
        </li>
      ))}
    </ol>
  );
}
