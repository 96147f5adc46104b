// Every screen and state, in both languages, on a phone and on a desk, in both schemes: nothing that axe finds against WCAG 2.2 AA,
// nothing wider than the window, nothing in the console. A state is loaded once, and looked at in one variant after the other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { launch, open, turn, violations } from './browser.mjs';
import { walk } from './screens.mjs';

/** The addresses of the app's screens, as patterns. */
const ROUTES = [
  ...readFileSync(new URL('../src/router.tsx', import.meta.url), 'utf8').matchAll(/(?:screen|later)\('(\/[^']*)'/g),
].map(([, path]) => new RegExp(`^${path.replaceAll(/\$\w+/g, '[^/]+')}$`));

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const PHONE = { width: 320, height: 720 };
const DESK = { width: 1280, height: 900 };
// What a scheme changes is colours: the second look at the same window is at those alone.
const VARIANTS = {
  en: [
    { ...PHONE, scheme: 'light' },
    { ...PHONE, scheme: 'dark', colours: true },
    { ...DESK, scheme: 'dark' },
    { ...DESK, scheme: 'light', colours: true },
  ],
  hi: [
    { ...PHONE, scheme: 'dark' },
    { ...DESK, scheme: 'light' },
  ],
};

describe('every screen and state', { concurrency: true }, () => {
  for (const [locale, variants] of Object.entries(VARIANTS)) {
    test(`${locale}, ${variants.length} variants`, async () => {
      // Axe comes from outside, which the page's policy refuses; the policy is tested by the journeys, whose pages are as they are. So is
      // the service worker, which would answer in the place of what is played here.
      const page = await open(browser, { locale, ...variants[0], bypassCSP: true, serviceWorkers: 'block' });
      const found = [];
      const paths = [];
      await walk(page, locale, async (name) => {
        paths.push(new URL(page.url()).pathname);
        for (const variant of variants) {
          await turn(page, variant);
          const where = `${name}, ${variant.width} ${variant.scheme}`;
          for (const each of await violations(page, variant.colours)) found.push(`${where}: ${each}`);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (wide > 0) found.push(`${where}: ${wide} pixels too wide`);
        }
        await turn(page, variants[0]);
      });
      console.log(`${locale}: ${paths.length} screens and states`);
      const unseen = ROUTES.filter((route) => !paths.some((path) => route.test(path)));
      assert.ok(ROUTES.length > 30);
      assert.deepEqual(unseen, [], 'no walk goes there: tests/screens.mjs');
      assert.deepEqual([...found, ...page.troubles], []);
    });
  }
});
