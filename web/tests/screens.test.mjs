// Every screen and state, in both languages and both schemes, on a phone and on a desk: nothing that axe finds against WCAG 2.2 AA,
// nothing wider than the window, nothing in the console.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, violations } from './browser.mjs';
import { walk } from './screens.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const VARIANTS = [
  { locale: 'en', scheme: 'light', width: 320, height: 720 },
  { locale: 'hi', scheme: 'dark', width: 1280, height: 900 },
];

for (const variant of VARIANTS) {
  test(`every screen, ${variant.locale}, ${variant.scheme}, ${variant.width} pixels wide`, async () => {
    // Axe comes from outside, which the page's policy refuses; the policy is tested by the journeys, whose pages are as they are.
    const page = await open(browser, { ...variant, bypassCSP: true });
    const found = [];
    await walk(page, variant.locale, async (name) => {
      for (const each of await violations(page)) found.push(`${name}: ${each}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) found.push(`${name}: ${wide} pixels too wide`);
    });
    assert.deepEqual([...found, ...page.troubles], []);
  });
}
