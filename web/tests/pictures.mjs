// The main screens beside the pictures of them that were accepted: `node tests/pictures.mjs check|accept|record [FOLDER]`.
//
// Nothing is served: the app is web/dist, and what the API said once stands in fixtures/answers.json, with the time it was asked at. So two pictures of one
// app differ only where machines draw differently, and whether they do is asked first (`same machine` below).
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { call, dayIn, launch, open, settle, turn } from './browser.mjs';
import { enter, prepare, prepareSoon } from './screens.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const DIST = here('../dist');
const ANSWERS = here('fixtures/answers.json');
const SITE = 'https://udaan.example';
const TURNS = [
  { width: 390, height: 844, scheme: 'light' },
  { width: 390, height: 844, scheme: 'dark' },
  { width: 1280, height: 900, scheme: 'dark' },
  { width: 1280, height: 900, scheme: 'light' },
];
/** Two pixels are one colour up to here (pixelmatch), and so many pixels of a picture may differ: a letter, never a word. */
const [COLOUR, PIXELS] = [0.1, 60];

/** The screens, each with what is pressed before it is taken. */
const SCREENS = {
  home: {},
  results: { press: 'main article button.btn' },
  help: {},
  seats: {},
  pay: {},
  trip: {},
  'check-in': {},
  passes: {},
};

/** Opens a screen of the app as it was built, at the time it was asked at. */
async function show(page, name, { screens }) {
  const { at, path, answers } = screens[name];
  page.answers = answers;
  await page.clock.setFixedTime(at);
  await page.goto(SITE + path);
  await settle(page);
  if (SCREENS[name].press) await page.locator(SCREENS[name].press).first().click();
  // Pressing moves what is pressed into view, and leaves the pointer on it.
  await page.mouse.move(1, 1);
  await page.evaluate(() => scrollTo(0, 0));
  await settle(page);
}

const KINDS = { html: 'text/html', js: 'text/javascript', svg: 'image/svg+xml', woff2: 'font/woff2', png: 'image/png' };

/** Answers in the place of a server. */
async function play(page) {
  await page.routeWebSocket('**/api/v1/live', (socket) => socket.send('{"type":"welcome","ping_seconds":20}'));
  await page.route(`${SITE}/**`, async (route) => {
    const { pathname, search } = new URL(route.request().url());
    if (pathname.startsWith('/api/')) {
      const said = page.answers[pathname + search];
      if (!said) page.troubles.push(`nothing was recorded for ${pathname}${search}: ./dev shots --record`);
      const [status, kind, body] = said ?? [404, 'application/json', '{}'];
      return route.fulfill({ status, contentType: kind, body: typeof body === 'string' ? body : JSON.stringify(body) });
    }
    const file = normalize(join(DIST, pathname));
    const found =
      /\.\w+$/.test(pathname) && file.startsWith(DIST) && existsSync(file) ? file : join(DIST, 'index.html');
    return route.fulfill({ contentType: KINDS[found.split('.').at(-1)] ?? 'text/plain', body: readFileSync(found) });
  });
}

const person = (more) => ({ ...TURNS[0], timezoneId: 'Asia/Kolkata', serviceWorkers: 'block', ...more });
const shoot = (page) => page.screenshot({ animations: 'disabled', caret: 'hide' });

const FONT = createRequire(import.meta.url).resolve(
  '@fontsource-variable/anek-latin/files/anek-latin-latin-wght-normal.woff2',
);
/** Letters of our font and of the system's, and what is round. */
const SAMPLE = (
  font,
) => `<!doctype html><meta charset="utf-8"><style>@font-face{font-family:A;src:url(data:font/woff2;base64,${font})}
  body{font:21px A,system-ui,sans-serif;margin:20px}p{margin:9px;width:90px;height:61px;border-radius:19px;box-shadow:0 9px 19px #0008}</style>
  Ahead ₹1,234 → – … भ <b>Quiet Ω</b> <i>æ</i> <select><option>A list</select><p>`;

/** How this machine draws, by the hash of a sample: nothing in it is the app's own. */
async function machine(browser) {
  const page = await open(browser, person());
  await page.setContent(SAMPLE(readFileSync(FONT).toString('base64')));
  await settle(page);
  const picture = await shoot(page);
  await page.context().close();
  return createHash('sha256').update(picture).digest('hex').slice(0, 16);
}

/** Every picture of now, as PNG. */
async function* pictures(browser, recorded) {
  const page = await open(browser, person());
  await play(page);
  for (const name of Object.keys(SCREENS)) {
    await turn(page, TURNS[0]);
    await show(page, name, recorded);
    for (const size of TURNS) {
      await turn(page, size);
      await settle(page);
      yield [`${name}-${size.width}-${size.scheme}`, await shoot(page)];
    }
  }
  if (page.troubles.length > 0) throw new Error(page.troubles.join('\n'));
}

const fileOf = (name) => here(`fixtures/pictures/${name}.png`);

/** A picture in 32 steps of each colour: a third of the bytes, and as much as is compared. */
function coarse(bytes) {
  const picture = PNG.sync.read(bytes);
  for (let at = 0; at < picture.data.length; at += 1) picture.data[at] = Math.min(255, (picture.data[at] + 4) & ~7);
  return picture;
}

const packed = (picture) =>
  PNG.sync.write(picture, { colorType: 2, deflateLevel: 9, deflateStrategy: 0, filterType: 0 });

