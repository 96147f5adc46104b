import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { likely, solve, zeroBits } from './puzzle';

test('bits are counted from the front', () => {
  expect(zeroBits(new Uint8Array([255, 0]))).toBe(0);
  expect(zeroBits(new Uint8Array([1, 0]))).toBe(7);
  expect(zeroBits(new Uint8Array([0, 64]))).toBe(9);
  expect(zeroBits(new Uint8Array([0, 0]))).toBe(16);
});

test('a solution is one by another hash too, and the first there is', () => {
  const challenge = 'puz_eyJvZiI6';
  const counts: number[] = [];
  const solution = solve({ challenge, bits: 13 }, (count) => counts.push(count));
  const bits = (number: number) => zeroBits(createHash('sha256').update(`${challenge}.${number}`).digest());
  expect(bits(Number(solution))).toBeGreaterThanOrEqual(13);
  for (let number = 0; number < Number(solution); number += 1) expect(bits(number)).toBeLessThan(13);
  expect(counts[0]).toBe(0);
});

test('what a bar shows grows, and is never whole before the end', () => {
  expect(likely(0, 18)).toBe(0);
  expect(likely(2 ** 18, 18)).toBeCloseTo(0.632, 3);
  expect(likely(2 ** 21, 18)).toBeLessThan(1);
});
