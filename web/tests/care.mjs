// Reviews and questions to the airline: a walk through their screens, and what journeys there need.
import { call } from './browser.mjs';

const FLIGHT = 'flt_20261201000080008000b97700134001';
const REVIEW = {
  id: 'rev_0193f2a1c5d07bb2a4d1c0ffee00000e',
  booking_id: 'bkg_0193f2a1c5d07bb2a4d1c0ffee000002',
  flight_id: 'flt_20261101000080008000b97700134001',
  flight_number: 'KR2',
  created_at: '2026-11-02T10:00:00Z',
  editable_until: '2100-01-01T00:00:00Z',
  status: 'published',
  opinion: {
    stars: 4,
    crew: 5,
    comfort: null,
    punctuality: 3,
    comment: 'Friendly crew, and a late start.',
    language: 'en',
  },
};

/**
 * A flight lies ahead of whoever books it in a test. One that is truly flown takes a gate and a minute (`flown.test.mjs`); what the API says of
 * several, with every standing of their reviews, is played here, as docs/reviews.md has it. The server's own tests have the rules.
 */
export async function withFlown(page, look) {
  const mine = [
    { ...REVIEW },
    { ...REVIEW, id: `${REVIEW.id}1`, flight_number: 'KR3', status: 'hidden', hidden_because: 'spam' },
  ];
  const open = {
    flight_id: FLIGHT,
    flight_number: 'KR1',
    origin: 'JFK',
    destination: 'LAX',
    departs_at: '2026-11-20T09:15:00-05:00',
    booking_id: REVIEW.booking_id,
    reviewable_until: '2100-01-01T00:00:00Z',
  };
  const puts = [];
  const list = '**/api/v1/me/reviews?*';
  const one = '**/api/v1/flights/*/review';
  const said = () => mine.find((each) => each.flight_id === FLIGHT);
  await page.route(list, (route) =>
    route.fulfill({ json: { to_review: said() ? [] : [open], reviews: mine, next_cursor: null } }),
  );
  await page.route(one, async (route) => {
    const request = route.request();
    const at = mine.findIndex((each) => request.url().includes(each.flight_id));
    if (request.method() === 'PUT') {
      puts.push(request.postDataJSON());
      const opinion = { ...REVIEW.opinion, ...request.postDataJSON() };
      const review = { ...REVIEW, id: `${REVIEW.id}2`, flight_id: FLIGHT, flight_number: 'KR1', opinion };
      if (at < 0) mine.unshift(review);
      else mine[at] = review;
      return route.fulfill({ json: review });
    }
    if (at < 0) {
      const missing = { status: 404, code: 'not_found', title: 'Not found', detail: '' };
      return route.fulfill({ status: 404, contentType: 'application/problem+json', body: JSON.stringify(missing) });
    }
    if (request.method() === 'DELETE') {
      mine.splice(at, 1);
      return route.fulfill({ status: 204 });
    }
    return route.fulfill({ json: mine[at] });
  });
  await look(puts);
  await page.unroute(list);
  await page.unroute(one);
}

/** Flights of a search with stars, and what is behind them. */
export async function withStars(page, look) {
  const [search, list, report] = ['**/api/v1/search?*', '**/api/v1/reviews?*', '**/api/v1/review-reports'];
  await page.route(search, async (route) => {
    const answer = await route.fetch({ maxRetries: 2 });
    const found = await answer.json();
    for (const one of found.itineraries) for (const each of one.segments) each.reviews = { average: 4.3, count: 128 };
    await route.fulfill({ response: answer, json: found });
  });
  await page.route(list, (route) => {
    const all = { average: 4.3, count: 128, crew: 4.6, comfort: 3.9, punctuality: 4.1, histogram: [4, 6, 12, 38, 68] };
    const words = ['Friendly crew, and a late start.', 'Quiet cabin, good breakfast.', null];
    const reviews = words.map((comment, index) => ({
      id: `${REVIEW.id}${index}`,
      flight_number: 'KR1',
      flown_in: '2026-10',
      written_on: `2026-11-0${index + 1}`,
      edited: index === 1,
      opinion: { ...REVIEW.opinion, comment },
    }));
    return route.fulfill({ json: { flight_number: 'KR1', all, reviews, next_cursor: null } });
  });
  await page.route(report, (route) => route.fulfill({ status: 204 }));
  await look();
  for (const path of [search, list, report]) await page.unroute(path);
}

/** A picture, as small as there is one. */
export const PICTURE = {
  name: 'bag.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
};

export async function walkCare(page, trip, seen) {
  await withStars(page, async () => {
    await page.goto(`/results?trip=${trip}`);
    await page.locator('main article button.underline').first().click();
    await page.getByRole('dialog').locator('li button').first().click();
    await page.getByRole('dialog').getByRole('group').waitFor();
    await seen('results-reviews');
  });
  await page.goto('/reviews');
  await page.locator('main .panel').waitFor();
  await seen('reviews-none');
  await withFlown(page, async () => {
    await page.goto('/reviews?said=published');
    await page.locator('main article').first().waitFor();
    await seen('reviews');
    await page.goto(`/reviews/${FLIGHT}`);
    await page.locator('main summary').click();
    await page.locator('main form [type=submit]').click();
    await seen('review');
  });
  await page.goto('/support');
  await page.locator('main .panel').waitFor();
  await seen('questions-none');
  await page.goto('/support/new');
  await page.locator('main input[type=file]').setInputFiles(PICTURE);
  await page.getByRole('button', { name: /bag\.png/ }).waitFor();
  await seen('question-new');
  await page
    .locator('main input[type=file]')
    .setInputFiles({ ...PICTURE, name: 'no.txt', buffer: Buffer.from('a text') });
  await page.locator('main [role=alert]').first().waitFor();
  await seen('question-new-refused');
  const body = { category: 'baggage', subject: 'My bag did not arrive', text: 'It is blue.\nWith a white ribbon.' };
  const { ticket } = await call(page, 'POST', '/support/tickets', body);
  await page.goto('/support');
  await page.locator('main li').first().waitFor();
  await seen('questions');
  await page.goto(`/support/${ticket.id}`);
  await page.locator('main article').first().waitFor();
  await seen('question');
  await call(page, 'POST', `/support/tickets/${ticket.id}/resolve`);
  await page.goto(`/support/${ticket.id}`);
  await page.locator('main article').first().waitFor();
  await seen('question-settled');
}
