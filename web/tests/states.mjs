// What a screen is besides its best: nothing there, something missing, refused, not reached, or still awaited. No state here needs words,
// so that the walk goes in every language.
import assert from 'node:assert/strict';
import { call, dayIn, drawn } from './browser.mjs';
import { account } from './steps.mjs';

const problem = (status, code, more = {}) => ({
  status,
  contentType: 'application/problem+json',
  body: JSON.stringify({ status, code, title: 'Not like that', detail: 'This is what the API says of it.', ...more }),
});

/** While `look` looks, the API answers so to what is asked at `path`. */
async function answering(page, path, answer, look) {
  const underway = new Set();
  await page.route(path, (route) => {
    // A page that goes on asks no more: what is answered then finds nobody, and that is no failure.
    const one = Promise.resolve(answer(route))
      .catch((error) => assert.match(error.message, /already handled|closed|disposed/))
      .finally(() => underway.delete(one));
    underway.add(one);
    return one;
  });
  await look();
  await Promise.all(underway);
  await page.unroute(path);
}

const alert = (page) => page.locator('main [role=alert]').first().waitFor();
const submit = (page) => page.locator('main form [type=submit]').first().click();

export async function homeAsked(page, seen) {
  await submit(page);
  await seen('home-missing');
  await page.locator('main input[name=kind]').last().check({ force: true });
  await seen('home-multi');
  await page.locator('main form button[type=button]').last().click();
  await page.getByRole('dialog').locator('output').first().waitFor();
  await seen('party');
}

/** No answer yet, and none at all. */
export async function resultsAway(page, trip, look) {
  let go;
  const asked = new Promise((come) => {
    void page.route('**/api/v1/search?*', async (route) => {
      come();
      await new Promise((done) => {
        go = done;
      });
      await route.fulfill(problem(422, 'invalid_request'));
    });
  });
  await page.goto(`/results?trip=${trip}`);
  await asked;
  await drawn(page);
  await look('results-waiting', page);
  go();
  await alert(page);
  await look('results-refused', page);
  await page.unroute('**/api/v1/search?*');
}

/** The doors of an account, shut. */
export async function doors(page, seen) {
  const who = account();
  await page.goto('/sign-in');
  await page.locator('main input[name=email]').fill(who.email);
  await page.locator('main input[name=password]').fill(who.password);
  await submit(page);
  await alert(page);
  await seen('sign-in-refused');
  const required = { login_token: 'none', kinds: ['totp'], expires_in: 300 };
  await answering(
    page,
    '**/api/v1/session',
    (route) => route.fulfill({ json: required }),
    async () => {
      await submit(page);
      await page.locator('main input[name=code]').waitFor();
      await seen('sign-in-second-step');
    },
  );
  await page.goto('/sign-up');
  for (const [name, text] of Object.entries({ ...who, password: 'short' }))
    await page.locator(`main input[name=${name}]`).fill(text);
  await submit(page);
  await alert(page);
  await seen('sign-up-refused');
  await page.goto('/forgotten');
  await page.locator('main input[name=email]').fill(who.email);
  await submit(page);
  await page.locator('main form').waitFor({ state: 'detached' });
  await seen('forgotten-sent');
}

/** Lists of somebody who has just come. */
export async function nothingYet(page, seen) {
  const who = account();
  await call(page, 'POST', '/register', who);
  await call(page, 'POST', '/session', { email: who.email, password: who.password });
  await page.goto('/trips');
  await page.locator('main fieldset').waitFor();
  await seen('trips-none');
  await page.goto('/trips?when=past');
  await page.locator('main fieldset').waitFor();
  await seen('trips-past-none');
  await page.goto('/inbox');
  await page.locator('main h1').waitFor();
  await seen('inbox-none');
  await page.goto('/alerts');
  await page.locator('main .panel').waitFor();
  await seen('alerts-none');
  const route = { origin: 'JFK', destination: 'LAX', date: dayIn(10) };
  await call(page, 'POST', '/price-watches', { route, seats: 2, drop_percent: 10 });
  await page.reload();
  await page.locator('main li').first().waitFor();
  await seen('alerts');
}

const NOBODYS = 'bkg_0193f2a1c5d07bb2a4d1c0ffee000002';

/** What is not there, or not theirs, and a part of the app that does not come. */
export async function lost(page, seen) {
  const booking = ['seats', 'extras', 'pay'].map((step) => `bookings/${NOBODYS}/${step}`);
  const trip = ['', '/cancel', '/change', '/check-in', '/passes'].map((step) => `trips/${NOBODYS}${step}`);
  const others = ['book?offer=off_none', 'help/none', `support/tkt_${NOBODYS.slice(4)}`];
  for (const path of [...booking, ...trip, ...others]) {
    await page.goto(`/${path}`);
    await alert(page);
    await seen(
      `lost-${path
        .split(/[/?]/)
        .filter((part) => !part.includes('_'))
        .join('-')}`,
    );
  }
  await page.goto(`/payments/pay_${NOBODYS.slice(4)}`);
  await page.locator('main h1').waitFor();
  await seen('payment-awaited');
  await answering(
    page,
    /\/assets\/sessions-[^/]*\.js$/,
    (route) => route.abort(),
    async () => {
      await page.goto('/me/sessions');
      await alert(page);
      await seen('lost-part');
      page.troubles = page.troubles.filter((one) => !one.includes('dynamically imported module'));
    },
  );
}

