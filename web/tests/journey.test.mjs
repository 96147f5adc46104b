// From a search to a ticket, as people go: against the real binary and its database (UDAAN_URL names a served demo).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, dayIn, launch, open, settle, staff, violations } from './browser.mjs';
import { enter, hold, prepare, prepareSoon, withPassports } from './screens.mjs';
import * as go from './steps.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test('a family flies there and back: search, fares, seats, a bag, a declined card, the bank asks, paid', async () => {
  const page = await open(browser);
  await go.search(page, { from: 'JFK', to: 'LAX', days: [9, 16], adults: 2, children: 1, infants: 1 });
  // Every price is of the whole trip: at its lowest while the way back is open, and what is paid once it is not.
  const whole = page.locator('main article', { hasText: 'whole trip, all travellers' });
  const dollars = (text) => Number(/\$([\d,.]+)/.exec(text)[1].replaceAll(',', ''));
  const [from, alone] = (await whole.first().textContent()).match(/\$[\d,.]+/g).map(dollars);
  assert.ok(from > alone, `${from} is there and back, ${alone} one of them`);
  await page.getByText('from', { exact: true }).first().waitFor();
  await go.chooseFlight(page, 0, /Standard/);
  await page.getByText('Flight 2 of 2').waitFor();
  await whole.first().waitFor();
  assert.ok(dollars(await page.getByText(/^Chosen so far: /).textContent()) > 0);
  const told = dollars(await whole.first().textContent());
  assert.ok(told >= from);
  assert.equal(await page.getByText('from', { exact: true }).count(), 0);
  await go.chooseFlight(page, 0, /Saver/);
  await page.getByText('First, who are you?').waitFor();
  assert.equal(dollars(await page.locator('aside p .text-2xl.whitespace-nowrap').textContent()), told);
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

test('three flights become a ticket: another price is accepted, a coupon counts, UPI pays after a reload, and a bag is bought later', async () => {
  const page = await open(browser);
  const trip = `JFK.LAX.${dayIn(12)}~LAX.SFO.${dayIn(14)}~SFO.JFK.${dayIn(17)}`;
  await page.goto(`/results?trip=${trip}`);
  for (const index of [1, 2, 3]) {
    await page.getByText(`Flight ${index} of 3`).waitFor();
    await page.getByRole('button', { name: 'See fares' }).first().waitFor();
    await go.chooseFlight(page, 0, /Saver/);
  }
  await go.signUp(page);
  const offer = new URL(page.url()).searchParams.get('offer');
  // What nobody can bring about at a moment of their own is played: the price of the same offer, another seat that is gone.
  const refuse = (code, more) =>
    page.route('**/api/v1/bookings', (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code, title: 'Not like that', detail: 'This is what the API says of it.', ...more }),
      }),
    );
  const usd = (amount) => ({ amount, currency: 'USD' });
  await refuse('sold_out');
  const form = page.getByRole('group', { name: /^1\. / });
  const born = { Day: '17', Month: '5', Year: '1990' };
  for (const [label, text] of Object.entries({ 'Given names': 'Asha', 'Family name': 'Rao', ...born }))
    await form.getByLabel(label).fill(text);
  await page.getByRole('button', { name: 'Hold these seats' }).click();
  await page.getByRole('link', { name: 'Search again' }).waitFor();
  await page.unroute('**/api/v1/bookings');
  await refuse('price_changed', { price: usd(90_100), old_price: usd(80_100), offer_id: offer });
  await page.getByRole('button', { name: 'Hold these seats' }).click();
  await page.getByText('The price has changed').waitFor();
  await page.unroute('**/api/v1/bookings');
  await page.getByRole('button', { name: 'Take it at the new price' }).click();
  await page.getByRole('button', { name: 'Go on without choosing' }).click();
  await page.getByRole('button', { name: 'Go on without extras' }).click();
  await page.getByText('Have a code?').click();
  await page.getByLabel('Promotion code').fill('newsletter5');
  await page.getByRole('button', { name: 'Use it', exact: true }).click();
  await page.getByRole('button', { name: 'Take off' }).waitFor();
  const total = page.locator('aside p .text-2xl');
  const due = await total.textContent();
  // Nothing of it is lost with the page.
  await page.reload();
  await page.getByRole('button', { name: 'Take off' }).waitFor();
  assert.equal(await total.textContent(), due);
  await page.getByRole('radio', { name: 'UPI' }).check({ force: true });
  await page.getByRole('button', { name: `Pay ${due}` }).click();
  await go.approve(page);
  await page.getByText('Paid and confirmed').waitFor({ timeout: 60_000 });
  await page
    .getByText(/^Ticket \d{13}$/)
    .first()
    .waitFor();
  const trips = new URL(page.url()).pathname;
  await page.goto(`${trips.replace('/trips/', '/bookings/')}/extras`);
  await page.getByRole('button', { name: 'Checked bag up to 23 kg: one more' }).first().click();
  await page.getByRole('button', { name: /Add 1 extra/ }).click();
  await page.getByText(/for what you added to this trip/).waitFor();
  await go.pay(page, '4242 4242 4242 4242');
  await page.waitForURL(`**${trips}?*`);
  await page
    .getByText(/Checked bag/)
    .first()
    .waitFor();
  await page.goto('/book?offer=off_none');
  await page.getByRole('heading', { level: 1, name: 'This offer is over' }).waitFor();
  assert.deepEqual(page.troubles, []);
});

