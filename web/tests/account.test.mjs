// What people do with their account, and a puzzle on the way to a booking: against the real binary and its database.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { codeOf, forgetProof, giveDevice, withProvider } from './account.mjs';
import { call, dayIn, launch, open, URL_OF_APP } from './browser.mjs';
import { enter, hold, prepare } from './screens.mjs';
import * as go from './steps.mjs';

/** The ways to pay that somebody keeps. */
const KEPT = '**/api/v1/me/payment-methods';

const problem = (status, code) => ({
  status,
  contentType: 'application/problem+json',
  body: JSON.stringify({ status, code, title: 'Not like that', detail: 'This is what the API says of it.' }),
});

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test('with the keyboard: a name, a traveller put back, an authenticator app, and signing in with it', async () => {
  const page = await open(browser, { width: 390, height: 844 });
  await page.goto('/');
  const who = await enter(page);
  await page.goto('/');
  await page.locator('header summary').click();
  await go.pressButton(page, /^Your account$/);
  await go.arrive(page, 'Your account');
  await page.getByLabel('Telephone').fill('+91 98123 45678');
  await go.pressButton(page, /^Save$/);
  await page.getByText('Saved', { exact: true }).waitFor();
  await go.pressButton(page, /^Travellers/);
  await go.arrive(page, 'Travellers');
  await go.pressButton(page, /^Add somebody$/);
  await page.keyboard.type('Meera');
  for (const text of ['Rao', '9', '3', '2019']) {
    await go.tabTo(page, (one) => one.tag === 'INPUT' && one.value === '');
    await page.keyboard.type(text);
  }
  await go.pressButton(page, /^Save$/);
  // Whatever is pressed here goes: the keyboard is each time at what took its place.
  await page.getByText('born 9 March 2019').waitFor();
  await go.focused(page, 'Add somebody');
  await go.pressNamed(page, 'Change Meera Rao');
  await page.getByRole('form', { name: 'Meera Rao' }).getByLabel('Day').fill('10');
  await go.pressButton(page, /^Save$/);
  await page.getByText('born 10 March 2019').waitFor();
  await go.focused(page, 'Change Meera Rao');
  await go.pressNamed(page, 'Remove Meera Rao');
  await page.getByText('born 10 March 2019').waitFor({ state: 'detached' });
  await go.focused(page, 'Meera Rao is removed.');
  await go.pressButton(page, /^Put back$/);
  await page.getByText('born 10 March 2019').waitFor();
  await go.focused(page, 'Change Meera Rao');
  await go.confirmAddress(page, who.email);
  await page.goto('/me/security');
  await go.pressButton(page, /^Add an authenticator app$/);
  await forgetProof(page, '**/me/second-factors/totp');
  await go.pressButton(page, /^Go on$/);
  await page.getByRole('dialog', { name: 'Is it you?' }).waitFor();
  await page.getByRole('dialog').getByLabel('Password', { exact: true }).fill(who.password);
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: /^QR code/ }).waitFor();
  await page.getByText('Type it instead').click();
  const secret = await page.locator('code').textContent();
  await page.getByLabel('Code').fill('000000');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Code').fill(codeOf(secret));
  await page.keyboard.press('Enter');
  await page.getByRole('list', { name: 'Recovery codes' }).waitFor();
  const [recovery] = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents();
  await go.pressButton(page, /^I have kept them$/);
  await page.getByText(/^10 recovery codes are left/).waitFor();
  await go.focused(page, 'Second step');
  await page.locator('header summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/\/$/);
  await page.goto('/me/data');
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password', { exact: true }).fill(who.password);
  await page.keyboard.press('Enter');
  await page.getByLabel('Code').fill(recovery);
  await page.keyboard.press('Enter');
  // Where one wanted to go before.
  await go.arrive(page, 'Your data');
  assert.deepEqual(page.troubles, []);
});