/** On the way to a hold: nothing typed, and another price meanwhile. */
export async function holding(page, seen) {
  await submit(page);
  await page.locator('main [aria-invalid=true]').first().waitFor();
  await seen('travellers-missing');
  const money = (amount) => ({ amount, currency: 'USD' });
  const changed = problem(409, 'price_changed', {
    price: money(45_900),
    old_price: money(41_900),
    offer_id: 'off_none',
  });
  await answering(
    page,
    '**/api/v1/bookings',
    (route) => route.fulfill(changed),
    async () => {
      const texts = ['Asha', 'Rao', '17', '5', '1990'];
      const fields = await page
        .locator('main form fieldset input[type=text], main form fieldset input:not([type])')
        .all();
      for (const [index, field] of fields.entries()) await field.fill(texts[index % texts.length]);
      await submit(page);
      await page.locator('main [role=status] h2').waitFor();
      await seen('travellers-price-changed');
    },
  );
}

/** A chosen seat that another has taken meanwhile. */
export async function seatTaken(page, seen) {
  const seat = page.locator('[data-seat]:not([aria-disabled])').nth(8);
  const name = await seat.getAttribute('data-seat');
  await seat.click();
  const taken = async (route) => {
    const answer = await route.fetch({ maxRetries: 2 });
    const map = await answer.json();
    for (const one of map.cabin.rows.flatMap((row) => row.blocks.flat())) if (one.seat === name) one.state = 'taken';
    await route.fulfill({ response: answer, json: map });
  };
  const refused = problem(409, 'seat_taken', { passenger: 1, segment: 1, seat: name });
  await answering(page, /\/seats\?/, taken, async () => {
    await answering(
      page,
      '**/api/v1/bookings/*/extras',
      (route) => route.fulfill(refused),
      async () => {
        await page.locator('main .btn-main').click();
        await page.locator('main section:has(> [role=status]) [role=group] button:enabled').first().waitFor();
        await seen('seats-lost');
      },
    );
  });
}

/** Paying, which does not work at once. */
export async function paying(page, held, seen) {
  await submit(page);
  await page.locator('main [aria-invalid=true]').waitFor();
  await page.locator('aside summary, main summary').first().click();
  await page.locator('main details form input').fill('NOSUCH');
  await page.locator('main details form [type=submit]').click();
  await alert(page);
  await seen('pay-missing');
  await page.reload();
  await page.locator('main input[inputmode=numeric]').fill('4000 0000 0000 0002');
  await page.locator('main form [type=submit].text-lg').click();
  await alert(page);
  await seen('pay-declined');
  const path = `**/api/v1/bookings/${held.id}`;
  const as = (change) => async (route) => {
    const answer = await route.fetch({ maxRetries: 2 });
    await route.fulfill({ response: answer, json: { ...(await answer.json()), ...change } });
  };
  const payment = { ...PAYMENT, booking_id: held.id, amount: held.price };
  for (const [name, change] of Object.entries({
    'pay-over': { status: 'expired', payments: [], available_actions: [] },
    'pay-bank-asks': { payments: [{ ...payment, status: 'requires_action', action_url: '/help' }] },
    'pay-awaited': { payments: [{ ...payment, status: 'processing' }] },
  }))
    await answering(page, path, as(change), async () => {
      await answering(
        page,
        '**/api/v1/payments/*',
        (route) => route.fulfill({ json: change.payments[0] }),
        async () => {
          await page.goto(`/bookings/${held.id}/pay`);
          await page.locator('main [role=status].rounded-2xl').last().waitFor();
          await seen(name);
        },
      );
    });
}

const PAYMENT = { id: `pay_${NOBODYS.slice(4)}`, method: 'card', created_at: '2026-11-20T09:15:00Z' };

/** A booking that is looked for by its code: none, one, and the code from its mail; and how far a puzzle is. */
export async function finding(page, booking, seen) {
  const find = async (locator) => {
    await page.locator('main input[name=locator]').fill(locator);
    await page.locator('main input[name=surname]').fill('Rao');
    await submit(page);
  };
  await page.goto('/retrieve');
  await find('ZZZZZZ');
  await alert(page);
  await seen('retrieve-none');
  await find(booking.locator);
  await page.locator('main section button').waitFor();
  await seen('retrieve-found');
  await page.locator('main section button').click();
  await page.locator('main input[name=code]').waitFor();
  await seen('retrieve-code');
  const puzzle = { challenge: 'puz_eyJvZiI6', bits: 30 };
  const asked = problem(403, 'puzzle_required', { puzzle });
  await answering(
    page,
    '**/api/v1/records',
    (route) => route.fulfill(asked),
    async () => {
      await find('AAAAAA');
      await page.locator('main progress').waitFor();
      await seen('retrieve-puzzle');
    },
  );
}

