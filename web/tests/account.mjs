// The screens of an account: a walk for whoever looks at them, and what journeys there need.
import { createHmac } from 'node:crypto';
import { call } from './browser.mjs';
import { confirmAddress } from './steps.mjs';

/** The six digits an authenticator app shows now, or steps later (RFC 6238). */
export function codeOf(secret, later = 0) {
  const bits = [...secret.replaceAll(/[\s=]/g, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const hash = createHmac('sha1', key).update(step).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Answers of a device with passkeys, made of software. */
export async function giveDevice(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true };
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return { count: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length };
}

/** The sticky head of the page would else lie on half a button, by chance. */
const toTop = (page) => page.evaluate(() => scrollTo(0, 0));

/** Every screen of the account of whoever is signed in. */
export async function walkAccount(page, seen) {
  await page.goto('/me');
  await page.locator('main form').first().waitFor();
  await seen('account');
  await page.goto('/me/travellers');
  await seen('account-travellers-none');
  await call(page, 'POST', '/me/travellers', { given_name: 'Meera', family_name: 'Rao', born_on: '2019-03-09' });
  await page.goto('/me/travellers');
  await page.locator('main li').first().waitFor();
  await page.locator('main .btn-main').click();
  await page.locator('main form [type=submit]').click();
  await seen('account-travellers');
  await withProvider(page, async () => {
    await page.goto('/me/security');
    await page.locator('main section').nth(2).waitFor();
    await seen('account-security');
  });
  await confirmAddress(page, (await call(page, 'GET', '/session')).profile.email);
  await page.goto('/me/security');
  await page.locator('main form').first().waitFor();
  await page.locator('main section').nth(1).locator('button').first().click();
  await forgetProof(page, '**/me/second-factors/totp');
  await page.locator('main section').nth(1).locator('form [type=submit]').click();
  await page.getByRole('dialog').locator('input[name=password]').waitFor();
  await seen('account-proof');
  await page.unroute('**/me/second-factors/totp');
  await page.getByRole('dialog').getByRole('button').first().click();
  await page.locator('main section').nth(1).locator('form [type=submit]').click();
  await page.locator('main img').waitFor();
  await toTop(page);
  await seen('account-totp');
  const secret = await page.locator('main code').textContent();
  await page.locator('main input[name=code]').fill(codeOf(secret));
  await page.locator('main section').nth(1).locator('form [type=submit]').click();
  await page.locator('main ul li').nth(9).waitFor();
  await toTop(page);
  await seen('account-recovery-codes');
  await page.goto('/me/cards');
  await page.locator('main p.panel').waitFor();
  await page.locator('main form [type=submit]').click();
  await seen('account-cards-none');
  await page.route('**/api/v1/payments/methods', (route) => route.fulfill({ status: 422, json: {} }));
  await page.reload();
  await page.locator('main [role=alert]').waitFor();
  await seen('account-cards-lost');
  await page.unroute('**/api/v1/payments/methods');
  await withCards(page, async () => {
    await page.goto('/me/cards');
    await page.locator('main li').nth(3).waitFor();
    await seen('account-cards');
  });
  await page.goto('/me/sessions');
  await page.locator('main li').first().waitFor();
  await seen('account-sessions');
  await page.goto('/me/data');
  await page.locator('main section').nth(1).locator('button').click();
  await seen('account-data');
}

/** Ways to pay, each as it can stand with it. */
export async function withCards(page, look) {
  const path = '**/api/v1/me/payment-methods';
  const card = (status, index) => ({
    id: `svm_0193f2a1c5d07bb2a4d1c0ffee00000${index}`,
    status,
    method: { type: 'card', brand: 'visa', last4: `424${index}` },
    action_url: status === 'requires_action' ? '/help' : null,
    failure_code: status === 'failed' ? 'card_declined' : null,
    created_at: '2026-11-20T09:15:00Z',
  });
  const all = ['ready', 'requires_action', 'failed', 'pending'].map(card);
  await page.route(path, (route) => route.fulfill({ json: { payment_methods: all } }));
  await look();
  await page.unroute(path);
}

/** Has the API take the proof of whoever is signed in for too old, as it is after some minutes, until it is given again. */
export async function forgetProof(page, path) {
  const stale = async (route) => {
    if (route.request().method() === 'OPTIONS') return route.continue();
    await route.fulfill({
      status: 403,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 403, code: 'step_up_required', title: 'Prove who you are', detail: '' }),
    });
  };
  await page.route(path, stale);
  // When it is given, not when it is taken: the page asks again before that is heard of here.
  page.on('request', (request) => {
    if (request.url().endsWith('/me/proof') && request.method() === 'POST') void page.unroute(path, stale);
  });
}

/** The airline that is tested takes no provider; the screens that offer them are shown what one that does says. */
export async function withProvider(page, look) {
  const [list, begin] = ['**/api/v1/auth/providers', '**/api/v1/auth/sign-in'];
  await page.route(list, (route) => route.fulfill({ json: { providers: [{ id: 'example', label: 'Example' }] } }));
  await page.route(begin, (route) => route.fulfill({ json: { authorization_url: '/help', expires_in: 600 } }));
  await look();
  await page.unroute(list);
  await page.unroute(begin);
}
