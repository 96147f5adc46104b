import { expect, test } from 'vitest';
import { dueOf, standing } from './paying';

const trip = (status: string, ...orders: string[]) => ({
  status,
  orders: orders.map((each, index) => ({ order: index + 1, status: each })),
});

test('a change whose order ran out or was let go is never taken for paid', () => {
  for (const status of ['expired', 'cancelled']) {
    const now = trip('confirmed', 'paid', status);
    expect(standing(now, 2)).toBe('over');
    // The page was loaded anew, came back from a bank that declined, and from one whose money came too late.
    expect(dueOf(now, undefined)).toBe(2);
    expect(dueOf(now, { status: 'declined', order: 2 })).toBe(2);
    expect(dueOf(now, { status: 'succeeded', order: 2 })).toBe(2);
  }
});

test('an order is done when it is paid, a hold when it is confirmed', () => {
  expect(standing(trip('confirmed', 'paid'), 1)).toBe('done');
  expect(standing(trip('confirmed', 'open'), 1)).toBe('due');
  expect(standing(trip('held'), 'hold')).toBe('due');
  expect(standing(trip('confirmed'), 'hold')).toBe('done');
  expect(standing(trip('expired'), 'hold')).toBe('over');
});

test('what is due is what is open, and nothing where all of it is paid', () => {
  expect(dueOf(trip('held'), undefined)).toBe('hold');
  expect(dueOf(trip('confirmed', 'expired', 'open'), { status: 'declined', order: 1 })).toBe(2);
  expect(dueOf(trip('confirmed', 'expired', 'paid'), undefined)).toBeUndefined();
  expect(standing(trip('confirmed'), undefined)).toBe('nothing');
});