test('a passkey is made, opens the account alone, and is taken away', async () => {
  // A site that is known by its number has no passkeys, and nothing here would be tried.
  assert.equal(new URL(URL_OF_APP).hostname, 'localhost', 'the airline needs a name');
  const page = await open(browser);
  await page.goto('/');
  await go.confirmAddress(page, (await enter(page)).email);
  const device = await giveDevice(page);
  await page.goto('/me/security');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('list', { name: 'Recovery codes' }).waitFor();
  assert.equal(await device.count(), 1);
  await page.locator('header summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/\/$/);
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByRole('heading', { level: 1, name: 'My trips' }).waitFor();
  await page.goto('/me/security');
  await page.getByRole('button', { name: /^Remove Chrome/ }).click();
  await page.getByRole('button', { name: 'Remove it' }).click();
  await page.getByText(/^Off: the password alone/).waitFor();
  // The device has it still; the account does not know it any more.
  await page.locator('header summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/\/$/);
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByRole('alert').waitFor();
  assert.equal(await device.count(), 1);
  assert.deepEqual(page.troubles, []);
});

test('where addresses are numbers, it is said that there are no passkeys', async () => {
  const page = await open(browser);
  await page.goto('/');
  await enter(page);
  await page.goto('/me/security');
  await page.route('**/me/second-factors/passkeys/options', (route) => {
    const problem = { status: 422, code: 'passkeys_need_a_domain', title: 'Passkeys need a name', detail: '' };
    return route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify(problem) });
  });
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page
    .getByRole('alert')
    .filter({ hasText: /passkey/i })
    .waitFor();
  assert.deepEqual(page.troubles, []);
});

test('a session elsewhere is ended, the data are taken along, and the account ends once no trip is ahead', async () => {
  const page = await open(browser);
  await page.goto('/');
  const found = await call(page, 'GET', `/search?origin=JFK&destination=LAX&date=${dayIn(13)}&adults=2&limit=1`);
  const { who, paid, held } = await prepare(page, found.itineraries[0].offer_id);
  const elsewhere = await open(browser);
  await elsewhere.goto('/');
  await call(elsewhere, 'POST', '/session', { email: who.email, password: who.password });
  await page.goto('/me/sessions');
  await page.getByRole('button', { name: /^End Chrome/ }).click();
  await page.getByText('Nowhere else.').waitFor();
  await page.goto('/me/data');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the file' }).click();
  assert.equal((await download).suggestedFilename(), 'udaan-my-data.json');
  const end = async () => {
    await page.getByRole('button', { name: 'Delete the account' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
  };
  await end();
  await page.getByText(new RegExp(`^There are trips ahead: .*${paid.locator}`)).waitFor();
  const quote = await call(page, 'POST', `/bookings/${paid.id}/cancellation-quote`, {});
  await call(page, 'POST', `/bookings/${paid.id}/cancellations`, { quote_id: quote.quote_id });
  await call(page, 'DELETE', `/bookings/${held.id}`);
  await page.reload();
  await end();
  await go.arrive(page, 'Your account is gone');
  await page.locator('header summary').waitFor({ state: 'detached' });
  await page.goto('/me');
  await page.getByText('This is for whoever is signed in.').waitFor();
  assert.deepEqual(page.troubles, []);
});

/** Numbers of test cards that begin on one line and end on another, however wide the window is. */
async function brokenNumbers(page) {
  const found = [];
  for (const width of [320, 390, 600, 900, 1280]) {
    await page.setViewportSize({ width, height: 844 });
    const numbers = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
      const lines = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode())
        for (const { 0: text, index } of node.data.matchAll(/\d{4}(?:\s\d{4}){3}/g)) {
          const range = document.createRange();
          range.setStart(node, index);
          range.setEnd(node, index + text.length);
          lines.push([text, new Set([...range.getClientRects()].map((one) => one.top)).size]);
        }
      return lines;
    });
    assert.equal(numbers.length, 3);
    found.push(...numbers.filter(([, lines]) => lines > 1));
  }
  await page.setViewportSize({ width: 390, height: 844 });
  return found;
}

