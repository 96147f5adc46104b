// After the flight and beside it: saying how it was, and asking the airline.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, dayIn, launch, open, STAFF, URL_OF_APP } from './browser.mjs';
import { PICTURE, withFlown, withStars } from './care.mjs';
import { prepareChangeable } from './change.mjs';
import { enter } from './screens.mjs';
import * as go from './steps.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test('with the keyboard: a review is written, said otherwise and taken back', async () => {
  const page = await open(browser, { width: 390, height: 844 });
  await page.goto('/');
  await enter(page);
  await withFlown(page, async (sent) => {
    await page.goto('/reviews');
    await go.pressButton(page, /^Say how it was/);
    await go.arrive(page, 'How was your flight?');
    await go.pressButton(page, /^Send the review$/);
    await page.getByText('Choose one to five stars').waitFor();
    // What is missing has the keyboard; arrows choose, as in every group of radio buttons.
    await page.keyboard.press('Space');
    for (let each = 1; each < 4; each += 1) await page.keyboard.press('ArrowRight');
    assert.equal(await page.getByRole('radio', { name: '4 of 5: Good' }).first().isChecked(), true);
    await go.tabTo(page, (one) => one.tag === 'TEXTAREA');
    await page.keyboard.type('Quiet, and on time.');
    await go.pressButton(page, /^Send the review$/);
    await go.arrive(page, 'Your reviews');
    await page.getByText('Thank you. Others see it with the flight from now on.').waitFor();
    assert.deepEqual(sent, [{ stars: 4, comment: 'Quiet, and on time.' }]);
    await page.getByRole('link', { name: 'Say it otherwise: KR1' }).click();
    await page.getByRole('radio', { name: '2 of 5: Not good' }).first().check({ force: true });
    await page.getByRole('button', { name: 'Send the review' }).click();
    await page.getByText('2 of 5: Not good').waitFor();
    await page.getByRole('button', { name: 'Take back what you said of KR1' }).click();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByRole('link', { name: 'Say how it was: KR1' }).waitFor();
  });
  assert.deepEqual(page.troubles, []);
});

test('behind the stars of a flight is what travellers say, and it can be reported', async () => {
  const page = await open(browser);
  await withStars(page, async () => {
    await page.goto(`/results?trip=JFK.LAX.${dayIn(10)}`);
    await page
      .getByRole('button', { name: /^4\.3 of 5 \(128\), reviews of / })
      .first()
      .click();
    await page.getByText('of 5, from 128 reviews').waitFor();
    await page.getByRole('button', { name: /^Report the review of 1 November/ }).click();
    const sent = page.waitForRequest('**/api/v1/review-reports');
    await page.getByRole('button', { name: 'It advertises' }).click();
    assert.equal((await sent).postDataJSON().reason, 'spam');
    await page.getByText('Thank you. We look at it.').waitFor();
  });
  assert.deepEqual(page.troubles, []);
});

test('a question with a picture is asked, answered, settled and opened again', async () => {
  const page = await open(browser);
  await page.goto('/');
  await enter(page);
  await page.goto('/help');
  await page.getByRole('main').getByRole('link', { name: 'Ask us' }).click();
  await go.arrive(page, 'Ask us');
  await page.getByLabel('What is it about?').selectOption({ label: 'Baggage' });
  await page.getByLabel('In one line').fill('My bag did not arrive');
  await page.getByLabel('What happened, and what would help').fill('It is blue.');
  await page.locator('input[type=file]').setInputFiles({ ...PICTURE, name: 'no.txt', buffer: Buffer.from('a text') });
  await page.getByRole('alert').waitFor();
  await page.locator('input[type=file]').setInputFiles(PICTURE);
  await page.getByRole('button', { name: 'Leave out bag.png' }).waitFor();
  await page.getByRole('button', { name: 'Send it' }).click();
  await go.arrive(page, 'My bag did not arrive');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: /^bag\.png/ }).click();
  assert.equal((await download).suggestedFilename(), 'bag.png');
  await page.getByLabel('Anything to add?').fill('The tag says');
  await answer(page.url().split('/').at(-1), 'It comes tonight.');
  // It comes by itself: by the socket, or where there is none by asking again.
  await page.getByText('It comes tonight.').waitFor({ timeout: 40_000 });
  await page.getByText('Answered', { exact: true }).waitFor();
  assert.equal(await page.getByLabel('Anything to add?').inputValue(), 'The tag says');
  await page.getByRole('button', { name: 'It is settled' }).click();
  await page.getByText('Settled', { exact: true }).waitFor();
  await page.getByLabel('It is not settled after all?').fill('It came, but open.');
  await page.getByRole('button', { name: 'Open it again' }).click();
  await page.getByText('We answer next', { exact: true }).waitFor();
  assert.deepEqual(page.troubles, []);
});

