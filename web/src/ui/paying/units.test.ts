import { expect, test } from 'vitest';
import { stripeAmount } from './units';

test('each currency is told as Stripe counts it', () => {
  for (const [amount, currency, told] of [
    [45_900, 'USD', 45_900],
    [1_250, 'JPY', 1_250],
    [12_340, 'KWD', 12_340],
    [12_346, 'KWD', 12_350],
    [5, 'ISK', 500],
    [1_000, 'UGX', 100_000],
    [12_300, 'MGA', 123],
  ] as const)
    expect(stripeAmount({ amount, currency }), currency).toBe(told);
});
