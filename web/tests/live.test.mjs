// What others do while one looks: seats that are taken and given back, and a release of the app.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { call, dayIn, launch, open, settle, staff, URL_OF_APP, violations } from './browser.mjs';
import { enter, hold, prepare } from './screens.mjs';
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
  const told = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => told.push(`${payload}`)));
  const hears = async (...words) => {
    const isTold = () => told.some((one) => words.every((word) => one.includes(word)));
    for (let tries = 0; tries < 300 && !isTold(); tries += 1) await page.waitForTimeout(50);
    assert.ok(isTold(), `the page was not told: ${words.join(' ')}`);
  };
  await page.goto(`/bookings/${booking.id}/seats`);
  // What is told makes the page ask. An answer that is under way while another takes a seat would be from before, and the next look be no new one.
  await hears('"subscribed"', booking.id);
  await at(first).click();
  await page.getByText(`Chosen: ${first}`).waitFor();
  await settle(page);
  const before = await page.getByRole('grid').boundingBox();
  // A word of the flight is looked after at once.
  await take(second);
  await staff(flight, { gate: `B${Date.now() % 1000}` });
  await hears('"flight.updated"', flight);
  await page.getByText(`Just taken: ${second}.`).waitFor();
  await settle(page);
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
  // One that goes meanwhile stays in its place, and is not to be had.
  const offered = await near.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
  await take(/^(\w+) .*: take it instead$/.exec(offered.at(-1))[1]);
  await page.clock.fastForward(20_000);
  await near.last().and(page.locator(':disabled')).waitFor();
  assert.deepEqual(await near.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label'))), offered);
  const [, third] = /^(\w+) .*: take it instead$/.exec(await near.first().getAttribute('aria-label'));
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

test('where no socket comes, nothing is asked while nobody looks, and once when somebody comes back', async () => {
  const page = await open(browser, { width: 390, height: 844 });
  await page.routeWebSocket(/\/api\/v1\/live/, (socket) => socket.close());
  await page.goto('/');
  const found = await call(page, 'GET', `/search?origin=JFK&destination=LAX&date=${dayIn(14)}&adults=2&limit=1`);
  const { paid } = await prepare(page, found.itineraries[0].offer_id);
  let asked = 0;
  page.on('request', (one) => {
    if (new URL(one.url()).pathname === `/api/v1/bookings/${paid.id}`) asked += 1;
  });
  const see = (isSeen) =>
    page.evaluate((seen) => {
      Object.defineProperties(document, {
        hidden: { configurable: true, get: () => !seen },
        visibilityState: { configurable: true, get: () => (seen ? 'visible' : 'hidden') },
      });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, isSeen);
  const minute = async () => {
    for (let each = 0; each < 2; each += 1) {
      await page.clock.fastForward(30_000);
      await settle(page);
    }
  };
  await page.clock.install();
  await page.goto(`/trips/${paid.id}`);
  await page.getByText(paid.locator).first().waitFor();
  await settle(page);
  await see(false);
  asked = 0;
  await minute();
  assert.equal(asked, 0);
  await see(true);
  await settle(page);
  assert.equal(asked, 1);
  await minute();
  assert.equal(asked, 3);
  assert.deepEqual(page.troubles, []);
});

/** What a request is besides its address. */
const CARRIED = ['content-type', 'cookie', 'authorization', 'idempotency-key', 'x-udaan-client', 'accept-language'];

/** The app behind a server that can bring out another release of it: the same files, and a service worker that is another one. */
async function withReleases(look) {
  let release = '';
  const server = createServer(async (request, response) => {
    const { method, url } = request;
    const sent = Buffer.concat(await request.toArray());
    const carried = Object.fromEntries(
      CARRIED.flatMap((name) => (request.headers[name] ? [[name, request.headers[name]]] : [])),
    );
    const answer = await fetch(new URL(url, URL_OF_APP), {
      method,
      redirect: 'manual',
      // Writes are taken from the app's own page.
      headers: { ...carried, origin: URL_OF_APP },
      ...(sent.length > 0 ? { body: sent } : {}),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    const isWorker = url.startsWith('/sw.js');
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
    const found = await call(page, 'GET', `/search?origin=JFK&destination=LAX&date=${dayIn(14)}&adults=2&limit=1`);
    const offer = `${site}/book?offer=${found.itineraries[0].offer_id}`;

    // Another window holds the pass to a booking, which ends with the page.
    const passed = await page.context().newPage();
    const theirs = await someonesBooking(found.itineraries[0].offer_id);
    await openWithCode(passed, site, theirs);
    await passed.evaluate(() =>
      navigator.serviceWorker.addEventListener('controllerchange', () => {
        globalThis.replaced = true;
      }),
    );

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
    // Over nothing that is chosen from, either.
    await other.evaluate(() => {
      history.pushState({}, '', '/results');
      dispatchEvent(new PopStateEvent('popstate', { state: {} }));
    });
    await there.waitFor({ state: 'detached' });
    await other.goBack();
    await there.waitFor();
    await other.getByRole('button', { name: 'Later' }).click();
    await there.waitFor({ state: 'detached' });
    // It comes up under a finger, perhaps: for half a second nothing of it is pressed.
    await other.clock.install();
    await other.clock.pauseAt(Date.now() + 1_000);
    await other.reload();
    for (let steps = 0; steps < 200 && (await there.count()) === 0; steps += 1) {
      await other.clock.runFor(50);
      await other.waitForTimeout(20);
    }
    const buttons = other.getByRole('button', { name: /^(Later|Use it now)$/ });
    await other.clock.runFor(250);
    assert.deepEqual(await buttons.evaluateAll((all) => all.map((one) => one.disabled)), [true, true]);
    await other.clock.runFor(300);
    await buttons.and(other.locator(':enabled')).nth(1).waitFor();
    await other.clock.resume();
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

    // The window with the pass goes elsewhere in the release that it has, and finds the booking open when it comes back.
    await passed.waitForFunction(() => globalThis.replaced);
    await mark(passed);
    await passed.getByRole('link', { name: 'Udaan, to the start' }).click();
    await passed.getByRole('button', { name: 'Search', exact: true }).waitFor();
    await passed.goBack();
    await passed.getByText(theirs.locator).first().waitFor();
    assert.equal(await passed.evaluate(() => globalThis.marked), true);
    assert.deepEqual(page.troubles, []);
  });
});

/** A held booking of somebody who is not here. */
async function someonesBooking(offer) {
  const page = await open(browser);
  await page.goto('/');
  return hold(page, await enter(page), offer);
}

/** Opens a booking with the code from its mail, in a page that a release of the app looks after. */
async function openWithCode(page, site, { locator, contact }) {
  await page.goto(`${site}/retrieve`);
  await page.getByLabel('Booking code').fill(locator);
  await page.getByLabel('Surname of a traveller').fill('Rao');
  await page.getByRole('button', { name: 'Find it' }).click();
  await page.getByRole('button', { name: 'Send me the code' }).click();
  await page.getByLabel('Code from the mail').fill(await go.codeFor(page, contact.email));
  await page.getByRole('button', { name: 'Open the booking' }).click();
  await page.getByText(locator).first().waitFor();
}

/** Until another release is there and waits. */
const waiting = (page) =>
  page.waitForFunction(async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting));

/** What a page that begins anew has not any more. */
const mark = (page) =>
  page.evaluate(() => {
    globalThis.marked = true;
  });
const begunAnew = (page) => page.waitForFunction(() => !('marked' in globalThis));