/** How many pixels differ, and a picture of them; everything differs where nothing was accepted, or in another size. */
function compare(name, now) {
  const before = existsSync(fileOf(name)) && PNG.sync.read(readFileSync(fileOf(name)));
  const { width, height } = now;
  if (!before || before.width !== width || before.height !== height) return [Number.POSITIVE_INFINITY];
  const difference = new PNG({ width, height });
  return [pixelmatch(before.data, now.data, difference.data, width, height, { threshold: COLOUR }), difference];
}

async function check(browser, folder) {
  const recorded = JSON.parse(readFileSync(ANSWERS, 'utf8'));
  const drawn = await machine(browser);
  if (drawn !== recorded.machine) {
    console.log(
      `This machine draws letters otherwise than the one of the accepted pictures (${drawn}, not ${recorded.machine}:`,
    );
    console.log(`another Chromium or other fonts; they were of ${recorded.chromium}), so they are not compared.`);
    return process.argv.includes('--strict') ? 1 : 0;
  }
  let wrong = 0;
  let all = 0;
  for await (const [name, png] of pictures(browser, recorded)) {
    all += 1;
    const [many, difference] = compare(name, coarse(png));
    if (many <= PIXELS) continue;
    wrong += 1;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.png`), png);
    if (difference) writeFileSync(join(folder, `${name}-difference.png`), PNG.sync.write(difference));
    console.log(`${name}: ${many} pixels differ from the accepted picture; see ${folder}`);
  }
  console.log(`${all} pictures, ${wrong} other than accepted`);
  return wrong > 0 ? 1 : 0;
}

/** Puts the pictures of now in the place of those that differ. They are looked at first. */
async function accept(browser) {
  const recorded = JSON.parse(readFileSync(ANSWERS, 'utf8'));
  const another = recorded.machine !== (await machine(browser));
  for await (const [name, png] of pictures(browser, recorded)) {
    const now = coarse(png);
    if (!another && compare(name, now)[0] <= PIXELS) continue;
    mkdirSync(here('fixtures/pictures'), { recursive: true });
    writeFileSync(fileOf(name), packed(now));
    console.log(`accepted ${name}`);
  }
  keep({ ...recorded, machine: await machine(browser), chromium: browser.version() });
}

/** An answer to a line. */
function lines(value, depth) {
  if (depth === 0 || value === null || typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value);
  const all = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${lines(one, depth - 1)}`);
  return `{\n${all.join(',\n')}\n}`;
}

const keep = (recorded) => writeFileSync(ANSWERS, `${lines(recorded, 4)}\n`);

/** Asks a served demo (UDAAN_URL) for everything that the screens ask, and keeps its answers. */
async function record(browser) {
  const page = await open(browser, person());
  const { machine = '', chromium = '' } = existsSync(ANSWERS) ? JSON.parse(readFileSync(ANSWERS, 'utf8')) : {};
  const recorded = { machine, chromium, screens: {} };
  const visit = async (name, path) => {
    const at = new Date().toISOString();
    const answers = {};
    const kept = [];
    const keepAnswer = (answer) => {
      const { pathname, search } = new URL(answer.url());
      if (!pathname.startsWith('/api/') || answer.request().method() !== 'GET' || answer.status() === 101) return;
      const kind = answer.headers()['content-type'] ?? 'text/plain';
      kept.push(
        answer.text().then((text) => {
          answers[pathname + search] = [answer.status(), kind, kind.includes('json') ? JSON.parse(text) : text];
        }),
      );
    };
    await page.clock.setFixedTime(at);
    page.on('response', keepAnswer);
    for (const { width, height, scheme } of [TURNS[0], TURNS[2]]) {
      await turn(page, { width, height, scheme });
      await page.goto(path);
      await settle(page);
      if (SCREENS[name].press) await page.locator(SCREENS[name].press).first().click();
      await settle(page);
    }
    page.off('response', keepAnswer);
    await Promise.all(kept);
    recorded.screens[name] = { at, path, answers };
    console.log(`${name}: ${Object.keys(answers).length} answers`);
  };
  await page.goto('/');
  const way = `JFK.LAX.${dayIn(10)}`;
  await visit('home', `/?trip=${way}~LAX.JFK.${dayIn(17)}&adults=2`);
  await visit('results', `/results?trip=${way}&adults=2`);
  await visit('help', '/help');
  const found = await call(page, 'GET', `/search?origin=JFK&destination=LAX&date=${dayIn(10)}&adults=2&limit=1`);
  const { held } = await prepare(page, found.itineraries[0].offer_id);
  await visit('seats', `/bookings/${held.id}/seats`);
  await visit('pay', `/bookings/${held.id}/pay`);
  const soon = await prepareSoon(page, await enter(page));
  const { slice, segment } = soon.segments[0];
  await visit('trip', `/trips/${soon.id}`);
  await visit('check-in', `/trips/${soon.id}/check-in?slice=${slice}&step=safety&who=1.2`);
  await call(page, 'PUT', `/bookings/${soon.id}/check-in/${segment}`, {
    passengers: [1, 2],
    no_dangerous_goods: true,
  });
  await visit('passes', `/trips/${soon.id}/passes`);
  keep(recorded);
}

const [verb, folder = 'pictures'] = process.argv.slice(2);
const verbs = { check, accept, record };
if (!verbs[verb]) throw new Error('node tests/pictures.mjs check|accept|record [FOLDER]');
if (verb !== 'record' && !existsSync(join(DIST, 'index.html')))
  throw new Error('there is no web/dist: ./dev web build');
// What a screen's own pixels and colours would do to letters is left out.
const browser = await launch('--disable-lcd-text', '--font-render-hinting=none', '--force-color-profile=srgb');
try {
  process.exitCode = (await verbs[verb](browser, folder)) ?? 0;
} finally {
  await browser.close();
}
