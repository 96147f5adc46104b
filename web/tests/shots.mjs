// Pictures of the screens: `node tests/shots.mjs FOLDER [en|hi] [light|dark] [WIDTH]`.
import { mkdirSync } from 'node:fs';
import { launch, open } from './browser.mjs';
import { walk } from './screens.mjs';

const [folder, locale = 'en', scheme = 'light', width = '390'] = process.argv.slice(2);
const browser = await launch();
try {
  mkdirSync(folder, { recursive: true });
  const size = { width: Number(width), height: width < 600 ? 844 : 900 };
  const page = await open(browser, { locale, scheme, ...size, serviceWorkers: 'block' });
  await walk(page, locale, async (name) => {
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${folder}/${name}-${locale}-${scheme}-${width}.png` });
  });
} finally {
  await browser.close();
}
