import { afterEach, expect, test, vi } from 'vitest';
import { isNewcomer } from './newcomer';

const store = (kept: Record<string, string>) => ({
  getItem: (key: string) => kept[key] ?? null,
  setItem: (key: string, text: string) => {
    kept[key] = text;
  },
});
afterEach(() => vi.unstubAllGlobals());

test('a browser is new once, and only where that can be known', () => {
  vi.stubGlobal('localStorage', store({}));
  expect(isNewcomer('/', false)).toBe(true);
  expect(isNewcomer('/', false)).toBe(false);
  vi.stubGlobal('localStorage', store({}));
  expect(isNewcomer('/', true)).toBe(false);
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
  expect(isNewcomer('/', false)).toBe(false);
});

test('a screen that is somebody’s asks who it is', () => {
  for (const [path, isAnybodys] of [
    ['/results', true],
    ['/retrieve', true],
    ['/help/baggage', true],
    ['/trips', false],
    ['/trips/bkg_1', false],
    ['/book', false],
    ['/me', false],
  ] as const) {
    vi.stubGlobal('localStorage', store({}));
    expect(isNewcomer(path, false), path).toBe(isAnybodys);
  }
});
