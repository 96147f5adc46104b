// What Lighthouse says of screens on a phone: `node judge.mjs URL NODE_MODULES RUNS`. Of each category the median of the runs counts, and
// one below its floor ends this with 1.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { dirname, join } from 'node:path';

const [site, modules, runs = '5'] = process.argv.slice(2);
const load = createRequire(join(modules, 'here.js'));
const { default: lighthouse } = await import(pathToFileURL(load.resolve('lighthouse')));
const { launch } = await import(
  pathToFileURL(join(dirname(load.resolve('chrome-launcher/package.json')), 'dist/index.js'))
);

const FLOORS = { performance: 95, accessibility: 100, 'best-practices': 100, seo: 100 };
const day = new Date(Date.now() + 8 * 86_400_000).toISOString().slice(0, 10);
const SCREENS = {
  home: '/',
  results: `/results?trip=JFK.LAX.${day}&adults=2`,
  retrieve: '/retrieve',
};
const FIGURES = {
  'first-contentful-paint': 'FCP',
  'largest-contentful-paint': 'LCP',
  'total-blocking-time': 'TBT',
  'cumulative-layout-shift': 'CLS',
};
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];

/** One visit of somebody who was never here: what Lighthouse takes for a middling phone on a slow network. */
async function visit(address, again = 2) {
  const chrome = await launch({ chromePath: process.env.CHROMIUM, chromeFlags: FLAGS });
  try {
    const options = { port: chrome.port, onlyCategories: Object.keys(FLOORS), output: 'json', logLevel: 'error' };
    const { lhr } = await lighthouse(address, options);
    // Chromium now and then loses the beginning of what it should record (NO_NAVSTART): that says nothing of the page.
    if (lhr.runtimeError && again > 0) return visit(address, again - 1);
    if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
    return lhr;
  } finally {
    await chrome.kill();
  }
}

/** The audits that took something from a category. */
function reasons({ categories, audits }, category) {
  const counted = categories[category].auditRefs.filter(({ id, weight }) => weight > 0 && audits[id].score !== null);
  return counted.filter(({ id }) => audits[id].score < 1).map(({ id }) => `${id} ${audits[id].displayValue ?? ''}`.trim());
}

let missed = 0;
for (const [name, path] of Object.entries(SCREENS)) {
  const seen = [];
  while (seen.length < Number(runs)) seen.push(await visit(site + path));
  const scores = Object.keys(FLOORS).map((category) => {
    const all = seen.map((lhr) => Math.round(lhr.categories[category].score * 100));
    return [category, median(all), all];
  });
  const figures = Object.entries(FIGURES).map(
    ([id, short]) => `${short} ${+median(seen.map((lhr) => lhr.audits[id].numericValue)).toFixed(short === 'CLS' ? 3 : 0)}`,
  );
  // How fast this machine was meanwhile, as Lighthouse measures it: busy with something else it is a slower phone than is meant.
  const power = Math.round(median(seen.map((lhr) => lhr.environment.benchmarkIndex)));
  const told = scores.map(([category, score]) => `${category} ${score}`).join(', ');
  console.log(`${name}: ${told}; ${figures.join(', ')}; machine ${power}`);
  for (const [category, score, all] of scores) {
    if (score >= FLOORS[category]) continue;
    missed += 1;
    const worst = seen[all.indexOf(Math.min(...all))];
    console.log(`  MISSED ${category}: ${score} of ${FLOORS[category]} (${all.join(', ')}): ${reasons(worst, category).join('; ')}`);
  }
}
process.exit(missed > 0 ? 1 : 0);
