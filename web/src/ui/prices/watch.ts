/** A price that somebody watches: what is asked of the API for it, and how it stands. */
import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '../../api/client';
import { localeTag } from '../../lib/i18n';
import { decimals, type Money } from '../../lib/money';
import type { Cabin } from '../../lib/search';
import { addDays } from '../../lib/time';

export type Watch = Schemas['PriceWatch'];

/** What is to be watched: a route on a day, one of its flights, or the fare that was bought for that flight. */
export interface Subject {
  origin: string;
  destination: string;
  date: string;
  cabin: Cabin;
  seats: number;
  /** What its fares are in. */
  currency: string;
  flight?: { id: string; number: string };
  booking?: string;
}

/** What is waited for. */
export type Wish = { percent: number } | { target: Money };

export const PERCENTS = [5, 10, 20];

/** So many days from the first one on of which the cheapest counts. */
export const SPANS = [1, 3, 7];

export function newWatch(subject: Subject, wish: Wish, email: boolean, days = 1): Schemas['NewPriceWatch'] {
  const { origin, destination, date, cabin, seats, flight, booking } = subject;
  const what = flight
    ? { flight_id: flight.id }
    : { route: { origin, destination, date, to_date: lastOf(date, days) } };
  // Of what was bought, cabin and seats are known.
  const whom = booking ? { booking_id: booking } : { cabin, seats };
  return { ...what, ...whom, ...wishOf(wish), email };
}

export const wishOf = (wish: Wish): Pick<Schemas['PriceWatchChange'], 'drop_percent' | 'target'> =>
  'target' in wish ? { target: wish.target } : { drop_percent: wish.percent };

export const lastOf = (date: string, days: number): string => addDays(date, days - 1);

/** By how many percent a price lies below what it is compared with; negative where it lies above. */
export function fallen({ price, compared_with }: Pick<Watch, 'price' | 'compared_with'>): number | undefined {
  if (!price || !compared_with || compared_with.amount === 0) return undefined;
  return Math.round((1 - price.amount / compared_with.amount) * 100);
}

/** 10 → 10 %, as the language writes it. */
export const formatPercent = (percent: number, locale: string): string =>
  new Intl.NumberFormat(localeTag(locale), { style: 'percent' }).format(percent / 100);

/** What was told stands first, what is over last; else the newest do. */
export function inOrder(watches: Watch[]): Watch[] {
  const rank = (one: Watch) => ['told', 'watching', 'paused', 'over'].indexOf(one.status);
  return watches.toSorted((one, other) => rank(one) - rank(other));
}

/** The day that counts now: the cheapest, where there are several. */
export const dayThatCounts = (watch: Pick<Watch, 'price_date' | 'date'>): string => watch.price_date ?? watch.date;

/** What a page listens to that shows the price of a route and day (docs/live.md). */
export const topicOf = (origin: string, destination: string, date: string): string =>
  `price:${origin}-${destination}:${date}`;

/** An amount that somebody types: `1,234.5` is 123450 cents. Undefined where it is none, or finer than the currency. */
export function readAmount(text: string, currency: string): number | undefined {
  const ascii = text.trim().replaceAll(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - 0x966));
  const [, whole, part = ''] = /^[^\d.,-]{0,4}(\d[\d,\s]*)(?:\.(\d*))?$/.exec(ascii) ?? [];
  const places = decimals(currency);
  if (whole === undefined || part.length > places) return undefined;
  const amount = Number(`${whole.replaceAll(/\D/g, '')}${part.padEnd(places, '0')}`);
  return Number.isSafeInteger(amount) ? amount : undefined;
}

export const watches = queryOptions({
  queryKey: ['price-watches'],
  queryFn: () => ask(api.GET('/api/v1/price-watches')),
  retry: false,
});

export type Route = Pick<Subject, 'origin' | 'destination' | 'date' | 'cabin'>;

export const history = ({ origin, destination, date, cabin }: Route) =>
  queryOptions({
    queryKey: ['price-history', { origin, destination, date, cabin }],
    queryFn: () => ask(api.GET('/api/v1/price-history', { params: { query: { origin, destination, date, cabin } } })),
    staleTime: 60_000,
  });
