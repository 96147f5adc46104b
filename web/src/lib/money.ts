import { localeTag } from './i18n';

/** An amount in the currency's smallest unit, as the API has it. */
export interface Money {
  amount: number;
  currency: string;
}

/** How many decimals a currency has (ISO 4217: JPY 0, USD 2, KWD 3). */
export function decimals(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** The amount as a decimal text: made of digits, so nothing is rounded on the way. */
export function decimalText({ amount, currency }: Money): string {
  const places = decimals(currency);
  const digits = String(Math.abs(amount)).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const text = places === 0 ? whole : `${whole}.${digits.slice(-places)}`;
  return amount < 0 ? `-${text}` : text;
}

/** As people of the language write it, one dollar told from another. `short` leaves `.00` out where all of it is whole, for lists. */
export function formatMoney(money: Money, locale: string, short = false): string {
  const format = new Intl.NumberFormat(localeTag(locale), {
    style: 'currency',
    currency: money.currency,
    trailingZeroDisplay: short ? 'stripIfInteger' : 'auto',
  } as Intl.NumberFormatOptions);
  return format.format(decimalText(money) as unknown as number);
}

/** The sum of amounts of one currency. */
export function total(amounts: Money[]): Money | undefined {
  const [first, ...rest] = amounts;
  return first && { ...first, amount: rest.reduce((sum, one) => sum + one.amount, first.amount) };
}