test('a card is kept, paid with from a list, and removed', async () => {
  const page = await open(browser, { width: 390, height: 844 });
  await page.goto('/');
  const found = await call(page, 'GET', `/search?origin=JFK&destination=LAX&date=${dayIn(13)}&adults=2&limit=1`);
  const booking = await hold(page, await enter(page), found.itineraries[0].offer_id);
  await page.goto('/me');
  // Which ways there are did not come at first, and that is said.
  await page.route('**/api/v1/payments/methods', (route) => route.fulfill(problem(403, 'forbidden')));
  await go.pressButton(page, /^Ways to pay/);
  await go.arrive(page, 'Ways to pay');
  await page.getByText('Nothing is kept.').waitFor();
  await page.getByText('We could not find out whether a card can be added here.').waitFor();
  assert.equal(await page.getByLabel('Card number').count(), 0);
  await page.unroute('**/api/v1/payments/methods');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByLabel('Card number').waitFor();
  assert.deepEqual(await brokenNumbers(page), []);
  const keep = async (number) => {
    await page.getByLabel('Card number').fill(number);
    await page.getByRole('button', { name: 'Keep this card' }).click();
  };
  await keep('4242 4242 4242 4241');
  await page.getByText('This is no number of a card').waitFor();
  await keep('4242 4242 4242 4242');
  await page.getByText('Visa ending in 4242').waitFor();
  await page.getByText('It is kept.').waitFor();
  // Which ways there are to pay did not come at first.
  await page.route('**/api/v1/payments/methods', (route) => route.fulfill(problem(403, 'forbidden')));
  await page.goto(`/bookings/${booking.id}/pay`);
  await page.getByRole('main').getByRole('alert').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Pay / }).count(), 0);
  await page.unroute('**/api/v1/payments/methods');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('radio', { name: 'Visa ending in 4242' }).waitFor();
  assert.equal(await page.getByLabel('Card number').count(), 0);
  const sent = page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith('/api/v1/payments'));
  await page.getByRole('button', { name: /^Pay / }).click();
  assert.equal((await sent).postDataJSON().method.type, 'saved');
  await page.getByText('Paid and confirmed').waitFor();
  await page.goto('/me/cards');
  await page.getByRole('button', { name: 'Remove Visa ending in 4242' }).click();
  await page.getByRole('button', { name: 'Remove it' }).click();
  await page.getByText('Nothing is kept.').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Visa ending in 4242 is removed.');
  assert.deepEqual(page.troubles, []);
});

test('how a card stands is said where it was added', async () => {
  const page = await open(browser, { width: 390, height: 844 });
  await page.goto('/');
  await enter(page);
  let status = 'pending';
  const card = () => ({
    id: 'svm_0193f2a1c5d07bb2a4d1c0ffee000001',
    status,
    method: { type: 'card', brand: 'visa', last4: '4242' },
    action_url: status === 'requires_action' ? '/help' : null,
    failure_code: status === 'failed' ? 'card_declined' : null,
    created_at: '2026-11-20T09:15:00Z',
  });
  let isKept = false;
  await page.route(KEPT, async (route) => {
    isKept ||= route.request().method() === 'POST';
    await route.fulfill({
      json: route.request().method() === 'POST' ? card() : { payment_methods: isKept ? [card()] : [] },
    });
  });
  await page.clock.install();
  await page.goto('/me/cards');
  await page.getByLabel('Card number').fill('4242 4242 4242 4242');
  await page.getByRole('button', { name: 'Keep this card' }).click();
  const said = page.getByRole('main').getByRole('status');
  await said.filter({ hasText: 'The bank looks at it.' }).waitFor();
  // What is not settled is asked for again, until it is.
  status = 'requires_action';
  await page.clock.fastForward(2_000);
  await said.filter({ hasText: 'The bank wants you to approve it: go to its page from the list.' }).waitFor();
  await page.getByRole('link', { name: 'Go to the bank' }).waitFor();
  status = 'failed';
  await page.clock.fastForward(2_000);
  await said.filter({ hasText: 'The bank does not let this card be kept.' }).waitFor();
  assert.equal(await page.getByText('It is kept.').count(), 0);
  assert.deepEqual(page.troubles, []);
});

