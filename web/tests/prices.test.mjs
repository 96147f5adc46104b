// Prices that are watched: begun with the keyboard from a search, told when they fall, looked after; and the fare of a trip.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, dayIn, launch, open, staff, URL_OF_APP, violations } from './browser.mjs';
import { enter, prepare } from './screens.mjs';
import * as go from './steps.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** The cheapest direct flight of a day. */
async function directFlight(page, days) {
  const day = dayIn(days);
  const where = `/search?origin=JFK&destination=LAX&date=${day}&adults=2&max_stops=0&sort=price&limit=1`;
  const [cheapest] = (await call(page, 'GET', where)).itineraries;
  return { day, offer: cheapest.offer_id, flight: cheapest.segments[0].flight_id };
}

/** Fares of a flight, in a share of what they are. */
async function sellFor(flight, share) {
  const { cabins } = await (await fetch(`${URL_OF_APP}/api/v1/flights/${flight}`)).json();
  const cut = (one) => ({ class: one.class, fare: Math.round(one.fare * share), limit: one.limit });
  await staff(flight, { cabins: cabins.map(({ cabin, classes }) => ({ cabin, classes: classes.map(cut) })) });
}

test('with the keyboard: a price is watched, falls while one looks, is told, paused, and watched no more', async () => {
  const page = await open(browser, { width: 390, height: 844, bypassCSP: true });
  await page.goto('/');
  await enter(page);
  const { day, flight } = await directFlight(page, 19);
  await page.goto(`/results?trip=JFK.LAX.${day}&adults=2&stops=0&sort=price`);
  await page.locator('main article').first().waitFor();
  await go.pressButton(page, /^Watch this price$/);
  await page
    .getByRole('dialog')
    .getByText(/We know this price since/)
    .waitFor();
  await go.pressButton(page, /^Watch it$/);
  await page.getByText('You watch it from now on.').waitFor();
  assert.deepEqual(await violations(page), []);
  await go.pressButton(page, /^Done$/);
  await page.getByRole('link', { name: 'You watch it' }).waitFor();
  await sellFor(flight, 0.6);
  // It moves nothing by itself.
  await go.pressButton(page, /^Prices have changed: show them$/);
  await page.getByRole('link', { name: /^Inbox, 1 new$/ }).waitFor();
  await page.goto('/inbox');
  await go.pressButton(page, /^To the prices you watch/);
  await go.arrive(page, 'Prices you watch');
  await page.getByText('Reached', { exact: true }).waitFor();
  await go.pressButton(page, /^How it was/);
  await page.locator('figure').waitFor();
  assert.deepEqual(await violations(page), []);
  await go.pressButton(page, /^Edit/);
  await page.getByRole('radio', { name: 'to a price of my own' }).check({ force: true });
  await page.getByLabel('One adult pays at most (USD)').fill('1.5');
  await go.pressButton(page, /^Save$/);
  await page.getByText('You wait for: at $1.50 or less.').waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === 'Edit');
  await go.pressButton(page, /^Pause/);
  await page.getByText('Paused', { exact: true }).waitFor();
  await go.pressButton(page, /^Resume/);
  await page.getByText('Watching', { exact: true }).waitFor();
  await go.pressButton(page, /^Delete/);
  await page.getByRole('group').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('You watch nothing yet').waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === 'You watch JFK – LAX no more.');
  await sellFor(flight, 1 / 0.6);
  assert.deepEqual(page.troubles, []);
});

test('the fare that was bought is watched from its trip', async () => {
  const page = await open(browser, { bypassCSP: true });
  await page.goto('/');
  const { offer } = await directFlight(page, 20);
  const { paid } = await prepare(page, offer);
  await page.goto(`/trips/${paid.id}`);
  await page.getByRole('button', { name: /^Tell me when it costs less: \w+$/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Watch it' }).click();
  await page.getByText(/Your fare counts as/).waitFor();
  await page.getByRole('dialog').getByRole('link', { name: 'Prices you watch' }).click();
  await go.arrive(page, 'Prices you watch');
  await page.getByText(/the fare you bought/).waitFor();
  await page.getByRole('link', { name: 'To the trip' }).click();
  await page.getByRole('link', { name: /^You watch what \w+ costs$/ }).waitFor();
  assert.deepEqual(page.troubles, []);
});

test('whoever is not signed in sees what a price was, and can sign in beside it', async () => {
  const page = await open(browser, { locale: 'hi', scheme: 'dark', bypassCSP: true });
  const usd = (amount) => ({ amount, currency: 'USD' });
  const days = [21900, 19900, null, 18900].map((amount, index) => {
    const money = amount && usd(amount);
    return { day: dayIn(index * 3 - 12), low: money, high: money, last: money };
  });
  // A price that was watched for days is not to be had in a demo that began today.
  await page.route('**/api/v1/price-history?*', (route) =>
    route.fulfill({
      json: {
        origin: 'JFK',
        destination: 'LAX',
        date: dayIn(21),
        cabin: 'economy',
        price: usd(18900),
        days,
        usual: { low: usd(19000), middle: usd(20000), high: usd(21000) },
        standing: 'low',
      },
    }),
  );
  await page.goto(`/results?trip=JFK.LAX.${dayIn(21)}`);
  await page.getByRole('button', { name: 'इस दाम पर नज़र रखें' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.locator('figure summary').click();
  assert.equal(await sheet.locator('tbody tr').count(), 4);
  await sheet.locator('form').waitFor();
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(page.troubles, []);
});
