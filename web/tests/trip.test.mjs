// A trip on the days of its flights: what the clock changes, what the airline breaks, and what its travellers give back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, launch, open, settle, staff, violations } from './browser.mjs';
import { prepareChangeable } from './change.mjs';
import { enter, prepareSoon } from './screens.mjs';
import * as go from './steps.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Nobody looks at the page, or somebody does again. */
const turnTo = (page, hidden) =>
  page.evaluate((is) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => is });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

test('boarding and departure come by the clock, and check-in closes, while somebody looks', async () => {
  const page = await open(browser, { width: 390, height: 844 });
  await page.goto('/');
  const booking = await prepareSoon(page, await enter(page));
  const [{ departs_at: departs }] = booking.segments;
  await page.clock.install();
  // What the server says at another time is played; the times are its own.
  const doing = { status: 'scheduled', check_in: 'open', asked: 0 };
  await page.route('**/api/v1/flights/*/status', async (route) => {
    doing.asked += 1;
    const answer = await route.fetch({ maxRetries: 2 });
    await route.fulfill({ response: answer, json: { ...(await answer.json()), status: doing.status } });
  });
  await page.route('**/api/v1/bookings/*/check-in', async (route) => {
    const answer = await route.fetch({ maxRetries: 2 });
    const state = await answer.json();
    for (const flight of state.flights) flight.check_in = doing.check_in;
    await route.fulfill({ response: answer, json: state });
  });
  const until = async (minutes) => {
    const now = await page.evaluate(() => Date.now());
    await page.clock.fastForward(Date.parse(departs) - minutes * 60_000 - now + 2000);
  };
  await page.goto(`/trips/${booking.id}`);
  const now = page.locator('main section', { has: page.locator('dl') });
  await now.getByText('On time').waitFor();
  await page.getByRole('heading', { name: 'Check-in is open' }).waitFor();
  doing.check_in = 'closed';
  await until(60);
  await page.getByRole('heading', { name: 'Check-in is open' }).waitFor({ state: 'detached' });
  doing.status = 'boarding';
  await until(40);
  await now.getByText('Boarding', { exact: true }).waitFor();
  // While nobody sees the page, nothing is asked; whoever comes back sees what is so now.
  await turnTo(page, true);
  await settle(page);
  const { asked } = doing;
  doing.status = 'departed';
  await until(-5);
  await settle(page);
  assert.equal(doing.asked, asked);
  await turnTo(page, false);
  await now.getByText('Departed', { exact: true }).waitFor();

  // The same on the screen of check-in.
  doing.check_in = 'not_open';
  await page.goto(`/trips/${booking.id}/check-in`);
  await page.getByText(/^Opens /).waitFor();
  // What is under way already may say what was so before, and is not asked twice.
  await settle(page);
  doing.check_in = 'open';
  await turnTo(page, false);
  await page.getByText(/^Open until /).waitFor();
  assert.deepEqual(page.troubles, []);
});

/** The trip says that its flight is cancelled. */
const broken = (page) => page.getByRole('heading', { name: 'Your flight is cancelled' }).waitFor({ timeout: 40_000 });

test('the airline cancels a flight: who flies sees both choices with their figures, and takes another flight', async () => {
  const page = await open(browser, { width: 390, height: 844, bypassCSP: true });
  await page.goto('/');
  const { id, segments } = await prepareChangeable(page);
  await page.goto(`/trips/${id}`);
  await page.getByRole('link', { name: 'Change flights' }).waitFor();
  await staff(segments[0].flight_id, { status: 'cancelled' });
  // Days ahead no word of a flight is listened to: the mail and the inbox lead here.
  await page.reload();
  await broken(page);
  const panel = page.getByRole('region', { name: 'Your flight is cancelled' });
  await panel.getByText('You get back').waitFor();
  await panel.getByText(/^The cheapest near it, /).waitFor();
  assert.deepEqual(await violations(page), []);
  await go.pressButton(page, /^Choose another flight$/);
  await page.getByText('Until now:').waitFor();
  await go.pressButton(page, /^(Saver|Standard|Flex)/);
  await go.arrive(page, 'What the change costs');
  assert.equal(await page.getByText('Fee for the change').count(), 0);
  await staff(segments[0].flight_id, { status: 'scheduled' });
  assert.deepEqual(page.troubles, []);
});

test('another takes the money for the flight that was cancelled, and keeps the way back', async () => {
  const page = await open(browser, { width: 390, height: 844 });
  await page.goto('/');
  const { id, segments } = await prepareChangeable(page);
  await staff(segments[0].flight_id, { status: 'cancelled' });
  await page.goto(`/trips/${id}`);
  await broken(page);
  await go.pressButton(page, /^Give this way back$/);
  await go.arrive(page, 'Cancel this part of the trip?');
  await page.getByText('The rest of the trip stays as it is.').waitFor();
  await go.pressButton(page, /^Cancel, with .* back$/);
  await page.getByText(/Money back/).waitFor();
  const { status, coupons } = await call(page, 'GET', `/bookings/${id}`);
  assert.equal(status, 'confirmed');
  assert.deepEqual(coupons.map((one) => one.status).sort(), ['open', 'open', 'refunded', 'refunded']);
  await staff(segments[0].flight_id, { status: 'scheduled' });
  assert.deepEqual(page.troubles, []);
});

test('one of two gives the way back back, after a look at what that comes to', async () => {
  const page = await open(browser);
  await page.goto('/');
  const { id } = await prepareChangeable(page);
  await page.goto(`/trips/${id}`);
  await go.pressButton(page, /^Cancel the trip$/);
  await go.arrive(page, 'What do you give back?');
  assert.equal(await page.getByRole('checkbox', { checked: true }).count(), 0);
  await go.pressButton(page, /^What is ticked$/);
  await page.getByText('Choose at least one way and one traveller.').waitFor();
  await page.getByRole('checkbox', { name: /^Los Angeles → New York/ }).check();
  await page.getByRole('checkbox', { name: /^Vikram Rao/ }).check();
  await go.pressButton(page, /^What is ticked$/);
  await go.arrive(page, 'Cancel this part of the trip?');
  await page.getByText('You get back').waitFor();
  await go.pressButton(page, /^Cancel, with .* back$/);
  await page.getByText(/Money back/).waitFor();
  const { coupons } = await call(page, 'GET', `/bookings/${id}`);
  const gone = coupons.filter((one) => one.status === 'refunded');
  assert.deepEqual(gone, [{ segment: 2, passenger: 2, status: 'refunded' }]);
  assert.deepEqual(page.troubles, []);
});

test('whoever comes to a trip from a push signs in, and is at the trip', async () => {
  const owner = await open(browser);
  await owner.goto('/');
  const who = await enter(owner);
  const booking = await prepareSoon(owner, who);
  const page = await open(browser);
  await page.goto(`/trips/${booking.id}`);
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password', { exact: true }).fill(who.password);
  await page.keyboard.press('Enter');
  await page.getByText(booking.locator, { exact: true }).waitFor();
  assert.deepEqual(page.troubles, []);
});