test('a card is kept once when the answer is lost, and one that is refused is not tried with the same token', async () => {
  const page = await open(browser, { width: 390, height: 844 });
  await page.goto('/');
  await enter(page);
  const sent = [];
  const answers = [
    (route) => route.fulfill(problem(422, 'invalid_request')),
    // Kept, and nobody hears of it.
    async (route) => {
      await route.fetch({ maxRetries: 2 });
      await route.abort();
    },
    (route) => route.continue(),
  ];
  await page.route(KEPT, async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    sent.push([route.request().postDataJSON().token, route.request().headers()['idempotency-key']]);
    await answers[sent.length - 1](route);
  });
  await page.goto('/me/cards');
  await page.getByLabel('Card number').fill('4242 4242 4242 4242');
  const keep = page.getByRole('button', { name: 'Keep this card' });
  const lost = page.getByRole('main').getByRole('alert');
  await keep.click();
  await lost.waitFor();
  await keep.click();
  // It is in the list though nobody answered.
  const cards = page.getByRole('listitem').filter({ hasText: 'Visa ending in 4242' });
  await cards.waitFor();
  await lost.waitFor();
  await keep.click();
  await page.getByText('It is kept.').waitFor();
  assert.equal(await cards.count(), 1);
  const [refused, unheard, again] = sent;
  assert.notEqual(refused[0], unheard[0]);
  assert.deepEqual(again, unheard);
  assert.deepEqual(page.troubles, []);
});

test('while codes are guessed, a puzzle is solved before a booking is looked for', async () => {
  const page = await open(browser);
  await page.goto('/retrieve');
  const puzzle = { challenge: 'puz_eyJvZiI6', bits: 14 };
  const sent = [];
  await page.route('**/api/v1/records', async (route) => {
    sent.push(route.request().postDataJSON());
    if (sent.length > 1) return route.continue();
    const refusal = { status: 403, code: 'puzzle_required', title: 'Solve this first', puzzle };
    await route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify(refusal) });
  });
  await page.getByLabel('Booking code').fill('ZZZZZZ');
  await page.getByLabel('Surname of a traveller').fill('Rao');
  await page.getByRole('button', { name: 'Find it' }).click();
  await page.getByRole('alert').waitFor();
  const { challenge, solution } = sent[1].puzzle;
  assert.equal(challenge, puzzle.challenge);
  const hash = createHash('sha256').update(`${challenge}.${solution}`).digest();
  assert.equal(hash.readUInt32BE(0) >>> (32 - puzzle.bits), 0);
  // The same again needs no other puzzle.
  const answered = page.waitForResponse('**/api/v1/records');
  await page.getByRole('button', { name: 'Find it' }).click();
  await answered;
  assert.deepEqual(sent[2].puzzle, sent[1].puzzle);
  assert.deepEqual(page.troubles, []);
});

test('who signs in with a provider is sent there, and told where to come back to', async () => {
  const page = await open(browser);
  await withProvider(page, async () => {
    await page.goto('/sign-in?next=/me/data');
    const begun = page.waitForRequest('**/api/v1/auth/sign-in');
    await page.getByRole('button', { name: 'Go on with Example' }).click();
    assert.deepEqual((await begun).postDataJSON(), { provider: 'example', redirect_after: '/me/data' });
    await page.waitForURL('**/help');
    // Nobody is sent to another site.
    await page.goto('/sign-in?next=//evil.example/');
    const other = page.waitForRequest('**/api/v1/auth/sign-in');
    await page.getByRole('button', { name: 'Go on with Example' }).click();
    assert.equal((await other).postDataJSON().redirect_after, '/trips');
    await page.waitForURL('**/help');
  });
  assert.deepEqual(page.troubles, []);
});
