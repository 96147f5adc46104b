import { expect, test } from 'vitest';
import { pathHere } from './path';

test('only a path of this site is gone to', () => {
  expect(pathHere('/me/security')).toBe('/me/security');
  expect(pathHere('/')).toBe('/');
  for (const text of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'me',
    '/me?x=javascript:1',
    '',
    undefined,
  ])
    expect(pathHere(text)).toBeUndefined();
});