test('a list is put in another order, narrowed, made longer and moved to another day', async () => {
  const page = await open(browser);
  await page.goto(`/results?trip=JFK.LAX.${dayIn(13)}&adults=2`);
  const cards = page.locator('main article');
  await cards.first().waitFor();
  await page.getByRole('radio', { name: /^Cheapest/ }).check({ force: true });
  await page.waitForURL(/sort=price/);
  await settle(page);
  const prices = await cards.locator('p.text-2xl').filter({ hasText: '$' }).allTextContents();
  const amounts = prices.map((text) => Number(text.replaceAll(/[^\d.]/g, '')));
  assert.deepEqual(
    amounts,
    amounts.toSorted((one, other) => one - other),
  );
  const few = await cards.count();
  await page.getByRole('button', { name: 'Show more flights' }).click();
  await cards.nth(few).waitFor();
  await page.getByRole('button', { name: 'Filters' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: /^up to 1 stop/ }).check({ force: true });
  const airline = dialog.getByRole('group', { name: /^Airlines/ }).getByRole('checkbox');
  const code = /^\w\w/.exec(
    await dialog
      .getByRole('group', { name: /^Airlines/ })
      .locator('label')
      .first()
      .textContent(),
  );
  await airline.first().check();
  await dialog.getByRole('combobox').first().selectOption({ label: 'not there' });
  await dialog.getByLabel(/on the way$/).press('PageDown');
  await dialog.getByRole('group', { name: 'Time to change planes' }).getByLabel('4 hours or less').check();
  await dialog.getByRole('button', { name: 'Show flights' }).click();
  await page.waitForURL(/stops=1.*airline=\w\w.*avoid=\w{3}.*minutes=\d+.*connection=-240/);
  await page.getByRole('button', { name: 'Filters 5' }).waitFor();
  await settle(page);
  const numbers = (await cards.locator('h2').allTextContents()).join(', ').split(', ');
  assert.ok(
    numbers.every((one) => one.startsWith(code[0])),
    `${numbers} are all of ${code}`,
  );
  await page.getByRole('button', { name: 'Filters 5' }).click();
  await dialog.getByRole('button', { name: 'Clear all' }).click();
  await page.getByRole('button', { name: 'Filters', exact: true }).waitFor();
  const bars = page.getByRole('region', { name: 'Lowest price of each day' }).getByRole('button');
  await bars.and(page.locator(':not([aria-current]):enabled')).last().click();
  await page.waitForFunction((day) => !location.search.includes(day), dayIn(13));
  await cards.first().waitFor();
  assert.deepEqual(page.troubles, []);
});