/** What the API says of a flight that is late. */
const late = (gate, minutes) => async (route) => {
  const answer = await route.fetch({ maxRetries: 2 });
  const status = await answer.json();
  const later = (at) => new Date(Date.parse(at) + minutes * 60_000).toISOString();
  Object.assign(status, { gate, delay_minutes: minutes, status: 'delayed' });
  status.estimated_departs_at = shifted(status.departs_at, later);
  status.estimated_arrives_at = shifted(status.arrives_at, later);
  await route.fulfill({ response: answer, json: status });
};

/** How flights stand: looked up by number and by route, found and not, late, cancelled, and other than a moment ago. */
export async function lookedUp(page, seen) {
  await page.goto('/status');
  await submit(page);
  await page.locator('main [aria-invalid=true]').waitFor();
  await seen('status-missing');
  await page.goto(`/status?from=JFK&to=JFK&on=${dayIn(1)}`);
  await submit(page);
  await page.locator('main [aria-invalid=true]').waitFor();
  await seen('status-route-missing');
  await page.goto(`/status?number=ZZ9&on=${dayIn(1)}`);
  await page.locator('main section .panel').waitFor();
  await seen('status-none');
  const route = `origin=JFK&destination=LAX&date=${dayIn(1)}`;
  const { flights } = await call(page, 'GET', `/flights?${route}&limit=1`);
  const one = `/status?number=${flights[0].flight_number}&on=${dayIn(1)}`;
  const look = async (name) => {
    await page.goto(one);
    await page.locator('main article dl').first().waitFor();
    await seen(name);
  };
  await look('status');
  const path = '**/api/v1/flights/*/status';
  await answering(page, path, late('B4', 35), () => look('status-late'));
  const cancelled = async (asked) => {
    const answer = await asked.fetch({ maxRetries: 2 });
    await asked.fulfill({ response: answer, json: { ...(await answer.json()), status: 'cancelled' } });
  };
  await answering(page, path, cancelled, () => look('status-cancelled'));
  await page.goto(`/status?from=JFK&to=LAX&on=${dayIn(1)}`);
  await page.locator('main li a').first().waitFor();
  await seen('status-route');
  const moved = async (asked) => {
    const answer = await asked.fetch({ maxRetries: 2 });
    const list = await answer.json();
    Object.assign(list.flights[0], { status: 'delayed', gate: 'C17' });
    await asked.fulfill({ response: answer, json: list });
  };
  await answering(page, path, late('C17', 95), () =>
    answering(page, '**/api/v1/flights?*', moved, async () => {
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      await page.locator('main li a', { hasText: 'C17' }).waitFor();
      await seen('status-route-news');
    }),
  );
  const refused = (asked) => asked.fulfill(problem(422, 'invalid_field'));
  await answering(page, '**/api/v1/flights?*', refused, async () => {
    await page.reload();
    await alert(page);
    await seen('status-lost');
  });
}

/** A flight that is late, a gate that changes while one looks, and no network. */
export async function live(page, seen) {
  const path = '**/api/v1/flights/*/status';
  await page.route(path, late('B4', 35));
  await page.reload();
  await page.locator('main dl').first().waitFor();
  await seen('trip-late');
  await page.context().setOffline(true);
  await seen('trip-offline');
  await page.unroute(path);
  await page.route(path, late('C17', 95));
  await page.context().setOffline(false);
  await page.locator('main dl dd', { hasText: 'C17' }).waitFor();
  await seen('trip-news');
  await page.unroute(path);
}

/** The wall's clock of a moment, with the same offset. */
function shifted(text, later) {
  const [, offset] = /(Z|[+-]\d\d:\d\d)$/.exec(text);
  const minutes =
    offset === 'Z' ? 0 : Number(`${offset[0]}1`) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4)));
  const wall = new Date(Date.parse(later(text)) + minutes * 60_000).toISOString().slice(0, 19);
  return `${wall}${offset}`;
}

/** Passes where nobody answers, and of a flight that does not fly. */
export async function passesAway(page, seen) {
  const path = /\/boarding-passes$/;
  await answering(
    page,
    path,
    (route) => route.abort(),
    async () => {
      await page.reload();
      await page.locator('main img').first().waitFor();
      await seen('passes-kept');
    },
  );
  const cancelled = async (route) => {
    const answer = await route.fetch({ maxRetries: 2 });
    const found = await answer.json();
    for (const pass of found.passes) pass.status = 'cancelled';
    await route.fulfill({ response: answer, json: found });
  };
  await answering(page, path, cancelled, async () => {
    await page.reload();
    await page.locator('main h1').waitFor();
    await seen('passes-cancelled');
  });
}
