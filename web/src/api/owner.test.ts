import { QueryClient } from '@tanstack/react-query';
import { beforeEach, expect, test, vi } from 'vitest';
import { hasPass, keepPass } from './client';
import { forgetAnswers, forgetOwner } from './owner';

/** A store of a browser. */
function store() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => kept.set(key, text),
    removeItem: (key: string) => kept.delete(key),
  };
}

const [local, session] = [store(), store()];
vi.stubGlobal('localStorage', local);
vi.stubGlobal('sessionStorage', session);
let client: QueryClient;
const OWN = [['booking', 'bkg_1'], ['travellers'], ['notifications', 'unread'], ['check-in', 'bkg_1'], ['ticket', 't']];

beforeEach(() => {
  client = new QueryClient();
  for (const key of [...OWN, ['airports', 'busiest'], ['profile']]) client.setQueryData(key, 'known');
});

test('after signing in, nothing counts that was answered to somebody else, and no pass to a booking goes before the cookie', () => {
  expect(hasPass()).toBe(false);
  keepPass('bkg_1', 'token');
  expect([hasPass(), hasPass('bkg_1'), hasPass('bkg_2')]).toEqual([true, true, false]);
  forgetAnswers(client);
  for (const key of OWN) expect(client.getQueryData(key)).toBeUndefined();
  expect(client.getQueryData(['airports', 'busiest'])).toBe('known');
  expect(client.getQueryData(['profile'])).toBe('known');
  expect(hasPass('bkg_1')).toBe(false);
});

test('whoever goes leaves no names, searches and answers on the device', async () => {
  session.setItem('udaan.travellers', '{}');
  local.setItem('udaan.recent', '[]');
  local.setItem('udaan.theme', '"dark"');
  await forgetOwner(client);
  for (const key of OWN) expect(client.getQueryData(key)).toBeUndefined();
  expect([...session.kept.keys(), ...local.kept.keys()]).toEqual(['udaan.theme']);
});
