import { expect, test } from 'vitest';
import { digitsOf, grouped, mayBeCard } from './number';

test('a number stands in fours, without what is no digit', () => {
  expect(grouped('4242424242424242')).toBe('4242 4242 4242 4242');
  expect(grouped('4242-42 42x4')).toBe('4242 4242 4');
  expect(grouped('4'.repeat(30))).toBe('4444 4444 4444 4444 444');
  expect(digitsOf(grouped('378282246310005'))).toBe('378282246310005');
});

test('what is too short is no card', () => {
  expect([mayBeCard('4242 4242 424'), mayBeCard('4242 4242 4242')]).toEqual([false, true]);
});
