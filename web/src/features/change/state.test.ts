import { expect, test } from 'vitest';
import type { Way } from '../../api/booking';
import { dayFor, earliest, readChosen, together, withDay, withOffer, withoutLast, writeChosen } from './state';

const way = (slice: number, day: string) =>
  ({ slice, flights: [{ segment: slice, departs_at: `${day}T10:00:00+05:30` }] }) as Way;
const OPEN = [way(1, '2026-12-03'), way(3, '2026-12-10')];
const TODAY = '2026-11-23';

test('two ways are gone through, and back, by the address', () => {
  const begun = readChosen({ slice: '1~3' }, OPEN);
  expect(dayFor(begun, TODAY)).toBe('2026-12-03');
  const first = withOffer(begun, '2026-12-12', 'off_a');
  expect(writeChosen(first)).toEqual({ slice: '1~3', step: 'flight2', on: '2026-12-12', offer: 'off_a' });
  // The way back cannot be before the way there.
  expect(dayFor(first, TODAY)).toBe('2026-12-12');
  expect(earliest(first, TODAY)).toBe('2026-12-12');
  const both = withOffer(first, '2026-12-20', 'off_b');
  expect(writeChosen(both)).toEqual({
    slice: '1~3',
    step: 'price',
    on: '2026-12-12~2026-12-20',
    offer: 'off_a~off_b',
  });
  expect(readChosen(writeChosen(both), OPEN)).toEqual(both);
  const back = withoutLast(both);
  expect([back.offers, dayFor(back, TODAY)]).toEqual([['off_a'], '2026-12-20']);
  expect(withDay(back, '2026-12-21').days).toEqual(['2026-12-12', '2026-12-21']);
  expect(dayFor(withoutLast(back), TODAY)).toBe('2026-12-12');
});

test('nothing of an address is believed that does not fit the booking', () => {
  const none = { ways: [], offers: [], days: [] };
  for (const slice of ['2', '1~2', '', '1~3~4', 'x']) expect(readChosen({ slice, offer: 'off_a' }, OPEN)).toEqual(none);
  expect(readChosen({}, OPEN)).toEqual(none);
  const odd = readChosen({ slice: '1', offer: '<b>~off_a~off_b', on: 'soon~2026-12-05~2026-12-06' }, OPEN);
  expect([odd.offers, odd.days]).toEqual([['off_a'], ['2026-12-05']]);
  expect(dayFor(readChosen({ slice: '1', on: '2020-01-01' }, OPEN), TODAY)).toBe(TODAY);
});

test('only ways of the same people have one price', () => {
  const passengers = [{ passenger: 1 }, { passenger: 2 }] as never;
  const coupon = (passenger: number, segment: number, status = 'open') => ({ passenger, segment, status });
  const all = [coupon(1, 1), coupon(2, 1), coupon(1, 3), coupon(2, 3)];
  expect(together({ passengers, coupons: all }, OPEN)).toEqual(OPEN);
  const without = [coupon(1, 1), coupon(2, 1), coupon(1, 3), coupon(2, 3, 'refunded')];
  expect(together({ passengers, coupons: without }, OPEN)).toEqual([]);
  expect(together({ passengers, coupons: all }, OPEN.slice(0, 1))).toEqual([]);
});
