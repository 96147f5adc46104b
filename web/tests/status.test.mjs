// How flights stand, for whoever looks one up: by its number or its route, late, cancelled, and not there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, dayIn, launch, open, settle, staff, violations } from './browser.mjs';
import { enter } from './screens.mjs';
import * as go from './steps.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const DAY = dayIn(2);
const clock = (time) => time.slice(11, 16);
/** Minutes later on the same clock, as a delay within a day is shown. */
const later = (time, minutes) =>
  new Date(Date.parse(`${time.slice(0, 16)}Z`) + minutes * 60_000).toISOString().slice(11, 16);

/** A flight of the route that leaves and lands well before midnight, also when it is an hour late. */
async function flightOf(page, route) {
  const { flights } = await call(page, 'GET', `/flights?${route}&date=${DAY}&limit=100`);
  const early = flights.filter((one) => one.departs_at.slice(11) < '18' && one.arrives_at.startsWith(DAY));
  const one = early.find(({ arrives_at: arrives, status }) => status === 'scheduled' && arrives.slice(11) < '21');
  await staff(one.id, { gate: 'B4', delay_minutes: 0 });
  return one;
}

test('with the keyboard: a flight is looked up by its number, and late, at another gate and cancelled while somebody looks', async () => {
  const page = await open(browser, { width: 390, height: 844, bypassCSP: true });
  await page.goto('/');
  await enter(page);
  const flight = await flightOf(page, 'origin=JFK&destination=SEA');
  await page.goto('/trips');
  await go.pressButton(page, /^Flight status$/);
  await go.arrive(page, 'Flight status');
  await go.pressButton(page, /^Look it up$/);
  await page.getByText('Two letters and a number, like KR1').waitFor();
  // What is wrong has the keyboard; a number is known however it is typed.
  await page.waitForFunction(() => document.activeElement?.name === 'number');
  const [, airline, number] = /^(\w\w)(\d+)$/.exec(flight.flight_number);
  await page.keyboard.type(`${airline.toLowerCase()} 0${number}`);
  await page.getByLabel('Leaves on').fill(DAY);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/status?number=${flight.flight_number}&on=${DAY}`);
  const card = page.getByRole('article');
  await card.getByText('On time', { exact: true }).waitFor();
  await page.getByRole('status').filter({ hasText: '1 flight' }).waitFor();
  await card.getByText('Live', { exact: true }).waitFor();
  const facts = card.getByRole('definition').or(card.locator('dd'));
  await facts.filter({ hasText: 'B4' }).first().waitFor();
  await staff(flight.id, { gate: 'C7', delay_minutes: 45 });
  const now = later(flight.departs_at, 45);
  await page
    .getByRole('status')
    .filter({ hasText: new RegExp(`New: ${flight.flight_number}, Delayed, gate C7, departs ${now}`) })
    .waitFor({ timeout: 20_000 });
  // The new time above, and the old one in the schedule below.
  assert.equal(await card.locator('dd').nth(1).textContent(), now);
  assert.equal(await card.locator('time').first().textContent(), clock(flight.departs_at));
  await staff(flight.id, { status: 'cancelled' });
  await card.getByText('This flight does not fly.').waitFor({ timeout: 20_000 });
  await card.getByText('Cancelled', { exact: true }).waitFor();
  assert.deepEqual(await violations(page), []);
  await staff(flight.id, { status: 'scheduled', delay_minutes: 0 });
  await card.getByText('This flight does not fly.').waitFor({ state: 'detached', timeout: 20_000 });
  // The next day is another flight; Back is the one before, with what was typed.
  await go.pressButton(page, /^Day after$/);
  await page.waitForURL(`**/status?number=${flight.flight_number}&on=${dayIn(3)}`);
  await page.goBack();
  await page.waitForURL(`**on=${DAY}`);
  await card.getByText('On time', { exact: true }).waitFor();
  assert.equal(await page.getByLabel('Leaves on').inputValue(), DAY);
  await page.getByRole('textbox', { name: 'Flight number' }).fill('ZZ9');
  await page.keyboard.press('Enter');
  await page.getByText(/^ZZ9 does not leave on that day/).waitFor();
  await page.getByRole('status').filter({ hasText: 'No flight found.' }).waitFor();
  assert.deepEqual(page.troubles, []);
});

test('whoever knows the route sees its flights in their order, by asking again where nobody is signed in', async () => {
  const page = await open(browser);
  await page.clock.install();
  await page.goto('/');
  const flight = await flightOf(page, 'origin=LAX&destination=JFK');
  await page.getByRole('contentinfo').getByRole('link', { name: 'Flight status' }).click();
  await go.arrive(page, 'Flight status');
  await page.getByRole('radio', { name: 'From and to' }).check({ force: true });
  await page.getByRole('button', { name: 'Look it up' }).click();
  await page.getByText('Needed to look').nth(1).waitFor();
  for (const [label, text, code] of [
    ['From', 'los angeles', 'LAX'],
    ['To', 'NYC', 'JFK'],
  ]) {
    await page.getByRole('button', { name: new RegExp(`^${label} `) }).click();
    await page.getByRole('searchbox').fill(text);
    // A flight goes to one airport of a city.
    await page.getByRole('option', { name: new RegExp(`${code}$`) }).waitFor();
    assert.equal(await page.getByRole('option', { name: /^All airports|NYC$/ }).count(), 0);
    await page.getByRole('option', { name: new RegExp(`${code}$`) }).click();
    await page.getByRole('button', { name: new RegExp(`^${label} .*${code}$`) }).waitFor();
  }
  await page.getByLabel('Leaves on').fill(DAY);
  const path = '**/api/v1/flights?*';
  await page.route(path, (route) =>
    route.fulfill({ status: 422, contentType: 'application/problem+json', body: '{"code":"invalid_field"}' }),
  );
  await page.getByRole('button', { name: 'Look it up' }).click();
  await page.getByRole('main').getByRole('alert').waitFor();
  await page.unroute(path);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.waitForURL(`**/status?from=LAX&to=JFK&on=${DAY}`);
  const rows = page.getByRole('main').getByRole('listitem').getByRole('link');
  await rows.first().waitFor();
  const leaves = (await rows.allTextContents()).map((text) => text.slice(0, 5));
  assert.ok(leaves.length > 3);
  assert.deepEqual(leaves, leaves.toSorted());
  const row = rows.filter({ hasText: new RegExp(`${flight.flight_number}(?!\\d)`) });
  await row.getByText('On time').waitFor();
  await page.getByText('Looked up every half minute').waitFor();
  // Nobody tells strangers; they are shown the same within the half minute.
  await staff(flight.id, { gate: 'C7', delay_minutes: 45 });
  await page.clock.fastForward(31_000);
  await row.getByText('Delayed').waitFor();
  await row.getByText(`now ${later(flight.departs_at, 45)} – ${later(flight.arrives_at, 45)}`).waitFor();
  await page
    .getByRole('status')
    .filter({ hasText: `New: ${flight.flight_number}, Delayed, gate C7` })
    .waitFor();
  await row.click();
  await page.waitForURL(`**/status?number=${flight.flight_number}&on=${DAY}`);
  await page.getByRole('article').getByText('Delayed', { exact: true }).waitFor();
  await page.goBack();
  await row.waitFor();
  await settle(page);
  await staff(flight.id, { delay_minutes: 0 });
  assert.deepEqual(page.troubles, []);
});
