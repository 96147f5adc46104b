import { decimals, type Money } from '../../lib/money';

/** Have no decimals in ISO 4217, and two at Stripe, which are always nothing. */
const TWO_DECIMALS = ['ISK', 'UGX'];
/** Has two decimals in ISO 4217, and none at Stripe. */
const NO_DECIMALS = ['MGA'];

/**
 * The number by which Stripe is told an amount (https://docs.stripe.com/currencies#zero-decimal), as the server tells it. What it has no
 * number for is rounded to the steps it counts in: the server charges nothing then, and says so.
 */
export function stripeAmount({ amount, currency }: Money): number {
  if (TWO_DECIMALS.includes(currency)) return amount * 100;
  if (NO_DECIMALS.includes(currency)) return Math.round(amount / 100);
  return decimals(currency) === 3 ? Math.round(amount / 10) * 10 : amount;
}
