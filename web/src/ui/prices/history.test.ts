import { expect, test } from 'vitest';
import { amountOn, dayAt, lineOf, pathOf, ticksOf } from './history';

const usd = (amount: number) => ({ amount, currency: 'USD' });
const same = (amount: number) => ({ low: usd(amount), high: usd(amount), last: usd(amount) });

const CHANGES = [
  { day: '2026-11-01', low: usd(18900), high: usd(21900), last: usd(20000) },
  { day: '2026-11-04', low: null, high: null, last: null },
  { day: '2026-11-05', ...same(19000) },
];

test('a price stays what it was until it changes, and there is none where nothing could be bought', () => {
  const line = lineOf(CHANGES, '2026-11-10');
  expect(line).toMatchObject({ first: '2026-11-01', days: 10, least: 18900, most: 21900, currency: 'USD' });
  expect(line?.runs).toEqual([
    { from: 0, to: 2, amount: 20000 },
    { from: 3, to: 3, amount: null },
    { from: 4, to: 9, amount: 19000 },
  ]);
  expect(line && [0, 2, 3, 4, 9, 10].map((day) => amountOn(line, day))).toEqual([
    20000,
    20000,
    null,
    19000,
    19000,
    null,
  ]);
  expect(line && dayAt(line, 9)).toBe('2026-11-10');
});

test('there is no line of a day, nor of days on which nothing was on sale', () => {
  expect(lineOf([], '2026-11-10')).toBeUndefined();
  expect(lineOf([{ day: '2026-11-10', ...same(100) }], '2026-11-10')).toBeUndefined();
  expect(lineOf([{ day: '2026-11-01', low: null, high: null, last: null }], '2026-11-10')).toBeUndefined();
  expect(lineOf([{ day: '2026-11-09', ...same(100) }], '2026-11-10')?.days).toBe(2);
});

test('the path is level between changes and breaks where there is no price', () => {
  const line = lineOf(CHANGES, '2026-11-10');
  expect(line && pathOf(line, [18000, 22000])).toBe('M0 50H30M40 75H100');
  const down = lineOf(
    [
      { day: '2026-11-01', ...same(200) },
      { day: '2026-11-02', ...same(100) },
    ],
    '2026-11-02',
  );
  expect(down && pathOf(down, [0, 400])).toBe('M0 50H50V75H100');
});

test('amounts to read by are round and have all prices between them', () => {
  for (const [least, most] of [
    [18900, 21900],
    [18900, 18900],
    [1, 1],
    [0, 0],
    [999, 100_000],
  ] as const) {
    const ticks = ticksOf(least, most);
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks.length).toBeLessThanOrEqual(6);
    expect(ticks[0]).toBeLessThanOrEqual(least);
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
  }
  expect(ticksOf(18900, 21900)).toEqual([18000, 20000, 22000, 24000]);
});
