// What others do while one looks: seats that are taken and given back, and a release of the app.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { call, dayIn, launch, open, STAFF, settle, URL_OF_APP, violations } from './browser.mjs';
import { enter, hold } from './screens.mjs';
import * as go from './steps.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Somebody new, with two seats held on an offer. */
async function holder(offer) {
  const page = await open(browser, { width: 390, height: 844, bypassCSP: true });
  await page.goto('/');
  return { page, booking: await hold(page, await enter(page), offer) };
}

test('seats that another takes and gives back are marked, and one’s own that is gone comes with others near it', async () => {
  const visitor = await open(browser);
  await visitor.goto('/');
  const asked = `/search?origin=JFK&destination=LAX&date=${dayIn(14)}&adults=2&max_stops=0&limit=1`;
  const { offer_id: offer } = (await call(visitor, 'GET', asked)).itineraries[0];
  const { page: other, booking: theirs } = await holder(offer);
  const { page, booking } = await holder(offer);
  const { segment, flight_id: flight } = booking.segments[0];
  const { cabin } = await call(page, 'GET', `/bookings/${booking.id}/seats?segment=${segment}`);
  const free = cabin.rows
    .flatMap((row) => row.blocks.flat())
    .filter((seat) => seat.state === 'free' && !seat.features.includes('exit'))
    .map((seat) => seat.seat);
  const [first, second] = [free[8], free[20]];
  const take = (seat) =>
    call(other, 'POST', `/bookings/${theirs.id}/extras`, { seats: [{ segment, passenger: 1, seat }], items: [] });
  const at = (seat) => page.locator(`[data-seat="${seat}"]`);

  await page.clock.install();
  await page.goto(`/bookings/${booking.id}/seats`);
  await at(first).click();
  await page.getByText(`Chosen: ${first}`).waitFor();
  await settle(page);
  const before = await page.getByRole('grid').boundingBox();
  // A word of the flight is looked after at once.
  await take(second);
  await staff(flight, { gate: `B${Date.now() % 1000}` });
  await page.getByText(`Just taken: ${second}.`).waitFor();
  assert.match(await at(second).getAttribute('aria-label'), /, taken, new$/);
  assert.deepEqual(await page.getByRole('grid').boundingBox(), before);

  // Of seats no word is said: they are looked at every twenty seconds.
  await take(first);
  await page.clock.fastForward(20_000);
  await page.getByText(`Just taken: ${first}. Free again: ${second}.`).waitFor();
  assert.match(await at(second).getAttribute('aria-label'), /, available, .*, new$/);
  await page.getByText(`Somebody else has just taken ${first}, which you chose for Asha.`).waitFor();
  assert.deepEqual(await page.getByRole('grid').boundingBox(), before);
  await page.getByRole('button', { name: 'I choose on the map' }).and(page.locator(':enabled')).waitFor();
  assert.deepEqual(await violations(page), []);
  const near = page.getByRole('group', { name: `Near ${first}` }).getByRole('button');
  const [, third] = /^Take (\w+) instead/.exec(await near.first().getAttribute('aria-label'));
  await near.first().click();
  await page.getByText(`Chosen: ${third}`).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-seat')), third);

  // The same when it is learned by taking it.
  await take(third);
  await page.getByRole('button', { name: /^Take 1 seat/ }).click();
  await page.getByText(`Somebody else has just taken ${third}, which you chose for Asha.`).waitFor();
  await page
    .getByRole('group', { name: `Near ${third}` })
    .getByRole('button')
    .first()
    .click();
  await page.getByRole('button', { name: /^Take 1 seat/ }).click();
  await go.arrive(page, 'Anything else?');
  assert.deepEqual(page.troubles, []);
});

/** The app behind a server that can bring out another release of it: the same files, and a service worker that is another one. */
async function withReleases(look) {
  let release = '';
  const server = createServer(async (request, response) => {
    const answer = await fetch(new URL(request.url, URL_OF_APP), { redirect: 'manual' });
    const body = Buffer.from(await answer.arrayBuffer());
    const isWorker = request.url.startsWith('/sw.js');
    // Unpacked by now, and as long as it is.
    const left = [
      'content-encoding',
      'content-length',
      'transfer-encoding',
      'connection',
      ...(isWorker ? ['etag'] : []),
    ];
    response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(([name]) => !left.includes(name))));
    response.end(isWorker ? `${body}${release}` : body);
  });
  await new Promise((done) => server.listen(0, 'localhost', done));
  const bringOut = () => {
    release += '\n// Another release.';
  };
  try {
    await look(`http://localhost:${server.address().port}`, bringOut);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a new release waits until somebody wants it, and interrupts no booking, in no window', async () => {
  await withReleases(async (site, bringOut) => {
    const page = await open(browser, { bypassCSP: true });
    await page.goto(`${site}/`);
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await page.reload();
    await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
    const found = await call(page, 'GET', `/search?origin=JFK&destination=LAX&date=${dayIn(14)}&adults=1&limit=1`);
    const offer = `${site}/book?offer=${found.itineraries[0].offer_id}`;

    bringOut();
    await page.goto(offer);
    await waiting(page);
    await page.getByRole('radio', { name: 'I am new' }).check({ force: true });
    await page.getByLabel('Name', { exact: true }).fill('Asha Rao');
    await settle(page);
    const notice = page.getByText('A new version is ready.');
    assert.equal(await notice.count(), 0);
    // Somewhere else it is said, and goes away for whoever wants it later.
    const other = await page.context().newPage();
    await other.goto(`${site}/help`);
    const there = other.getByText('A new version is ready.');
    await there.waitFor();
    assert.deepEqual(await violations(other), []);
    await other.getByRole('button', { name: 'Later' }).click();
    await there.waitFor({ state: 'detached' });
    await other.reload();
    await there.waitFor();
    await mark(other);
    await other.getByRole('button', { name: 'Use it now' }).click();
    await begunAnew(other);
    await there.waitFor({ state: 'detached' });
    assert.equal(await other.evaluate(async () => (await navigator.serviceWorker.getRegistration()).waiting), null);

    // The booking in the first window goes on as it was, and the next screen is the new release's.
    await mark(page);
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Asha Rao');
    await page.getByRole('link', { name: 'Udaan, to the start' }).click();
    await begunAnew(page);
    await page.getByRole('button', { name: 'Search', exact: true }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/');
    assert.equal(await notice.count(), 0);
    assert.deepEqual(page.troubles, []);
  });
});

/** Until another release is there and waits. */
const waiting = (page) =>
  page.waitForFunction(async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting));

/** What a page that begins anew has not any more. */
const mark = (page) =>
  page.evaluate(() => {
    globalThis.marked = true;
  });
const begunAnew = (page) => page.waitForFunction(() => !('marked' in globalThis));

/** What the staff say of a flight. */
async function staff(flight, change) {
  const answer = await fetch(`${URL_OF_APP}/api/v1/flights/${flight}`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${STAFF}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(change),
  });
  assert.equal(answer.status, 200, await answer.text());
}
