import { expect, test } from 'vitest';
import { type Cabin, canHave, lostOf, nearby, newsBetween, type Seat, stopIn } from './live-seats';

const LETTERS = 'ABCDEF';
const FEATURES = [['window'], ['middle'], ['aisle'], ['aisle'], ['middle'], ['window']];

/** Six abreast, in rows 10 to 14; what is not named is free. */
function cabin(states: Record<string, string> = {}, more: Record<string, Partial<Seat>> = {}): Cabin {
  const seat = (row: number, index: number): Seat => {
    const name = `${row}${LETTERS[index]}`;
    return { seat: name, state: states[name] ?? 'free', features: FEATURES[index] ?? [], ...more[name] };
  };
  const rows = [10, 11, 12, 13, 14].map((row) => ({
    row,
    blocks: [[0, 1, 2].map((index) => seat(row, index)), [3, 4, 5].map((index) => seat(row, index))],
  }));
  return { rows };
}

const chosen = (name: string): Seat => ({ seat: name, state: 'free', features: [] });

test('what others take and give back is news, what is ours is none', () => {
  const before = cabin({ '11A': 'taken', '12C': 'yours', '13B': 'blocked' });
  const now = cabin({ '10F': 'taken', '12C': 'free', '12D': 'yours', '13B': 'blocked' });
  expect(newsBetween(before, now)).toEqual({ taken: ['10F'], freed: ['11A'] });
  expect(newsBetween(now, now)).toEqual({ taken: [], freed: [] });
});

test('what somebody chose is lost when another has it, and not when it became theirs', () => {
  const mine = { 1: chosen('12A'), 2: chosen('12B'), 3: chosen('12C') };
  expect(lostOf(mine, cabin({ '12A': 'taken', '12B': 'yours' }))).toEqual([[1, mine[1]]]);
  expect(lostOf(mine, cabin())).toEqual([]);
});

test('what was chosen is lost when it is blocked, and when another aircraft has no such seat', () => {
  const mine = { 1: chosen('12A'), 2: chosen('40B') };
  expect(lostOf(mine, cabin({ '12A': 'blocked' }))).toEqual([
    [1, mine[1]],
    [2, mine[2]],
  ]);
  expect(nearby(cabin(), '40B', 2, [])).toHaveLength(3);
});

test('beside a lost window there are windows, then what is near, and nothing that is chosen already', () => {
  const now = cabin({ '12A': 'taken', '13A': 'taken' });
  expect(nearby(now, '12A', 1, ['12B']).map((one) => one.seat)).toEqual(['11A', '10A', '14A']);
  const full = cabin(Object.fromEntries(['10A', '11A', '12A', '13A', '14A'].map((name) => [name, 'taken'])));
  expect(nearby(full, '12A', 1, [], 2).map((one) => one.seat)).toEqual(['12B', '12F']);
});

test('nobody is offered what is not for them', () => {
  const exit = { '11A': { for_passengers: [2] } };
  const now = cabin({ '12A': 'taken' }, exit);
  expect(nearby(now, '12A', 1, []).map((one) => one.seat)).not.toContain('11A');
  expect(nearby(now, '12A', 2, []).map((one) => one.seat)).toContain('11A');
  const none = cabin(
    Object.fromEntries(now.rows.flatMap((row) => row.blocks.flat().map((one) => [one.seat, 'taken']))),
  );
  expect(nearby(none, '12A', 1, [])).toEqual([]);
  expect(canHave({ ...chosen('1A'), state: 'blocked' }, 1)).toBe(false);
});

test('the keyboard gets into the cabin, also when the seat it stopped at is there no more', () => {
  const now = cabin({ '10A': 'taken' });
  expect(stopIn(now, '', 1)).toBe('10B');
  expect(stopIn(now, '12C', 1)).toBe('12C');
  // Somebody took it, and it can be stood on all the same.
  expect(stopIn(now, '10A', 1)).toBe('10A');
  expect(stopIn(now, '40B', 1)).toBe('10B');
  expect(stopIn({ rows: [] }, '40B', 1)).toBe('');
});
