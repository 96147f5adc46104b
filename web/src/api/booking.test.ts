import { expect, test } from 'vitest';
import { fliersOf, nextFlight, soonest, waysOf } from './booking';

const booking = (statuses: string[]) => {
  const days = ['2026-12-05', '2026-12-09', '2026-12-06'];
  const segments = days.map((day, at) => ({ segment: at + 1, slice: at + 1, departs_at: `${day}T09:00:00Z` }));
  const coupons = statuses.map((status, at) => ({ segment: at + 1, passenger: 1, status }));
  return { slices: segments.map(({ slice }) => ({ slice })), segments, coupons } as never;
};
const numbers = (statuses: string[]) => waysOf(booking(statuses)).map((one) => one.slice);

test('a way that was changed gives way to the one that was taken for it, in the order of flying', () => {
  expect(numbers(['exchanged', 'open', 'open'])).toEqual([3, 2]);
});

test('a hold has no tickets yet, and a trip that was given back shows what it was', () => {
  expect(numbers([])).toEqual([1, 3, 2]);
  expect(numbers(['refunded', 'refunded', 'refunded'])).toEqual([1, 3, 2]);
});

test('a way is flown by whoever has a ticket for it, and while there are none by all', () => {
  const passengers = [{ passenger: 1 }, { passenger: 2 }];
  const tickets = (second: string) => [
    { segment: 1, passenger: 1, status: 'open' },
    { segment: 1, passenger: 2, status: second },
    { segment: 2, passenger: 2, status: 'open' },
  ];
  const flies = (coupons: object[]) =>
    fliersOf({ passengers, coupons } as never, { flights: [{ segment: 1 }] } as never).map((one) => one.passenger);
  expect(flies(tickets('open'))).toEqual([1, 2]);
  expect(flies(tickets('refunded'))).toEqual([1]);
  expect(flies([])).toEqual([1, 2]);
});

test('the next flight of a trip that is half flown is the way back; of one that is over, the first', () => {
  const at = (day: string) => ({ departs_at: `${day}T09:00:00Z`, estimated_arrives_at: `${day}T12:00:00Z` });
  const segments = [at('2026-12-05'), at('2026-12-09')].map((one, index) => ({
    ...one,
    segment: index + 1,
    slice: index + 1,
  }));
  const trip = { slices: [{ slice: 1 }, { slice: 2 }], segments, coupons: [] } as never;
  const next = (now: string) => nextFlight(trip, Date.parse(now))?.segment;
  expect(['2026-12-01T00:00:00Z', '2026-12-05T11:00:00Z', '2026-12-08T00:00:00Z'].map(next)).toEqual([1, 1, 2]);
  expect(next('2026-12-20T00:00:00Z')).toBe(1);
});

test('of what can be done, what ends first is said; what no clock ends comes last', () => {
  const until = (text: string | null) => ({ action: 'cancel', until: text });
  expect(soonest([until(null), until('2026-12-09T09:00:00Z'), until('2026-12-05T09:00:00Z')])?.until).toMatch(/-05T/);
  expect(soonest([])).toBeUndefined();
});