test('with the keyboard alone, in Hindi: fill the search in, book, pay, and cancel with what comes back told first', async () => {
  const page = await open(browser, { locale: 'hi' });
  await page.goto('/');
  await go.searchByKeys(page, { from: 'JFK', to: 'LAX', days: 12 });
  await go.arrive(page, /New York/);
  await page.getByRole('button', { name: 'किराए देखें' }).first().waitFor();
  await go.pressButton(page, /^किराए देखें$/);
  await go.pressButton(page, /^(Flex|फ़्लेक्स) लें$/);
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
  await go.pressButton(page, /^खाता बनाएँ$/);
  await page.getByRole('heading', { name: 'कौन उड़ेगा?' }).waitFor();
  for (const text of ['Asha', 'Rao', '17', '5', '1990']) {
    await go.tabTo(page, (one) => one.tag === 'INPUT' && one.value === '' && one.type === 'text');
    await page.keyboard.type(text);
  }
  await go.pressButton(page, /^ये सीटें रखें$/);
  await go.arrive(page, 'कहाँ बैठेंगे?');
  await page.getByRole('grid').waitFor();
  await go.tabTo(page, (one) => one.seat !== null);
  const first = await page.evaluate(() => document.activeElement?.getAttribute('data-seat'));
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await page.evaluate(() => document.activeElement?.getAttribute('data-seat')), first);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await go.pressButton(page, /^1 सीट लें/);
  await go.arrive(page, 'और कुछ?');
  await go.pressButton(page, /^बिना सुविधाओं के आगे बढ़ें$/);
  await go.arrive(page, 'देखें और भुगतान करें');
  await page.locator('main input[inputmode=numeric]').waitFor();
  await go.tabTo(page, (one) => one.inputMode === 'numeric');
  await page.keyboard.type('4242424242424242');
  await go.pressButton(page, / चुकाएँ$/);
  await go.arrive(page, 'Los Angeles');
  await page.getByText('भुगतान हुआ, बुकिंग पक्की').waitFor();
  await go.pressButton(page, /^यात्रा रद्द करें$/);
  await go.arrive(page, 'यह यात्रा रद्द करें?');
  await page.getByText('आपको वापस मिलेगा').waitFor();
  await go.pressButton(page, /^रद्द करें, .* वापस$/);
  await page.getByText(/पैसे वापस/).waitFor();
  assert.deepEqual(page.troubles, []);
});

