import { expect, test } from 'vitest';
import { type KeptPasses, stillGood } from './pass-store';

const kept = (...departures: string[]) =>
  ({ booking: 'bkg_1', at: '', passes: departures.map((departs_at) => ({ departs_at })) }) as KeptPasses;
const at = Date.parse('2026-12-05T12:00:00Z');

test('passes are kept until a day after the last flight has left, by its own offset', () => {
  expect(stillGood(kept('2026-12-06T05:55:00-05:00'), at)).toBe(true);
  expect(stillGood(kept('2026-12-04T07:30:00-05:00'), at)).toBe(true);
  expect(stillGood(kept('2026-12-04T06:30:00-05:00'), at)).toBe(false);
  expect(stillGood(kept('2026-12-01T06:30:00-05:00', '2026-12-08T06:30:00-05:00'), at)).toBe(true);
  expect(stillGood(kept(), at)).toBe(false);
});
