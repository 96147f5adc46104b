import { expect, test } from 'vitest';
import { fliersOf, waysOf } from './booking';

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
