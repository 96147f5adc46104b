import { expect, test, vi } from 'vitest';
import { type KeptPasses, mayKeep, setMayKeep, stillGood } from './pass-store';

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

test('passes that were removed are not kept again until somebody wants them', () => {
  const local = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => local.get(key) ?? null,
    setItem: (key: string, text: string) => local.set(key, text),
  });
  expect(mayKeep('bkg_1')).toBe(true);
  setMayKeep('bkg_1', false);
  setMayKeep('bkg_1', false);
  expect([mayKeep('bkg_1'), mayKeep('bkg_2')]).toEqual([false, true]);
  setMayKeep('bkg_1', true);
  expect(mayKeep('bkg_1')).toBe(true);
});
