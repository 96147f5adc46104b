// Stripe as a browser meets it, where there is none: its script and its frame are ours (`fixtures/stripe`), its API is the test gateway.
import { readFileSync } from 'node:fs';

const file = (name) => readFileSync(new URL(`fixtures/stripe/${name}`, import.meta.url), 'utf8');
const GATEWAY = process.env.UDAAN_GATEWAY;

/** Who asks for Stripe is answered; what the page's policy refuses is collected in `page.refused`. */
export async function withStripe(page) {
  const context = page.context();
  await context.route('https://js.stripe.com/endive/stripe.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: file('stripe.js') }),
  );
  await context.route('https://js.stripe.com/fields.html', (route) =>
    route.fulfill({ contentType: 'text/html', body: file('fields.html') }),
  );
  await context.route('https://api.stripe.com/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    const answer = await fetch(GATEWAY + pathname, {
      method: 'POST',
      body: new URLSearchParams(route.request().postData() ?? ''),
    });
    await route.fulfill({
      status: answer.status,
      headers: { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' },
      body: await answer.text(),
    });
  });
  page.refused = [];
  await page.exposeFunction('refusedByPolicy', (what) => page.refused.push(what));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
      globalThis.refusedByPolicy?.(`${effectiveDirective} ${blockedURI}`),
    );
  });
}

/** Types a card into Stripe's frame. */
export async function type(page, number) {
  const frame = page.frameLocator('iframe[title="Secure payment input frame"]');
  await frame.getByLabel('Card number').fill(number);
  await frame.getByLabel('Expiration date').fill('12 / 34');
  await frame.getByLabel('Security code').fill('123');
}

/**
 * Points at something and then presses. After a scroll Chromium's compositor sends what is pressed for some milliseconds to the frame of
 * another host that stood in that place before: no hand is so quick, a test is.
 */
export async function press(button, gesture = 'click') {
  const page = button.page();
  for (let tries = 0; ; tries += 1) {
    await button.hover();
    if (await button.evaluate((one) => one.matches(':hover'))) break;
    if (tries > 50) throw new Error('the pointer never came to the button');
    await page.waitForTimeout(50);
    await page.mouse.move(0, 0);
  }
  await button[gesture]();
}

export const pay = (page) => press(page.getByRole('button', { name: /^Pay / }));
