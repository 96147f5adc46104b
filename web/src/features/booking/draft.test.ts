import { expect, test, vi } from 'vitest';
import { draftOf, keepDraft } from './draft';
import { blank } from './person';

test('what one account typed is not filled in for another', () => {
  const kept = new Map<string, string>();
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => kept.set(key, text),
  });
  const asha = { ...blank('adult'), given: 'Asha' };
  keepDraft({ of: 'usr_1', people: [asha] });
  expect(draftOf('usr_1', ['adult'])).toEqual([asha]);
  expect(draftOf('usr_2', ['adult'])).toEqual([blank('adult')]);
  expect(draftOf('usr_1', ['adult', 'child'])).toEqual([blank('adult'), blank('child')]);
  // What an older release kept says not whose it is.
  kept.set('udaan.travellers', JSON.stringify([asha]));
  expect(draftOf('usr_1', ['adult'])).toEqual([blank('adult')]);
});
