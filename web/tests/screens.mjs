// A walk through every screen and the states that matter, for whoever looks at them: axe, or a camera.
import { walkAccount, withCards, withProvider } from './account.mjs';
import { call, dayIn, settle } from './browser.mjs';
import { walkCare } from './care.mjs';
import { walkChange } from './change.mjs';
import * as state from './states.mjs';
import { account } from './steps.mjs';

const WORDS = {
  en: { fares: 'See fares', filters: 'Filters', close: 'Close', dates: /^Dates? /, from: /^From / },
  hi: { fares: 'किराए देखें', filters: 'फ़िल्टर', close: 'बंद करें', dates: /^तारीखें? /, from: /^कहाँ से (?!और)/ },
};

/** Somebody new, signed in. */
export async function enter(page) {
  const who = account();
  await call(page, 'POST', '/register', who);
  await call(page, 'POST', '/session', { email: who.email, password: who.password });
  return who;
}

/** Two adults on an offer, held for whoever is signed in. */
export const hold = (page, who, offer) =>
  call(page, 'POST', '/bookings', {
    offer_id: offer,
    contact: { email: who.email },
    passengers: [
      { type: 'adult', given_name: 'Asha', family_name: 'Rao', born_on: '1990-05-17' },
      { type: 'adult', given_name: 'Vikram', family_name: 'Rao', born_on: '1988-11-02' },
    ],
  });

const payFor = (page, booking) =>
  call(page, 'POST', '/payments', { booking_id: booking.id, method: { type: 'card', number: '4242424242424242' } });

/** Somebody new, signed in, with a booking that is held and one that is paid. */
export async function prepare(page, offer) {
  const who = await enter(page);
  const [paid, held] = [await hold(page, who, offer), await hold(page, who, offer)];
  await payFor(page, paid);
  return { who, paid, held };
}

/** A paid booking of a flight that check-in is open for. */
export async function prepareSoon(page, who) {
  const found = await call(page, 'GET', `/search?origin=JFK&destination=LAX&date=${dayIn(1)}&adults=2&max_stops=0`);
  const hours = (one) => (Date.parse(one.segments[0].departs_at) - Date.now()) / 3_600_000;
  const soon = found.itineraries.find((one) => hours(one) > 3 && hours(one) < 46);
  const booking = await hold(page, who, soon.offer_id);
  await payFor(page, booking);
  return booking;
}

/** Calls `look(name, page)` at each screen, as it is when everything has arrived. */
export async function walk(page, locale, look) {
  const words = WORDS[locale];
  const trip = `JFK.LAX.${dayIn(10)}~LAX.JFK.${dayIn(17)}`;
  const seen = async (name) => {
    await settle(page);
    await look(name, page);
  };
  const close = () => page.getByRole('dialog').getByRole('button', { name: words.close }).click();
  await page.goto('/');
  await seen('home-empty');
  await state.homeAsked(page, seen);
  await page.goto(`/?trip=${trip}`);
  await seen('home');
  await page.getByRole('button', { name: words.from }).click();
  await page.getByRole('dialog').getByRole('option').first().waitFor();
  await seen('airports');
  await page.getByRole('searchbox').fill('zzzzq');
  await page.locator('[role=listbox][data-empty]').waitFor();
  await seen('airports-none');
  await close();
  await page.getByRole('button', { name: words.dates }).click();
  await page.getByRole('grid').first().waitFor();
  await seen('dates');
  await close();
  await page.goto(`/results?trip=${trip}&adults=2`);
  await page.getByRole('button', { name: words.fares }).first().waitFor();
  await seen('results');
  await page.getByRole('button', { name: words.filters }).click();
  await page.getByRole('dialog').waitFor();
  await seen('filters');
  await close();
  await page.getByRole('button', { name: words.fares }).first().click();
  await seen('fares');
  await page.goto(`/results?trip=${trip}&max=1`);
  await seen('results-none');
  await state.resultsAway(page, trip, look);
  const found = await call(
    page,
    'GET',
    `/search?origin=JFK&destination=LAX&date=${dayIn(10)}&adults=2&limit=1&sort=price`,
  );
  const offer = found.itineraries[0].offer_id;
  await page.goto(`/book?offer=${offer}`);
  await seen('who-are-you');
  await page.locator('main input[name=door]').last().check({ force: true });
  await seen('who-are-you-new');
  await withProvider(page, async () => {
    await page.goto('/sign-in');
    await page.getByRole('button', { name: /Example/ }).waitFor();
    await seen('sign-in');
  });
  for (const path of ['me', 'sign-up', 'forgotten', 'retrieve', 'inbox', 'alerts', 'nothing-here']) {
    await page.goto(`/${path}`);
    await seen(['inbox', 'alerts', 'me'].includes(path) ? `${path}-stranger` : path);
  }
  await page.goto('/help');
  await page.locator('main section').first().waitFor();
  await seen('help');
  await page.goto('/help?q=zzzz');
  await page.locator('main button.btn').waitFor();
  await seen('help-none');
  await page.goto('/help/baggage-dangerous');
  await page.locator('main .prose').waitFor();
  await seen('help-article');
  await page.goto('/trips');
  await seen('trips-stranger');
  await state.lookedUp(page, seen);
  await state.doors(page, seen);
  await state.nothingYet(page, seen);
  await state.lost(page, seen);
  const { who, paid, held } = await prepare(page, offer);
  await page.goto(`/book?offer=${offer}`);
  await seen('travellers');
  await state.holding(page, seen);
  await page.goto(`/bookings/${held.id}/seats`);
  await page.getByRole('grid').waitFor();
  await seen('seats');
  await state.seatTaken(page, seen);
  await page.goto(`/bookings/${held.id}/extras`);
  await seen('extras');
  await page.goto(`/bookings/${held.id}/pay`);
  await seen('pay');
  await withCards(page, async () => {
    await page.goto(`/bookings/${held.id}/pay`);
    await page.locator('main form [type=submit].text-lg').waitFor();
    await seen('pay-kept');
  });
  await page.goto(`/bookings/${held.id}/pay`);
  await settle(page);
  await state.paying(page, held, seen);
  await page.goto('/trips');
  await seen('trips');
  await page.locator('header summary').click();
  await seen('menu');
  await page.goto(`/trips/${held.id}`);
  await seen('trip-held');
  await state.finding(page, paid, seen);
  await page.goto(`/trips/${paid.id}?new=1`);
  await seen('trip');
  await page.goto(`/trips/${paid.id}/cancel`);
  await seen('cancel');
  await page.goto(`/trips/${paid.id}/passes`);
  await seen('passes-none');
  await page.goto(`/trips/${paid.id}/check-in`);
  await seen('check-in-early');
  await walkCheckIn(page, await prepareSoon(page, who), seen);
  await page.goto('/inbox');
  await page.locator('main article').first().waitFor();
  await seen('inbox');
  await page.goto('/inbox/preferences');
  await page.locator('main input').first().waitFor();
  await seen('inbox-preferences');
  await walkCare(page, `JFK.LAX.${dayIn(10)}`, seen);
  await walkChange(page, seen);
  // Last: from here on this account has a second factor.
  await walkAccount(page, seen);
}

