// News on the screen: asked for in a browser, shown by the service worker while no page listens, and gone with whoever signs out. No push
// service is reached from here: the browser's own part of it is stood in for, up to what the service worker is handed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, launch, open, settle, URL_OF_APP, violations } from './browser.mjs';
import { enter } from './screens.mjs';
import * as go from './steps.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** A browser whose push service is at hand: it keeps in the page's storage what it would keep itself. */
const standIn = () => {
  const there = () => JSON.parse(localStorage.getItem('stand-in') ?? 'null');
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const subscription = (has) => ({
    endpoint: has.endpoint,
    options: { userVisibleOnly: true, applicationServerKey: bytes(has.key) },
    toJSON: () => ({ endpoint: has.endpoint, expirationTime: null, keys: has.keys }),
    unsubscribe: async () => {
      localStorage.removeItem('stand-in');
      return true;
    },
  });
  PushManager.prototype.getSubscription = async () => there() && subscription(there());
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || applicationServerKey.length !== 65) throw new DOMException('no', 'NotAllowedError');
    const keys = {
      p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      auth: 'BTBZMqHH6r4Tts7J_aSIgg',
    };
    const key = btoa(String.fromCharCode(...applicationServerKey));
    const has = { endpoint: `https://fcm.googleapis.com/fcm/send/${crypto.randomUUID()}`, keys, key };
    localStorage.setItem('stand-in', JSON.stringify(has));
    return subscription(has);
  };
};

/**
 * Hands the service worker a push, as the browser does when one came, and waits until it is on the screen. The screen is not asked before:
 * Chromium forgets what it is asked for while it puts it there.
 */
async function deliver(page) {
  // One that is still being put in takes no pushes.
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  const [worker] = page.context().serviceWorkers();
  await worker.evaluate(() => {
    const show = ServiceWorkerRegistration.prototype.showNotification;
    globalThis.onScreen = 0;
    ServiceWorkerRegistration.prototype.showNotification = async function (...what) {
      await show.apply(this, what);
      globalThis.onScreen += 1;
    };
  });
  const talk = await page.context().newCDPSession(page);
  const registered = new Promise((done) =>
    talk.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [one] = registrations.filter(({ isDeleted }) => !isDeleted);
      if (one) done(one.registrationId);
    }),
  );
  await talk.send('ServiceWorker.enable');
  const registrationId = await registered;
  const origin = new URL(URL_OF_APP).origin;
  let pushes = 0;
  return async (push) => {
    pushes += 1;
    await talk.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data: JSON.stringify(push) });
    const until = Date.now() + 15_000;
    while ((await worker.evaluate(() => globalThis.onScreen)) < pushes) {
      assert.ok(Date.now() < until, 'the service worker shows nothing');
      await page.waitForTimeout(50);
    }
  };
}

const shown = (page) =>
  page.evaluate(async () => {
    const worker = await navigator.serviceWorker.ready;
    const all = await worker.getNotifications();
    return all.map(({ title, body, tag, lang, data }) => ({ title, body, tag, lang, place: data.place }));
  });

test('a browser shows what its owner is told, until they sign out there', async () => {
  const page = await open(browser, { width: 390, height: 844, bypassCSP: true, permissions: ['notifications'] });
  await page.addInitScript(standIn);
  await page.goto('/');
  const who = await enter(page);
  await page.goto('/inbox');
  await go.pressButton(page, /^How we tell you$/);
  await go.arrive(page, 'How we tell you');
  assert.deepEqual(await violations(page), []);
  await go.pressButton(page, /^Show news in this browser$/);
  await page.getByText('This browser shows what you are told, also when Udaan is closed.').waitFor();
  const [own] = (await call(page, 'GET', '/push-subscriptions')).subscriptions;
  assert.ok(own.this_session && own.device.startsWith('Chrome'), own.device);
  await page.reload();
  await page.getByText('This browser shows what you are told').waitFor();
  const gate = page.getByRole('group', { name: /There is a gate/ }).getByLabel('Screen');
  const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
  await gate.uncheck();
  await saved;
  await page.reload();
  await page.getByRole('group', { name: /There is a gate/ }).waitFor();
  assert.equal(await gate.isChecked(), false);

  const push = await deliver(page);
  const late = {
    id: 'ntf_1',
    kind: 'delay',
    title: 'KR1 is delayed',
    text: '09:10',
    lang: 'en',
    tag: 'a',
    booking_id: 'bkg_1',
  };
  await push(late);
  assert.deepEqual(await shown(page), [
    { title: 'KR1 is delayed', body: '09:10', tag: 'a', lang: 'en', place: '/trips/bkg_1' },
  ]);
  // What is later told of the same takes its place; of something else it stands beside it.
  await push({ ...late, text: '10:30' });
  await push({ id: 'ntf_2', kind: 'price_drop', title: 'It fell', text: '', lang: 'en', tag: 'b', watch_id: 'wtc_1' });
  const both = await shown(page);
  assert.deepEqual(both.map(({ body, place }) => [body, place]).sort(), [
    ['', '/alerts'],
    ['10:30', '/trips/bkg_1'],
  ]);

  await page.getByRole('banner').locator('summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem('stand-in')), null);
  assert.deepEqual(await shown(page), []);
  // Whoever is next there gets nothing of it, and the owner finds no browser that shows it.
  await call(page, 'POST', '/session', { email: who.email, password: who.password });
  assert.deepEqual((await call(page, 'GET', '/push-subscriptions')).subscriptions, []);
  await page.goto('/inbox/preferences');
  await page.getByRole('button', { name: 'Show news in this browser' }).waitFor();
  assert.deepEqual(page.troubles, []);
});

test('what is removed from elsewhere stays removed', async () => {
  const page = await open(browser, { bypassCSP: true, permissions: ['notifications'] });
  await page.addInitScript(standIn);
  await page.goto('/');
  const who = await enter(page);
  await page.goto('/inbox/preferences');
  await page.getByRole('button', { name: 'Show news in this browser' }).click();
  await page.getByText('This browser shows what you are told').waitFor();
  const elsewhere = await open(browser, { bypassCSP: true });
  await elsewhere.goto('/');
  await call(elsewhere, 'POST', '/session', { email: who.email, password: who.password });
  await elsewhere.goto('/inbox/preferences');
  await elsewhere.getByRole('button', { name: /^Remove Chrome/ }).click();
  await elsewhere.getByText('Other browsers that show it').waitFor({ state: 'detached' });
  // The browser lets go of it as soon as it hears, and nothing asks for it again: not a reload, nor another session.
  await page.reload();
  await page.waitForFunction(() => localStorage.getItem('stand-in') === null);
  await page.getByRole('button', { name: 'Show news in this browser' }).waitFor();
  await page.getByRole('banner').locator('summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password', { exact: true }).fill(who.password);
  await page.keyboard.press('Enter');
  await go.arrive(page, 'My trips');
  await page.goto('/inbox/preferences');
  await page.getByRole('button', { name: 'Show news in this browser' }).waitFor();
  await settle(page);
  assert.deepEqual((await call(page, 'GET', '/push-subscriptions')).subscriptions, []);
  assert.equal(await page.evaluate(() => localStorage.getItem('stand-in')), null);
  assert.deepEqual([...page.troubles, ...elsewhere.troubles], []);
});

test('where a browser may not, it is said what to do', async () => {
  const page = await open(browser, { bypassCSP: true });
  await page.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' }));
  await page.goto('/');
  await enter(page);
  await page.goto('/inbox/preferences');
  await page.getByText('Your browser does not let Udaan show news.').waitFor();
  assert.deepEqual(await violations(page), []);
});
