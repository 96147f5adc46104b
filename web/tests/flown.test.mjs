// A trip from the search to what its travellers say of it. The flight is put on sale by the staff, as all flights are, and leaves today: it is
// boarded, closed and sent off through the API of the gate, and its travellers have truly flown.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asStaff, call, launch, open, staff, violations } from './browser.mjs';
import * as go from './steps.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const HOUR = 3_600_000;
/**
 * Where it is day now: the flight is on sale hours before it leaves, and leaves on the date that it was sold for. Nobody else flies there, so
 * that it is the whole list.
 */
const hour = new Date().getUTCHours();
const [FROM, TO, ZONE] = hour >= 14 && hour < 19 ? ['GRU', 'GIG', 'America/Sao_Paulo'] : ['DEL', 'BOM', 'Asia/Kolkata'];

/** The clock on the wall of either airport at a moment: `2026-12-05T05:55`. */
const wall = (moment) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' })
    .format(moment)
    .replace(' ', 'T');

/** Puts a flight of two hours on sale. */
const offer = (number, origin, destination, departs) =>
  asStaff('POST', '/flights', {
    flight_number: number,
    origin,
    destination,
    departs_local: wall(departs),
    arrives_local: wall(departs + 2 * HOUR),
    aircraft: '73H',
    cabins: [{ cabin: 'economy', capacity: 150, classes: [{ class: 'Y', fare: 21_900 }] }],
  });

const FAMILY = ['Asha', 'Vikram', 'Meera', 'Kabir'].map((given) => `${given} Rao`);

/** A family of four books there and back, with seats and a bag, and its bank asks. */
async function book(page, out, back) {
  const trip = `${FROM}.${TO}.${out.departs_at.slice(0, 10)}~${TO}.${FROM}.${back.departs_at.slice(0, 10)}`;
  await page.goto(`/results?trip=${trip}&adults=2&children=1&infants=1`);
  for (const { flight_number: number } of [out, back]) {
    const card = page.locator('main article', { hasText: number });
    await card.getByRole('button', { name: 'See fares' }).click();
    await page.getByRole('button', { name: /^Take .*Flex/ }).click();
  }
  await go.signUp(page);
  await go.travellers(page, [
    ['Asha', 'Rao', '1990-05-17'],
    ['Vikram', 'Rao', '1988-11-02'],
    ['Meera', 'Rao', '2019-03-09'],
    ['Kabir', 'Rao', `${new Date().getUTCFullYear() - 1}-12-20`],
  ]);
  await page.getByRole('button', { name: 'Choose for us, together' }).click();
  await page.getByRole('button', { name: /Take 3 seats/ }).click();
  await page.getByRole('heading', { name: 'Anything else?' }).waitFor();
  await page
    .getByRole('button', { name: /^Checked bag up to 23 kg: one more/ })
    .first()
    .click();
  await page.getByRole('button', { name: /Add 1 extra/ }).click();
  await go.pay(page, '4000 0027 6000 3184');
  await go.approve(page);
  await page.getByText('Paid and confirmed').waitFor({ timeout: 60_000 });
  return new URL(page.url()).pathname.split('/').at(-1);
}

/** All four check in, each has a pass, and all of them are there without a network. */
async function checkIn(page, id) {
  await page.getByRole('link', { name: 'Check in' }).click();
  await go.arrive(page, 'Who checks in?');
  assert.equal(await page.getByRole('checkbox').count(), FAMILY.length);
  await page.getByText('goes with the adult whose lap it is on').waitFor();
  await page.getByRole('button', { name: 'Choose everybody' }).click();
  await page.getByRole('button', { name: 'Go on' }).click();
  await go.arrive(page, 'What must not fly');
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Check 4 travellers in' }).click();
  await go.arrive(page, 'Boarding passes');
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  await page.context().setOffline(true);
  await page.goto(`/trips/${id}/passes`);
  await page.getByText(/^Kept on this device/).waitFor();
  for (const [index, name] of FAMILY.entries()) {
    await page.getByText(`${index + 1} of 4: ${name}`).waitFor();
    await page.getByRole('img', { name: new RegExp(`^Bar code of the boarding pass of ${name}`) }).waitFor();
    if (index < 3) await page.getByRole('button', { name: 'Next pass' }).click();
  }
  await page.context().setOffline(false);
}

/** The gate reads every pass, closes, and the flight leaves: so declared by the staff, and by then so late by the clock. */
async function fly(page, id, flight) {
  const { passes } = await call(page, 'GET', `/bookings/${id}/boarding-passes`);
  assert.deepEqual(
    passes.map((one) => `${one.given_name} ${one.family_name}`),
    FAMILY,
  );
  await staff(flight, { status: 'boarding', gate: 'B4' });
  for (const pass of passes)
    await asStaff('POST', `/flights/${flight}/boardings`, {
      bar_code: pass.bar_code,
      device: 'B4-left',
      scan: `${flight}-${pass.passenger}`,
    });
  await asStaff('POST', `/flights/${flight}/close-boarding`);
  const left = Date.now() - 120_000;
  await staff(flight, { status: 'departed', departs_local: wall(left), arrives_local: wall(left + 2 * HOUR) });
}

test('a family with a child and an infant books, checks in, boards and flies, and says how it was', async () => {
  const page = await open(browser, { width: 390, height: 844, timezoneId: ZONE, bypassCSP: true });
  await page.goto('/');
  const number = `KR${1000 + (Math.floor(Date.now() / 1000) % 9000)}`;
  const days = (count) => Date.now() + 3 * HOUR + count * 24 * HOUR;
  const out = await offer(number, FROM, TO, days(0));
  const later = await offer(number, FROM, TO, days(3));
  const back = await offer(number, TO, FROM, days(4));
  const id = await book(page, out, back);
  await checkIn(page, id);
  await page.goto(`/trips/${id}`);
  await page.getByText('On time').waitFor();
  await fly(page, id, out.id);
  // Word of it comes to whoever looks, and with it that they have flown.
  await page.getByText('Departed', { exact: true }).waitFor({ timeout: 40_000 });
  await page.getByRole('link', { name: `Say how ${number} was` }).click({ timeout: 60_000 });
  const { coupons } = await call(page, 'GET', `/bookings/${id}`);
  const flown = coupons.filter((one) => one.status === 'flown');
  assert.deepEqual(flown.map((one) => one.passenger).sort(), [1, 2, 3, 4]);
  await go.arrive(page, 'How was your flight?');
  await page.getByText(number).waitFor();
  await page.getByRole('radio', { name: '5 of 5: Very good' }).first().check({ force: true });
  await page.getByLabel('In your words, if you like').fill('Four of us, and every one of us slept.');
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Send the review' }).click();
  await go.arrive(page, 'Your reviews');
  await page
    .getByRole('article')
    .filter({ hasText: number })
    .getByText('Four of us, and every one of us slept.')
    .waitFor();
  assert.deepEqual(page.troubles, []);

  // Whoever looks for this flight on another day reads it, some seconds later.
  const stranger = await open(browser);
  const stars = stranger.locator('main article', { hasText: number }).getByRole('button', { name: /^5 of 5 \(1\)/ });
  for (let tries = 0; tries < 20 && (await stars.count()) === 0; tries += 1) {
    await stranger.goto(`/results?trip=${FROM}.${TO}.${later.departs_at.slice(0, 10)}`);
    await stranger.getByRole('button', { name: 'See fares' }).first().waitFor();
    await stranger.waitForTimeout(500);
  }
  await stars.click();
  await stranger.getByRole('dialog').getByText('Four of us, and every one of us slept.').waitFor();
  assert.deepEqual(stranger.troubles, []);
});
