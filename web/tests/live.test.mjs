// What others do while one looks: seats that are taken and given back.
import assert from 'node:assert/strict';
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

/** What the staff say of a flight. */
async function staff(flight, change) {
  const answer = await fetch(`${URL_OF_APP}/api/v1/flights/${flight}`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${STAFF}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(change),
  });
  assert.equal(answer.status, 200, await answer.text());
}
