// Paying through Stripe's fields: against the real binary, set to show them (UDAAN_URL), and the test gateway (UDAAN_GATEWAY) as Stripe.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, dayIn, launch, open, settle, turn, violations } from './browser.mjs';
import { enter, hold } from './screens.mjs';
import * as go from './steps.mjs';
import { pay, press, type, withStripe } from './stripe.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** What stays open goes on asking, and the next journey waits for it. */
const close = (page) => page.context().close();

/** Somebody new on the way to pay for a booking. */
async function toPay(page, day) {
  await page.goto('/');
  const found = await call(page, 'GET', `/search?origin=JFK&destination=LAX&date=${dayIn(day)}&adults=2&limit=1`);
  const booking = await hold(page, await enter(page), found.itineraries[0].offer_id);
  await page.goto(`/bookings/${booking.id}/pay`);
  return booking;
}

const asked = (page, what) => page.evaluate((name) => globalThis.askedOfStripe[name], what);
const clean = async (page) => assert.deepEqual(await violations(page), []);

test('a card is typed into a frame of Stripe: something missing, declined, and paid with what was typed before', async () => {
  const page = await open(browser);
  await withStripe(page);
  const sent = [];
  page.on('request', (one) => one.method() === 'POST' && sent.push([one.url(), one.postData() ?? '']));
  const booking = await toPay(page, 9);
  const button = page.getByRole('button', { name: /^Pay / });
  await page.frameLocator('iframe').getByLabel('Card number').waitFor();
  assert.equal(await page.getByLabel('Card number').count(), 0, 'no field of ours');
  await settle(page);
  await clean(page);
  await turn(page, { width: 390, height: 844, scheme: 'dark' });
  await clean(page);
  const { variables } = (await asked(page, 'updates')).findLast((one) => one.appearance).appearance;
  const [group] = await asked(page, 'groups');
  assert.notEqual(variables.colorText, group.appearance.variables.colorText, 'the fields go with the scheme');
  assert.match(variables.colorText, /^rgb/);
  await turn(page, { width: 1280, height: 900, scheme: 'light' });
  const { amount, currency } = booking.price;
  assert.deepEqual([group.mode, group.amount, group.currency], ['payment', amount, currency.toLowerCase()]);
  assert.deepEqual(group.allowedPaymentMethodTypes, ['card', 'us_bank_account']);
  await press(button);
  await page.getByRole('alert').getByText('Your card number is incomplete.').waitFor();
  await clean(page);
  await type(page, '4000 0000 0000 0002');
  await page.getByText('Your card number is incomplete.').waitFor({ state: 'detached' });
  await press(button, 'dblclick');
  await page.getByText('The payment was declined').waitFor();
  const frame = page.frameLocator('iframe');
  assert.equal(await frame.getByLabel('Card number').inputValue(), '4000 0000 0000 0002', 'nothing typed is lost');
  assert.equal(await asked(page, 'tokens'), 1, 'pressed twice, asked once');
  // A token that was answered is used up.
  const again = page.waitForResponse((one) => one.url().endsWith('/api/v1/payments'));
  await press(button);
  assert.equal((await (await again).json()).decline_code, 'generic_decline');
  assert.equal(await asked(page, 'tokens'), 2);
  await frame.getByLabel('Card number').fill('4242 4242 4242 4242');
  await press(button);
  await page.getByText('Paid and confirmed').waitFor();
  const ours = sent.filter(([url]) => url.endsWith('/api/v1/payments')).map(([, body]) => JSON.parse(body).method);
  assert.deepEqual(
    ours.map((one) => [one.type, /^pm_\w+$/.test(one.token)]),
    [
      ['card', true],
      ['card', true],
      ['card', true],
    ],
  );
  // Tokens are asked for from Stripe's frame; nothing that went to our host has a number in it.
  for (const [url, body] of sent)
    if (!url.startsWith('https://api.stripe.com/'))
      assert.doesNotMatch(body.replaceAll(' ', ''), /4242424242424242|4000000000000002/);
  assert.deepEqual(page.refused, []);
  assert.deepEqual(page.troubles, []);
  await close(page);
});

test('the bank asks on its own page, and the page comes back to a payment that is settled', async () => {
  const page = await open(browser, { width: 390, height: 844 });
  await withStripe(page);
  await toPay(page, 10);
  await type(page, '4000 0027 6000 3184');
  await pay(page);
  await go.approve(page);
  await page.getByText('Paid and confirmed').waitFor({ timeout: 60_000 });
  assert.deepEqual(page.refused, []);
  assert.deepEqual(page.troubles, []);
  await close(page);
});

