import { expect, test } from 'vitest';
import { aheadBy } from './clock';

test("how far the server's clock is ahead is read from an answer", () => {
  const now = Date.parse('2026-11-23T10:00:00Z');
  expect(aheadBy('Mon, 23 Nov 2026 10:07:00 GMT', now)).toBe(420_000);
  expect(aheadBy('Mon, 23 Nov 2026 09:59:30 GMT', now)).toBe(-30_000);
  expect(aheadBy(null, now)).toBeUndefined();
  expect(aheadBy('tomorrow', now)).toBeUndefined();
});
