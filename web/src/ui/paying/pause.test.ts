import { expect, test } from 'vitest';
import { pauseAfter } from './pause';

test('what is not settled is asked for less and less often', () => {
  expect([0, 8_000, 20_000, 60_000, 120_000, 86_400_000].map(pauseAfter)).toEqual([
    2_000, 2_000, 5_000, 15_000, 30_000, 30_000,
  ]);
  // A clock that was set back meanwhile makes nobody ask without a pause.
  expect(pauseAfter(-3_600_000)).toBe(2_000);
});