test('a hold near its end is kept longer, by the clock of the server; one that has ended says so by itself, and when it is paid', async () => {
  const page = await open(browser, { bypassCSP: true });
  // A device whose clock is an hour wrong: by it, every hold would be over.
  await page.addInitScript(() => {
    const now = Date.now;
    Date.now = () => now() + 3_600_000;
  });
  await page.goto('/');
  const found = await call(page, 'GET', `/search?origin=JFK&destination=LAX&date=${dayIn(12)}&adults=2&limit=1`);
  const { id } = await hold(page, await enter(page), found.itineraries[0].offer_id);
  const path = `**/api/v1/bookings/${id}`;
  const as = (change) =>
    page.route(path, async (route) => {
      const answer = await route.fetch({ maxRetries: 2 });
      await route.fulfill({ response: answer, json: { ...(await answer.json()), ...change() } });
    });
  const inSeconds = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
  await as(() => ({ hold_expires_at: inSeconds(100) }));
  await page.goto(`/bookings/${id}/extras`);
  await page.getByText('Do you need longer?').waitFor();
  await page.getByText('Your seats are kept for 2 more minutes.').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.unroute(path);
  await go.pressButton(page, /^Keep them longer$/);
  await page.getByText('Do you need longer?').waitFor({ state: 'detached' });
  await page.waitForFunction(() => /kept for (29|30) more minutes/.test(document.activeElement?.textContent));
  // Refused at the last step.
  await page.goto(`/bookings/${id}/pay`);
  await page.route('**/api/v1/payments', (route) =>
    route.fulfill({ status: 409, contentType: 'application/problem+json', body: '{"code":"hold_expired"}' }),
  );
  await go.pay(page, '4242 4242 4242 4242');
  await page.getByText('The time to pay is over').waitFor();
  assert.equal(await page.getByLabel('Card number').count(), 0);
  await page.waitForFunction(() => document.activeElement?.textContent?.includes('The time to pay is over'));
  // Over while somebody only looks.
  let asked = 0;
  await as(() => {
    asked += 1;
    return asked === 1 ? { hold_expires_at: inSeconds(3) } : { status: 'expired', hold_expires_at: null };
  });
  await page.goto(`/bookings/${id}/pay`);
  await page.getByLabel('Card number').waitFor();
  await page.getByText('The time to pay is over').waitFor();
  await page.getByRole('link', { name: 'Search again' }).click();
  await go.arrive(page, /New York.*Los Angeles/);
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
  await page.getByLabel('Code from the mail').fill(await go.codeFor(page, paid.contact.email));
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

test('a code opens its booking and no way to pay for it, and leaves whoever typed it free to pay for their own', async () => {
  const owner = await open(browser);
  await owner.goto('/');
  const found = await call(owner, 'GET', `/search?origin=JFK&destination=LAX&date=${dayIn(12)}&adults=2&limit=1`);
  const { offer_id: offer } = found.itineraries[0];
  const owning = await enter(owner);
  const theirs = await hold(owner, owning, offer);
  const page = await open(browser);
  await page.goto('/retrieve');
  const mine = await hold(page, await enter(page), offer);
  await page.getByLabel('Booking code').fill(theirs.locator);
  await page.getByLabel('Surname of a traveller').fill('Rao');
  await page.getByRole('button', { name: 'Find it' }).click();
  await page.getByRole('button', { name: 'Send me the code' }).click();
  await page.getByLabel('Code from the mail').fill(await go.codeFor(page, owning.email));
  await page.getByRole('button', { name: 'Open the booking' }).click();
  await page.getByRole('link', { name: 'Pay now' }).click();
  await page.getByText('You opened this booking with a code.').waitFor();
  assert.equal(await page.getByLabel('Card number').count(), 0);
  assert.deepEqual(await violations(page), []);
  // The pass is held by this page alone: another one has to be gone to without loading it anew.
  await page.evaluate((path) => {
    history.pushState({}, '', path);
    dispatchEvent(new PopStateEvent('popstate', { state: {} }));
  }, `/bookings/${mine.id}/pay`);
  await go.pay(page, '4242 4242 4242 4242');
  await page.getByText('Paid and confirmed').waitFor();
  assert.deepEqual(page.troubles, []);
});

/** Until the service worker is who answers for the page: without one there is nothing without a network. */
const answersForThePage = (page) =>
  page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');

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
  // Locked and unlocked at the gate without a network it is still there.
  const unlock = () => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.context().setOffline(true);
  await unlock();
  await page.getByRole('alert').filter({ hasText: 'No connection' }).waitFor();
  await page.getByRole('img', { name: /^Vikram Rao, / }).waitFor();
  await page.context().setOffline(false);
  await unlock();
  await page.getByRole('alert').waitFor({ state: 'hidden' });
  // Another link in the same tab is another pass.
  await page.goto('/pass#bpl_nothing');
  await page.getByRole('alert').waitFor();
  // Without sockets nobody asks anew before the button is pressed, once the network is back.
  await page.routeWebSocket(/\/api\/v1\/live$/, (socket) => socket.close());
  await page.goto(passes);
  await page.reload();
  await page.getByRole('img', { name: /Asha Rao/ }).waitFor();
  await answersForThePage(page);
  await page.context().setOffline(true);
  await page.goto('/trips');
  await page.getByRole('link', { name: /2 boarding passes/ }).click();
  await page.getByText(/^Kept on this device/).waitFor();
  await page.getByRole('img', { name: /Asha Rao/ }).waitFor();
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText(/^Kept on this device/).waitFor({ state: 'detached' });
  // Where a step of check-in was, as whoever goes back finds it: the list stays, and the keyboard in it.
  await page.goto(`/trips/${booking.id}/check-in?slice=${booking.segments[0].slice}&step=who`);
  await go.pressNamed(page, 'Take back the check-in of Vikram Rao');
  await page.getByText('Not checked in').waitFor();
  await go.focused(page, 'Not checked in');
  await page.locator('header summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/\/$/);
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
  await answersForThePage(page);
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
    await go.focused(page, 'Asha Rao');
    // Typed once more, the keyboard is in the form that took the button's place.
    await go.pressNamed(page, 'Type another passport: Asha Rao');
    await page.waitForFunction(() => document.activeElement?.name === 'number');
    const another = { ...texts, 'Passport number': 'z 7654321', Day: '1', Year: '2031' };
    for (const [label, text] of Object.entries(another)) await form.getByLabel(label).fill(text);
    await go.pressButton(page, /^Keep this passport$/);
    await page.getByText(/^Passport …321, IND, until .*1 February 2031$/).waitFor();
    await go.focused(page, 'Asha Rao');
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
