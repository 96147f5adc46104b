// Changing flights: a walk through its screens, and a trip whose fare can be changed.
import { call, dayIn } from './browser.mjs';
import { prepare } from './screens.mjs';

/** Somebody new with a paid trip there and back: the way there by a fare with changes, the way back by one without. */
export async function prepareChangeable(page) {
  const offer = async (origin, destination, date, changeable) => {
    const found = await call(
      page,
      'GET',
      `/search?origin=${origin}&destination=${destination}&date=${date}&adults=2&limit=1`,
    );
    const fits = (one) =>
      found.fare_families.find((each) => each.code === one.fare_family).conditions.changeable === changeable;
    return { offer_id: found.itineraries[0].fare_families.find(fits).offer_id };
  };
  const slices = [await offer('JFK', 'LAX', dayIn(12), true), await offer('LAX', 'JFK', dayIn(16), false)];
  const { paid } = await prepare(page, (await call(page, 'POST', '/offers', { slices })).offer_id);
  return paid;
}

export async function walkChange(page, seen) {
  const { id } = await prepareChangeable(page);
  // Soon after booking the law lets every fare be changed; this is how it is a day later.
  const path = `**/api/v1/bookings/${id}`;
  await page.route(path, async (route) => {
    const answer = await route.fetch({ maxRetries: 2 });
    const booking = await answer.json();
    booking.can = booking.can.filter((one) => one.action !== 'change' || one.slice === 1);
    await route.fulfill({ response: answer, json: booking });
  });
  await page.goto(`/trips/${id}/change`);
  await page.locator('main li button').waitFor();
  await seen('change-which');
  await page.unroute(path);
  await page.locator('main li button').click();
  await page.locator('main article').first().waitFor();
  await seen('change-flights');
  await page.locator('main article button').first().click();
  await page.locator('main dl').waitFor();
  await seen('change-price');
  await page.locator('main .btn-main').click();
  await page.waitForURL(/\/pay$|changed=1$/);
  await page.locator('main h1').waitFor();
  await seen('change-pay');
  await page.goto(`/trips/${id}`);
  await page.locator('main h2').first().waitFor();
  await seen('change-waits');
  const { quote_id } = await call(page, 'POST', `/bookings/${id}/cancellation-quote`, {});
  await call(page, 'POST', `/bookings/${id}/cancellations`, { quote_id });
  await page.goto(`/trips/${id}`);
  await page.locator('main h1').waitFor();
  await seen('trip-cancelled');
}
