// What Lighthouse says of screens on a phone: `node judge.mjs URL NODE_MODULES RUNS`. Of each category the median of the runs counts, and
// one below its floor ends this with 1.
//
// Beside the performance that is judged, which goes by the clock, stands what it would be had each task lasted as long as a processor worked
// on it: where others use the machine a task is as long as they keep it waiting, and Lighthouse multiplies that by four. Far apart, they say
// that the machine was not quiet and the run proves nothing against the page.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

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

/** Has each task last as long as a processor worked on it. Returns how many tasks say so: none would judge by the clock unnoticed. */
function withoutWaiting(file) {
  const trace = JSON.parse(readFileSync(file, 'utf8'));
  const measured = trace.traceEvents.filter(({ ph, tdur }) => ph === 'X' && tdur !== undefined);
  for (const event of measured) event.dur = Math.min(event.dur, event.tdur);
  writeFileSync(file, JSON.stringify(trace));
  return measured.length;
}

/** What was gathered in a folder, judged. */
async function judge(address, folder) {
  const options = { auditMode: folder, onlyCategories: Object.keys(FLOORS), output: 'json', logLevel: 'error' };
  const { lhr } = await lighthouse(address, options);
  return lhr;
}

/** One visit of somebody who was never here, with what Lighthouse takes for a middling phone on a slow network: judged as it went by the
 * clock, and by the processor's time. */
async function visit(address, again = 2) {
  const folder = mkdtempSync(join(tmpdir(), 'lighthouse-'));
  const chrome = await launch({ chromePath: process.env.CHROMIUM, chromeFlags: FLAGS });
  try {
    const options = { port: chrome.port, onlyCategories: Object.keys(FLOORS), gatherMode: folder, logLevel: 'error' };
    await lighthouse(address, options);
    const clock = await judge(address, folder);
    // Chromium now and then loses the beginning of what it should record (NO_NAVSTART): that says nothing of the page.
    if (clock.runtimeError && again > 0) return visit(address, again - 1);
    if (clock.runtimeError) throw new Error(clock.runtimeError.message);
    if (withoutWaiting(join(folder, 'defaultPass.trace.json')) === 0) throw new Error('no task says what it cost');
    return { clock, own: await judge(address, folder) };
  } finally {
    await chrome.kill();
    rmSync(folder, { recursive: true });
  }
}

/** The audits that took something from a category. */
function reasons({ categories, audits }, category) {
  const counted = categories[category].auditRefs.filter(({ id, weight }) => weight > 0 && audits[id].score !== null);
  return counted.filter(({ id }) => audits[id].score < 1).map(({ id }) => `${id} ${audits[id].displayValue ?? ''}`.trim());
}

let missed = 0;
for (const [name, path] of Object.entries(SCREENS)) {
  const visits = [];
  while (visits.length < Number(runs)) visits.push(await visit(site + path));
  const seen = visits.map(({ clock }) => clock);
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
  const own = median(visits.map((one) => Math.round(one.own.categories.performance.score * 100)));
  console.log(`${name}: ${told}; ${figures.join(', ')}; performance without waiting ${own}, machine ${power}`);
  for (const [category, score, all] of scores) {
    if (score >= FLOORS[category]) continue;
    missed += 1;
    const worst = seen[all.indexOf(Math.min(...all))];
    console.log(`  MISSED ${category}: ${score} of ${FLOORS[category]} (${all.join(', ')}): ${reasons(worst, category).join('; ')}`);
  }
}
process.exit(missed > 0 ? 1 : 0);
