import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { WORDS } from './react-aria-hi';

const root = dirname(createRequire(import.meta.url).resolve('react-aria/package.json'));
const english = async (name: string): Promise<Record<string, unknown>> =>
  (await import(pathToFileURL(join(root, `dist/private/intl/${name}/en-US.mjs`)).href)).default;

it.each(Object.keys(WORDS))('%s says in Hindi all that it says in English', async (name) => {
  const [ours, theirs] = [WORDS[name] ?? {}, await english(name.split('/')[1] ?? '')];
  expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
  for (const [key, said] of Object.entries(theirs)) expect(typeof ours[key]).toBe(typeof said);
});
