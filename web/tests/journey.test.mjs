// From a search to a ticket, as people go: against the real binary and its database (UDAAN_URL names a served demo).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, dayIn, launch, open, STAFF, settle, URL_OF_APP, violations } from './browser.mjs';
import { enter, prepare, prepareSoon, withPassports } from './screens.mjs';
import * as go from './steps.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test('a family flies there and back: search, fares, seats, a bag, a declined card, the bank asks, paid', async () => {
  const page = await open(browser);
  await go.search(page, { from: 'JFK', to: 'LAX', days: [9, 16], adults: 2, children: 1, infants: 1 });
  await go.chooseFlight(page, 0, /Standard/);
  await page.getByText('Flight 2 of 2').waitFor();
  await go.chooseFlight(page, 0, /Saver/);
  await go.signUp(page);
  await go.travellers(page, [
    ['Asha', 'Rao', '1990-05-17'],
    ['Vikram', 'Rao', '1988-11-02'],
    ['Meera', 'Rao', '2019-03-09'],
    ['Kabir', 'Rao', `${Number(dayIn(0).slice(0, 4)) - 1}-12-20`],
  ]);
  await page.getByRole('button', { name: 'Choose for us, together' }).click();
  await page.getByRole('button', { name: /Take 3 seats/ }).click();
  await page.getByRole('heading', { name: 'Anything else?' }).waitFor();
  await page.getByRole('button', { name: 'Checked bag up to 23 kg: one more' }).first().click();
  await page.getByRole('button', { name: /Add 1 extra/ }).click();
  await go.pay(page, '4000 0000 0000 0002');
  await page.getByText('The payment was declined').waitFor();
  await go.pay(page, '4000 0027 6000 3184');
  await go.approve(page);
  // A gateway that calls nobody back is asked again after a while.
  await page.getByText('Paid and confirmed').waitFor({ timeout: 60_000 });
  const tickets = page.getByText(/^Ticket \d{13}$/);
  await tickets.nth(3).waitFor();
  assert.equal(await tickets.count(), 4);
  await page
    .getByText(/Checked bag/)
    .first()
    .waitFor();
  assert.deepEqual(page.troubles, []);
});

test('with the keyboard alone: search, book, pay, and cancel with what comes back told first', async () => {
  const page = await open(browser);
  await page.goto(`/?trip=JFK.LAX.${dayIn(12)}`);
  await go.pressButton(page, /^Search$/);
  await go.arrive(page, /New York/);
  await page.getByRole('button', { name: 'See fares' }).first().waitFor();
  await go.pressButton(page, /^See fares$/);
  await go.pressButton(page, /^Take Flex$/);
  await page.getByRole('radio', { name: 'I am new' }).waitFor();
  await go.tabTo(page, (one) => one.name === 'door');
  await page.keyboard.press('ArrowRight');
  const account = go.account();
  for (const text of [account.name, account.email, account.password]) {
    await go.tabTo(
      page,
      (one) => one.tag === 'INPUT' && one.type !== 'checkbox' && one.type !== 'radio' && one.value === '',
    );
    await page.keyboard.type(text);
  }
  await go.pressButton(page, /^Make the account$/);
  await page.getByRole('heading', { name: 'Who flies?' }).waitFor();
  for (const text of ['Asha', 'Rao', '17', '5', '1990']) {
    await go.tabTo(page, (one) => one.tag === 'INPUT' && one.value === '' && one.type === 'text');
    await page.keyboard.type(text);
  }
  await go.pressButton(page, /^Hold these seats$/);
  await go.arrive(page, 'Where do you sit?');
  await page.getByRole('grid').waitFor();
  await go.tabTo(page, (one) => one.seat !== null);
  const first = await page.evaluate(() => document.activeElement?.getAttribute('data-seat'));
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await page.evaluate(() => document.activeElement?.getAttribute('data-seat')), first);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await go.pressButton(page, /^Take 1 seat/);
  await go.arrive(page, 'Anything else?');
  await go.pressButton(page, /^Go on without extras$/);
  await go.arrive(page, 'Look it over and pay');
  await page.getByLabel('Card number').waitFor();
  await go.tabTo(page, (one) => one.inputMode === 'numeric');
  await page.keyboard.type('4242424242424242');
  await go.pressButton(page, /^Pay /);
  await go.arrive(page, 'Los Angeles');
  await page.getByText('Paid and confirmed').waitFor();
  await go.pressButton(page, /^Cancel the trip$/);
  await go.arrive(page, 'Cancel this trip?');
  await page.getByText('You get back').waitFor();
  await go.pressButton(page, /^Cancel, with .* back$/);
  await page.getByText(/Money back/).waitFor();
  assert.deepEqual(page.troubles, []);
});