test('an answer that is lost is asked for again with the same token; a total that changed is told to Stripe', async () => {
  const page = await open(browser);
  await withStripe(page);
  await toPay(page, 11);
  await type(page, '4242 4242 4242 4242');
  const bodies = [];
  await page.route('**/api/v1/payments', async (route) => {
    bodies.push(route.request().postDataJSON());
    if (bodies.length === 1) return route.abort();
    if (bodies.length > 2) return route.continue();
    const refusal = { status: 409, code: 'price_changed', title: 'The total is another now' };
    return route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify(refusal) });
  });
  await pay(page);
  await page.getByText('We could not reach Udaan').waitFor();
  // The total is another from here on, as after a code that came in another window.
  await page.route('**/api/v1/bookings/bkg_*', async (route) => {
    const answer = await route.fetch({ maxRetries: 2 });
    const booking = await answer.json();
    await route.fulfill({ response: answer, json: { ...booking, price: { ...booking.price, amount: 12_345 } } });
  });
  await pay(page);
  await page.getByRole('button', { name: 'Show the new total' }).click();
  await page.getByRole('button', { name: 'Pay $123.45' }).waitFor();
  assert.equal(bodies[1].method.token, bodies[0].method.token);
  assert.deepEqual((await asked(page, 'updates')).at(-1), { amount: 12_345, currency: 'usd' });
  assert.equal(await asked(page, 'tokens'), 1);
  assert.deepEqual(page.refused, []);
  await close(page);
});

test('Stripe is blocked: said, tried again, and the fields are there; the policy lets in what they need, and nobody else', async () => {
  const page = await open(browser);
  await withStripe(page);
  const block = (route) => route.abort('blockedbyclient');
  await page.context().route('https://js.stripe.com/**', block);
  await toPay(page, 12);
  await page.getByRole('alert').getByText('did not load').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Pay / }).isDisabled(), true);
  await clean(page);
  await page.context().unroute('https://js.stripe.com/**', block);
  await page.getByRole('button', { name: 'Try again' }).click();
  await type(page, '4242 4242 4242 4242');
  assert.equal(await page.getByText('did not load').count(), 0);
  assert.deepEqual(page.refused, []);
  const tried = await page.evaluate(async () => {
    const begun = (make) =>
      new Promise((done) => {
        const one = make();
        one.onload = () => done('loaded');
        one.onerror = () => done('refused');
        setTimeout(() => done('nothing'), 1_000);
        document.body.append(one);
      });
    const ask = (url) =>
      fetch(url, { method: 'POST' }).then(
        () => 'answered',
        () => 'refused',
      );
    return {
      script: await begun(() => Object.assign(document.createElement('script'), { src: 'https://evil.example/a.js' })),
      frame: await begun(() => Object.assign(document.createElement('iframe'), { src: 'https://evil.example/' })),
      asked: await ask('https://evil.example/'),
      gateway: await ask('http://127.0.0.1:9/'),
      stripe: await ask('https://api.stripe.com/v1/payment_methods'),
    };
  });
  assert.deepEqual(
    [tried.script, tried.asked, tried.gateway, tried.stripe],
    ['refused', 'refused', 'refused', 'answered'],
  );
  assert.deepEqual(page.refused.sort(), [
    'connect-src http://127.0.0.1:9/',
    'connect-src https://evil.example/',
    'frame-src https://evil.example',
    'script-src-elem https://evil.example/a.js',
  ]);
  const answer = await page.request.get('/');
  assert.match(answer.headers()['permissions-policy'], /payment=\(self "https:\/\/js\.stripe\.com"/);
  assert.equal(answer.headers()['cross-origin-opener-policy'], 'same-origin-allow-popups');
  await pay(page);
  await page.getByText('Paid and confirmed').waitFor();
  await close(page);
});

test('a card is kept through the fields, told in the words there are, and paid with without them', async () => {
  const page = await open(browser, { locale: 'hi', scheme: 'dark', width: 390, height: 844 });
  await withStripe(page);
  const booking = await toPay(page, 14);
  await page.frameLocator('iframe').getByLabel('Card number').waitFor();
  await page.goto('/me/cards');
  await type(page, '4242 4242 4242 4242');
  await settle(page);
  await clean(page);
  assert.deepEqual(
    (await asked(page, 'groups')).map((one) => [one.mode, one.locale, one.allowedPaymentMethodTypes]),
    [['setup', 'en', ['card']]],
  );
  await press(page.locator('main form [type=submit]'));
  await page.locator('main li').first().waitFor();
  // The next one is typed into empty fields.
  await page.waitForFunction(() => globalThis.askedOfStripe.groups.length === 2);
  assert.equal(await page.frameLocator('iframe').getByLabel('Card number').inputValue(), '');
  await page.goto(`/bookings/${booking.id}/pay`);
  await page.locator('main input[name=method]').nth(1).waitFor();
  assert.equal(await page.locator('iframe').count(), 0, 'nothing of Stripe where a kept card is chosen');
  await page.locator('main form .btn-main').click();
  await page.waitForURL(/\/trips\//);
  assert.deepEqual(page.refused, []);
  assert.deepEqual(page.troubles, []);
  await close(page);
});

test('a page that was kept before Stripe was let in fetches itself anew', async () => {
  const page = await open(browser);
  await withStripe(page);
  await page.goto('/');
  await enter(page);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        if (new URL(request.url).pathname !== '/index.html') continue;
        const kept = await cache.match(request);
        const headers = new Headers(kept.headers);
        headers.delete('Content-Encoding');
        const policy = headers.get('Content-Security-Policy');
        headers.set('Content-Security-Policy', policy.replaceAll(/ https:[^ ;]*stripe\.com/g, ''));
        await cache.put(request, new Response(await kept.text(), { headers }));
      }
    }
  });
  await page.goto('/me/cards');
  await type(page, '4242 4242 4242 4242');
  assert.equal(page.refused[0], 'script-src-elem https://js.stripe.com/endive/stripe.js');
  await close(page);
});
