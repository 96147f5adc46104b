// Debian's Chromium and what every test of the app wants of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

export const URL_OF_APP = process.env.UDAAN_URL ?? 'http://127.0.0.1:8080';
/** The access token of somebody of the staff, for what happens to flights while travellers look. */
export const STAFF = process.env.UDAAN_STAFF;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launch = (...flags) =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...FLAGS, ...flags] });

/** What the staff ask of the API. */
export async function asStaff(method, path, body) {
  const answer = await fetch(`${URL_OF_APP}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${STAFF}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** What the staff say of a flight. */
export const staff = (flight, change) => asStaff('PUT', `/flights/${flight}`, change);

/** A page as one person has it; what goes wrong in it unseen is collected in `page.troubles`. */
export async function open(browser, { locale = 'en', scheme = 'light', width = 1280, height = 900, ...more } = {}) {
  const context = await browser.newContext({
    baseURL: URL_OF_APP,
    locale: locale === 'hi' ? 'hi-IN' : 'en-IN',
    colorScheme: scheme,
    reducedMotion: 'reduce',
    viewport: { width, height },
    // Axe is put into the page from outside; the page's own policy is looked at by a test of its own.
    ...more,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.underway = new Set();
  page.on('request', (request) => page.underway.add(request));
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => page.underway.delete(request));
  page.on('framenavigated', (frame) => frame === page.mainFrame() && page.underway.clear());
  page.troubles = [];
  page.on('pageerror', (error) => page.troubles.push(`${error}`));
  page.on('console', (message) => {
    // Refusals are part of the journeys; anything else that the console complains about is not.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      page.troubles.push(message.text());
  });
  return page;
}

/** Until nothing more is asked for, and nothing more is drawn: for two tenths of a second, where Playwright's own state waits for five. */
export async function settle(page) {
  const patience = Date.now() + 15_000;
  for (let quiet = 0; quiet < 4; quiet += 1) {
    if (page.underway.size > 0 && Date.now() < patience) quiet = -1;
    await page.waitForTimeout(50);
  }
  await drawn(page);
}

/** Until the page is drawn as it is now. */
export const drawn = (page) =>
  page.evaluate(async () => {
    await document.fonts.ready;
    for (let each = 0; each < 2; each += 1) await new Promise((done) => requestAnimationFrame(done));
  });

/** Another window and scheme around the page as it is. */
export async function turn(page, { width, height, scheme }) {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height });
  // What lies half behind the header, as a click left it, would be a target that is too small.
  await page.evaluate(() => scrollTo(0, 0));
  await drawn(page);
}

const OPTIONS = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  // An experiment of axe's, which it runs only when it is asked to.
  rules: { 'label-content-name-mismatch': { enabled: true } },
  resultTypes: ['violations'],
};

const COLOURS = { runOnly: { type: 'rule', values: ['color-contrast'] }, resultTypes: ['violations'] };

/** What axe finds against WCAG 2.2 AA on the screen as it is, or, of its colours alone, against what is asked of them. */
export async function violations(page, colours = false) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const run = async (options) => {
    const result = await globalThis.axe.run(document, options);
    // A day of the calendar is drawn as `1 $183` and named `Tuesday, 1 December 2026, $183`: all that is seen is in the name, which the rule
    // wants in one piece.
    const isDay = ({ target }) => document.querySelector(target[0])?.closest('[role=grid] td') !== null;
    for (const one of result.violations)
      if (one.id === 'label-content-name-mismatch') one.nodes = one.nodes.filter((node) => !isDay(node));
    return { violations: result.violations.filter((one) => one.nodes.length > 0) };
  };
  const { violations: found } = await page.evaluate(run, colours ? COLOURS : OPTIONS);
  return found.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`).join(' | ')}`,
  );
}

/** A day so many from now, as the server writes it. */
export const dayIn = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const JSON_HEADERS = { 'Content-Type': 'application/json', 'X-Udaan-Client': 'web' };

/** Asks the API as the page does: with its cookie, from its origin. */
export const call = (page, method, path, body) =>
  page.evaluate(
    async ([how, where, what, headers]) => {
      const key = how === 'POST' ? { 'Idempotency-Key': crypto.randomUUID() } : {};
      const answer = await fetch(`/api/v1${where}`, {
        method: how,
        headers: { ...headers, ...key },
        body: what && JSON.stringify(what),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${where}: ${answer.status} ${text}`);
      return text ? JSON.parse(text) : undefined;
    },
    [method, path, body, JSON_HEADERS],
  );