test('a booking is found by its code and a surname, and opened with the code from its mail', async () => {
  const owner = await open(browser);
  await owner.goto('/');
  const found = await call(owner, 'GET', `/search?origin=JFK&destination=LAX&date=${dayIn(11)}&adults=2&limit=1`);
  const { paid } = await prepare(owner, found.itineraries[0].offer_id);
  const page = await open(browser);
  await page.goto('/retrieve');
  const look = async (locator) => {
    await page.getByLabel('Booking code').fill(locator);
    await page.getByLabel('Surname of a traveller').fill('Rao');
    await page.getByRole('button', { name: 'Find it' }).click();
  };
  await look('ZZZZZZ');
  await page.getByRole('alert').waitFor();
  await look(paid.locator);
  await page.getByRole('button', { name: 'Send me the code' }).click();
  await page.getByLabel('Code from the mail').fill(await codeFor(page, paid.contact.email));
  await page.getByRole('button', { name: 'Open the booking' }).click();
  await page.getByRole('heading', { level: 1, name: 'Los Angeles' }).waitFor();
  const tickets = page.getByText(/^Ticket \d{13}$/);
  await tickets.nth(1).waitFor();
  assert.equal(await tickets.count(), 2);
  const receipt = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Receipt (PDF)' }).click();
  assert.equal((await receipt).suggestedFilename(), `receipt-${paid.locator}.pdf`);
  assert.deepEqual(page.troubles, []);
});

test('two check in with the keyboard, and have their passes without a network until they sign out', async () => {
  const page = await open(browser, { width: 390, height: 844 });
  await page.goto('/');
  const booking = await prepareSoon(page, await enter(page));
  await page.goto(`/trips/${booking.id}`);
  await go.pressButton(page, /^Check in$/);
  await go.arrive(page, 'Who checks in?');
  await page.getByRole('checkbox').nth(1).waitFor();
  assert.equal(await page.getByRole('checkbox', { checked: true }).count(), 0);
  await go.pressButton(page, /^Choose everybody$/);
  await go.pressButton(page, /^Go on$/);
  await go.arrive(page, 'What must not fly');
  await go.pressButton(page, /^Check 2 travellers in$/);
  await page.getByText('Nobody is checked in without this declaration').waitFor();
  await page.keyboard.press('Space');
  await go.pressButton(page, /^Check 2 travellers in$/);
  await go.arrive(page, 'Boarding passes');
  await page.getByRole('img', { name: /^Bar code of the boarding pass of Asha Rao/ }).waitFor();
  await go.tabTo(page, (one) => one.text === 'Next pass');
  await page.keyboard.press('Enter');
  await page.getByText('2 of 2: Vikram Rao').waitFor();
  await go.pressButton(page, /^Show it at the gate$/);
  await page.getByRole('dialog', { name: 'Boarding pass of Vikram Rao' }).waitFor();
  await page.keyboard.press('Escape');
  // The service worker has the app's own files as soon as it controls the page.
  await page.waitForFunction(
    async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated',
  );
  // A link to one pass opens the server's own page for it, although the app is kept on this device.
  const passes = page.url();
  const link = new URL((await call(page, 'GET', `/bookings/${booking.id}/boarding-passes/1/2/link`)).url);
  await page.goto(link.pathname + link.hash);
  await page.getByRole('img', { name: /^Vikram Rao, / }).waitFor();
  assert.deepEqual(await violations(page), []);
  // Another link in the same tab is another pass.
  await page.goto('/pass#bpl_nothing');
  await page.getByRole('alert').waitFor();
  // Without sockets nobody asks anew before the button is pressed, once the network is back.
  await page.routeWebSocket(/\/api\/v1\/live$/, (socket) => socket.close());
  await page.goto(passes);
  await page.reload();
  await page.getByRole('img', { name: /Asha Rao/ }).waitFor();
  await page.context().setOffline(true);
  await page.goto('/trips');
  await page.getByRole('link', { name: /2 boarding passes/ }).click();
  await page.getByText(/^Kept on this device/).waitFor();
  await page.getByRole('img', { name: /Asha Rao/ }).waitFor();
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText(/^Kept on this device/).waitFor({ state: 'detached' });
  await page.goto(`/trips/${booking.id}/check-in`);
  await page.getByRole('button', { name: 'Take back the check-in of Vikram Rao' }).click();
  await page.getByText('Not checked in').waitFor();
  await page.locator('header summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/\/$/);
  await page.context().setOffline(true);
  await page.goto('/trips');
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByText('On this device').count(), 0);
  assert.deepEqual(page.troubles, []);
});