export async function walkCheckIn(page, booking, seen) {
  const { slice, segment } = booking.segments[0];
  await page.goto(`/trips/${booking.id}`);
  await page.locator(`a[href*="check-in?slice"]`).waitFor();
  await seen('trip-check-in');
  await state.live(page, seen);
  await page.goto(`/trips/${booking.id}/check-in`);
  await seen('check-in');
  await page.goto(`/trips/${booking.id}/check-in?slice=${slice}`);
  await page.locator('main form [type=submit]').click();
  await seen('check-in-who');
  await page.goto(`/trips/${booking.id}/check-in?slice=${slice}&step=safety&who=1.2`);
  await page.locator('main form [type=submit]').click();
  await seen('check-in-safety');
  await withPassports(page, async () => {
    await page.goto(`/trips/${booking.id}/check-in?slice=${slice}&step=papers&who=1.2`);
    await page.locator('input[name=number]').first().waitFor();
    await seen('check-in-passports');
  });
  await call(page, 'PUT', `/bookings/${booking.id}/check-in/${segment}`, {
    passengers: [1, 2],
    no_dangerous_goods: true,
  });
  await page.goto(`/trips/${booking.id}/passes?new=1`);
  await page.locator('main img').first().waitFor();
  await seen('passes');
  await page.locator('main .btn-main').click();
  await page.locator('dialog img').waitFor();
  await seen('pass-full-screen');
  await page.keyboard.press('Escape');
  await state.passesAway(page, seen);
  await page.goto(`/trips/${booking.id}/check-in`);
  await page.locator('main h2').first().waitFor();
  await seen('check-in-done');
}

/** The demo's routes ask for no passports; the screen that asks for them is shown what such a route says. */
export async function withPassports(page, look) {
  const path = '**/api/v1/bookings/*/check-in';
  await page.route(path, async (route) => {
    const answer = await route.fetch({ maxRetries: 2 });
    const state = await answer.json();
    for (const flight of state.flights) {
      flight.passport = true;
      const [first, second] = flight.passengers;
      if (!first.document)
        Object.assign(first, { needs: ['passport'], available_actions: [{ action: 'add_document' }] });
      second.document = { passenger: 2, kind: 'passport', ends_with: '567', issuer: 'IND', expires_on: '2031-04-15' };
    }
    await route.fulfill({ response: answer, json: state });
  });
  await look();
  await page.unroute(path);
}
