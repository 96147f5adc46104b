/** What a price was, day by day, as a line that can be drawn and said. Days are those of the API, in UTC. */
import type { Money } from '../../lib/money';
import { addDays, daysBetween } from '../../lib/time';

export interface PriceDay {
  day: string;
  low?: Money | null;
  high?: Money | null;
  last?: Money | null;
}

/** Days in a row, both counted from the first one, on which a price stayed what it was; null where nothing could be bought. */
export interface Run {
  from: number;
  to: number;
  amount: number | null;
}

/** A line has two ends: what was learnt today alone is a figure. */
const FEWEST_DAYS = 2;

export interface Line {
  first: string;
  /** How many days there are, with the last one. */
  days: number;
  runs: Run[];
  least: number;
  most: number;
  currency: string;
}

/** The line of the changes until a day; undefined while there is too little of it. */
export function lineOf(changes: PriceDay[], until: string): Line | undefined {
  const [first] = changes;
  const amounts = changes.flatMap(({ low, high, last }) => [low, high, last].flatMap((one) => one ?? []));
  const currency = amounts[0]?.currency;
  if (!first || currency === undefined) return undefined;
  const days = daysBetween(first.day, until) + 1;
  if (days < FEWEST_DAYS) return undefined;
  const runs = changes.map(({ day, last }, index) => {
    const next = changes[index + 1];
    const to = next ? daysBetween(first.day, next.day) - 1 : days - 1;
    return { from: daysBetween(first.day, day), to, amount: last?.amount ?? null };
  });
  const all = amounts.map((one) => one.amount);
  return { first: first.day, days, runs, least: Math.min(...all), most: Math.max(...all), currency };
}

/** What it was on a day, counted from the first one. */
export const amountOn = (line: Line, day: number): number | null =>
  line.runs.find((run) => run.from <= day && day <= run.to)?.amount ?? null;

export const dayAt = (line: Line, day: number): string => addDays(line.first, day);

/** Round amounts from below the least to above the most, a few of them, that a price is read by. */
export function ticksOf(least: number, most: number): number[] {
  const room = Math.max((most - least) * 0.15, most * 0.03, 1);
  const [from, to] = [Math.max(0, least - room), most + room];
  const rough = (to - from) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough;
  const begin = Math.floor(from / step) * step;
  const count = Math.ceil((to - begin) / step) + 1;
  return Array.from({ length: count }, (_, index) => begin + index * step);
}

/** The line as a path in a box of 100 by 100: level while a price stays, broken where nothing could be bought. */
export function pathOf(line: Line, [from, to]: [number, number]): string {
  const x = (day: number) => round((day / line.days) * 100);
  const y = (amount: number) => round(100 - ((amount - from) / (to - from)) * 100);
  let pen = false;
  const parts = line.runs.map((run) => {
    if (run.amount === null) {
      pen = false;
      return '';
    }
    const level = y(run.amount);
    const begin = pen ? `V${level}` : `M${x(run.from)} ${level}`;
    pen = true;
    return `${begin}H${x(run.to + 1)}`;
  });
  return parts.join('');
}

const round = (value: number): number => Math.round(value * 100) / 100;
