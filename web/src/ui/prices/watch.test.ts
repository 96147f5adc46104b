import { describe, expect, it, test } from 'vitest';
import { fallen, inOrder, newWatch, readAmount, type Subject, topicOf, type Watch } from './watch';

const usd = (amount: number) => ({ amount, currency: 'USD' });
const ROUTE: Subject = {
  origin: 'JFK',
  destination: 'LAX',
  date: '2026-12-30',
  cabin: 'economy',
  seats: 2,
  currency: 'USD',
};
const FLIGHT = { ...ROUTE, flight: { id: 'flt_1', number: 'KR1' } };

test('a route is watched for a day or some, a flight by its number, a fare as it was bought', () => {
  const { origin, destination, date } = ROUTE;
  expect(newWatch(ROUTE, { percent: 10 }, true)).toEqual({
    route: { origin, destination, date, to_date: date },
    cabin: 'economy',
    seats: 2,
    drop_percent: 10,
    email: true,
  });
  expect(newWatch(ROUTE, { target: usd(15000) }, false, 3)).toMatchObject({
    route: { to_date: '2027-01-01' },
    target: usd(15000),
    email: false,
  });
  expect(newWatch(FLIGHT, { percent: 5 }, true)).toEqual({
    flight_id: 'flt_1',
    cabin: 'economy',
    seats: 2,
    drop_percent: 5,
    email: true,
  });
  expect(newWatch({ ...FLIGHT, booking: 'bkg_1' }, { percent: 5 }, true)).toEqual({
    flight_id: 'flt_1',
    booking_id: 'bkg_1',
    drop_percent: 5,
    email: true,
  });
});

test('the topic of a route and day is the one of docs/live.md', () => {
  expect(topicOf('ABE', 'LAX', '2026-12-01')).toBe('price:ABE-LAX:2026-12-01');
});

test('how far a price fell', () => {
  expect(fallen({ price: usd(9000), compared_with: usd(10000) })).toBe(10);
  expect(fallen({ price: usd(11000), compared_with: usd(10000) })).toBe(-10);
  expect(fallen({ price: null, compared_with: usd(10000) })).toBeUndefined();
  expect(fallen({ price: usd(1), compared_with: usd(0) })).toBeUndefined();
});

test('what was told stands first, what is over last', () => {
  const all = ['over', 'watching', 'told', 'paused', 'watching'].map(
    (status, id) => ({ status, id: `${id}` }) as Watch,
  );
  expect(inOrder(all).map((one) => one.id)).toEqual(['2', '1', '4', '3', '0']);
});

describe('an amount that is typed', () => {
  it.each([
    ['150', 'USD', 15000],
    ['1,234.5', 'USD', 123450],
    ['₹1,23,456', 'INR', 12345600],
    ['$ 99.05', 'USD', 9905],
    ['१५०', 'INR', 15000],
    ['1500', 'JPY', 1500],
    ['1.234', 'KWD', 1234],
    ['150.', 'USD', 15000],
  ])('%s of %s', (text, currency, amount) => expect(readAmount(text, currency)).toBe(amount));

  it.each([
    ['', 'USD'],
    ['-5', 'USD'],
    ['1.999', 'USD'],
    ['1.5', 'JPY'],
    ['cheap', 'USD'],
    ['1 or 2', 'USD'],
    ['99999999999999999', 'USD'],
  ])('%s of %s is none', (text, currency) => expect(readAmount(text, currency)).toBeUndefined());
});
