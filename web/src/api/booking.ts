import { minutesBetween } from '../lib/time';
import type { Schemas } from './client';

type Booking = Schemas['BookingView'];
export type Way = Booking['slices'][number] & { flights: Booking['segments'] };

/** Who flies a way: whoever gave their ticket for it back does not. */
export function fliersOf({ passengers, coupons }: Pick<Booking, 'passengers' | 'coupons'>, way: Pick<Way, 'flights'>) {
  const tickets = coupons.filter((one) => way.flights.some((flight) => flight.segment === one.segment));
  return passengers.filter(
    ({ passenger }) =>
      tickets.length === 0 || tickets.some((one) => one.passenger === passenger && !OVER.includes(one.status)),
  );
}

const OVER = ['exchanged', 'refunded', 'void'];

/**
 * The ways of a booking, in the order they are flown. Flights whose tickets were exchanged or given back stay in a booking; they are left
 * out, unless nothing else is left of it.
 */
export function waysOf({ slices, segments, coupons }: Pick<Booking, 'slices' | 'segments' | 'coupons'>): Way[] {
  const all = slices.map((slice) => ({ ...slice, flights: segments.filter((one) => one.slice === slice.slice) }));
  const isLeft = (way: Way) => {
    const tickets = coupons.filter((one) => way.flights.some((flight) => flight.segment === one.segment));
    return tickets.length === 0 || tickets.some((one) => !OVER.includes(one.status));
  };
  const left = all.filter(isLeft);
  const leaves = (way: Way) => Date.parse(way.flights[0]?.departs_at ?? '');
  return (left.length > 0 ? left : all).sort((one, other) => leaves(one) - leaves(other));
}

const DAY_MS = 86_400_000;

/** Flights of these days have a gate and a delay, or soon will; of the others there is only the schedule. */
export const isNear = (flight: Schemas['BookedSegment']): boolean =>
  Date.parse(flight.departs_at) < Date.now() + 3 * DAY_MS && Date.parse(flight.arrives_at) > Date.now() - DAY_MS;

/** Of what can be done the one that ends first; what no clock ends comes last. */
export const soonest = (chances: Schemas['BookingChance'][]): Schemas['BookingChance'] | undefined =>
  [...chances].sort((one, other) => endOf(one) - endOf(other))[0];

const endOf = ({ until }: Schemas['BookingChance']) => (until ? Date.parse(until) : Number.POSITIVE_INFINITY);

/** A flight that is moved so much may go back for all of its price; whether it may, the API says when it is asked what comes back. */
const MOVED_MINUTES = 60;

const isMoved = (flight: Schemas['BookedSegment']): boolean =>
  minutesBetween(flight.arrives_at, flight.estimated_arrives_at) >= MOVED_MINUTES ||
  minutesBetween(flight.estimated_departs_at, flight.departs_at) >= MOVED_MINUTES;

/** The ways that the airline has broken, perhaps, and of which something can be done. */
export const brokenWays = (booking: Schemas['BookingView']): Way[] =>
  booking.status !== 'confirmed'
    ? []
    : waysOf(booking).filter(
        (way) =>
          way.flights.some((one) => one.status === 'cancelled' || isMoved(one)) &&
          way.flights.some((one) =>
            booking.can.some((each) => each.slice === way.slice || each.segment === one.segment),
          ),
      );

/** The flight that is flown next, or flown now; of a trip that is over the first one. */
export function nextFlight(booking: Schemas['BookingView'], now = Date.now()): Schemas['BookedSegment'] | undefined {
  const flights = waysOf(booking).flatMap((way) => way.flights);
  return flights.find((one) => Date.parse(one.estimated_arrives_at) > now) ?? flights[0];
}