test('with the keyboard: a flight is changed with the price first, left as it was, changed again, and paid', async () => {
  const page = await open(browser, { width: 390, height: 844 });
  await page.goto('/');
  const { id } = await prepareChangeable(page);
  const before = await call(page, 'GET', `/bookings/${id}`);
  const numbers = (booking) => booking.segments.map((one) => one.flight_number);
  const change = async () => {
    await go.pressButton(page, /^Change flights$/);
    await go.arrive(page, 'Which way do you change?');
    await page
      .getByText(/^Until .*, your time\.$/)
      .first()
      .waitFor();
    await go.pressButton(page, /^Change this way/);
    await page.getByText('Until now:').waitFor();
    // With the question about the other day the flights of this one are gone, and not yet with the address.
    const asked = page.waitForRequest((one) => one.url().includes('/search?') && one.url().includes(dayIn(13)));
    await page.getByLabel('Another day').fill(dayIn(13));
    await asked;
    await page.waitForURL(new RegExp(`on=${dayIn(13)}`));
    await go.pressButton(page, /^Flex/);
    await go.arrive(page, 'What the change costs');
    await page.getByText('You pay').waitFor();
    await go.pressButton(page, /^Change, and pay/);
    await go.arrive(page, 'Look it over and pay');
    await page.getByText(/for the change of flights/).waitFor();
  };
  await page.goto(`/trips/${id}`);
  await change();
  await page.goto(`/trips/${id}`);
  await go.pressButton(page, /^Leave it as it was$/);
  await page.getByText('Something you chose waits to be paid').waitFor({ state: 'detached' });
  assert.deepEqual(numbers(await call(page, 'GET', `/bookings/${id}`)), numbers(before));
  // Nothing is due any more, and nothing was paid.
  await page.goto(`/bookings/${id}/pay`);
  await page.getByText('Nothing was changed, and nothing was charged.').waitFor();
  await page.goto(`/trips/${id}`);
  await change();
  await go.pay(page, '4242 4242 4242 4242');
  await page.getByText('Paid and confirmed').waitFor();
  // The old flight stays in the booking, and is no part of the trip any more.
  const [old] = numbers(before);
  const after = await call(page, 'GET', `/bookings/${id}`);
  assert.ok(numbers(after).includes(old) && numbers(after).length > 2);
  await page
    .getByRole('main')
    .getByText(dateOf(dayIn(13)), { exact: true })
    .first()
    .waitFor();
  assert.equal(
    await page
      .getByRole('main')
      .getByText(dateOf(dayIn(12)), { exact: true })
      .count(),
    0,
  );
  assert.deepEqual(page.troubles, []);
});

test('both ways of a trip are changed at once: one after the other, back and forth, and for one price', async () => {
  const page = await open(browser);
  await page.goto('/');
  const { id } = await prepareChangeable(page);
  await page.goto(`/trips/${id}/change`);
  await go.pressButton(page, /^Change both$/);
  await go.arrive(page, 'New York → Los Angeles');
  await page.getByText('Flight 1 of 2').waitFor();
  await go.pressButton(page, /^Flex/);
  await go.arrive(page, 'Los Angeles → New York');
  await go.pressButton(page, /^The flight before$/);
  await page.getByText('Flight 1 of 2').waitFor();
  await go.pressButton(page, /^Flex/);
  await page.getByText('Flight 2 of 2').waitFor();
  await go.pressButton(page, /^Flex/);
  await go.arrive(page, 'What the change costs');
  await page.getByRole('heading', { name: 'From now on' }).nth(1).waitFor();
  await go.pressButton(page, /^Change, and pay/);
  await go.arrive(page, 'Look it over and pay');
  const { orders, slices } = await call(page, 'GET', `/bookings/${id}`);
  assert.deepEqual([orders.map((one) => [one.kind, one.status]), slices.length], [[['change', 'open']], 2]);
  assert.deepEqual(page.troubles, []);
});

/** A day as the app writes it beside a way. */
const dateOf = (day) =>
  new Intl.DateTimeFormat('en-IN', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
    new Date(day),
  );

/** What the staff answer. */
async function answer(ticket, text) {
  const said = await fetch(`${URL_OF_APP}/api/v1/admin/support/tickets/${ticket}/messages`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${STAFF}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': crypto.randomUUID(),
    },
    body: JSON.stringify({ text }),
  });
  assert.ok(said.ok, await said.text());
}