test('a passport is typed, kept, and told by its last characters', async () => {
  const page = await open(browser, { width: 390, height: 844 });
  await page.goto('/');
  const booking = await prepareSoon(page, await enter(page));
  await withPassports(page, async () => {
    await page.goto(`/trips/${booking.id}/check-in?slice=${booking.segments[0].slice}&step=papers&who=1.2`);
    const form = page.getByRole('form', { name: 'Asha Rao' });
    const texts = { 'Passport number': 'z 1234567', 'Issued by': 'ind', Nationality: 'ind', Day: '31', Month: '2' };
    for (const [label, text] of Object.entries({ ...texts, Year: '2031' })) await form.getByLabel(label).fill(text);
    await form.getByRole('button').click();
    await page.getByText('A date that exists').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Go on' }).count(), 0);
    await form.getByLabel('Day').fill('28');
    await form.getByRole('button').click();
    await page.getByText(/^Passport …567, IND, until .*28 February 2031$/).waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    await go.arrive(page, 'What must not fly');
  });
  assert.deepEqual(page.troubles, []);
});

test('a gate and a delay arrive while one looks, are marked and said, and stand in the inbox', async () => {
  const page = await open(browser);
  await page.goto('/');
  const booking = await prepareSoon(page, await enter(page));
  const flight = booking.segments[0].flight_id;
  await staff(flight, { gate: 'B4', delay_minutes: 0 });
  await page.goto(`/trips/${booking.id}`);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByText(/^updated \d+ sec/).waitFor();
  await page
    .getByRole('definition')
    .getByText('B4')
    .or(page.locator('dd', { hasText: 'B4' }))
    .first()
    .waitFor();
  await settle(page);
  const before = await page.locator('dl').first().boundingBox();
  await staff(flight, { gate: 'C7', delay_minutes: 45 });
  const said = page.getByRole('status').filter({ hasText: /New:.*gate C7, departs .*\d\d:\d\d/ });
  await said.waitFor({ timeout: 20_000 });
  assert.deepEqual(await page.locator('dl').first().boundingBox(), before);
  await page.getByRole('link', { name: /^Inbox, \d+ new$/ }).waitFor();
  await page.getByRole('link', { name: /^Inbox/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await page
    .getByRole('article')
    .filter({ hasText: / is late: / })
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'I have read all of it' }).click();
  await page.getByRole('link', { name: 'Inbox', exact: true }).first().waitFor();
  await page.getByRole('link', { name: 'How we tell you' }).click();
  const gate = page.getByRole('group', { name: /There is a gate/ }).getByLabel('E-mail');
  const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
  await gate.check();
  await saved;
  await page.reload();
  assert.equal(await gate.isChecked(), true);
  assert.equal(
    await page
      .getByRole('group', { name: /was cancelled/ })
      .getByLabel('E-mail')
      .isDisabled(),
    true,
  );
  await staff(flight, { delay_minutes: 0 });
  assert.deepEqual(page.troubles, []);
});

test('a question is answered while it is typed, and the answer is read', async () => {
  const page = await open(browser);
  await page.goto('/');
  await page.getByRole('contentinfo').getByRole('link', { name: 'Help' }).click();
  await page.getByLabel('Your question').fill('power bank');
  await page.getByText(/^\d+ answers?$/).waitFor();
  assert.match(page.url(), /q=power/);
  await page.getByRole('link', { name: /^What must I not bring/ }).click();
  await go.arrive(page, 'What must I not bring?');
  await page.getByText(/belong in the cabin bag/).waitFor();
  await page.goBack();
  assert.equal(await page.getByLabel('Your question').inputValue(), 'power bank');
  await page.getByLabel('Your question').fill('zzzz');
  await page.getByText('Nothing answers that.').waitFor();
  await page.getByRole('button', { name: 'Show everything' }).click();
  await page.getByRole('heading', { level: 2 }).first().waitFor();
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

/** The six digits of the newest mail to somebody that has some: a demo shows its mails to whoever asks from the machine itself. */
async function codeFor(page, address) {
  for (let tries = 0; tries < 100; tries += 1) {
    const mails = (await (await page.request.get('/dev/mailbox')).text()).split('<article>');
    const code = mails.find((mail) => mail.includes(address) && /\b\d{6}\b/.test(mail.split('<pre>')[1] ?? ''));
    if (code) return code.split('<pre>')[1].match(/\b\d{6}\b/)[0];
    await page.waitForTimeout(200);
  }
  throw new Error('no mail with a code came');
}
