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
