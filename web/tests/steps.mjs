// What people do, in words that journeys are made of.
import { dayIn } from './browser.mjs';

let made = 0;
/** Somebody new each time: registering is limited, and nobody's bookings are another's. */
export function account() {
  made += 1;
  const stamp = `${Date.now().toString(36)}${process.pid.toString(36)}${made}`;
  return { name: 'Asha Rao', email: `asha.${stamp}@example.com`, password: 'monsoon over malabar' };
}

export async function search(page, { from, to, days, adults = 1, children = 0, infants = 0 }) {
  await page.goto('/');
  await page.getByRole('radio', { name: days.length > 1 ? 'Return' : 'One way' }).check({ force: true });
  for (const [label, code] of [
    ['From', from],
    ['To', to],
  ]) {
    await page.getByRole('button', { name: new RegExp(`^${label} `) }).click();
    await page.getByRole('searchbox').fill(code);
    await page
      .getByRole('option', { name: new RegExp(`${code}$`) })
      .first()
      .click();
  }
  await page.getByRole('button', { name: /^Dates? / }).click();
  await page.getByRole('button', { name: 'Later' }).waitFor();
  for (const day of days) await pickDay(page, dayIn(day));
  await page.getByRole('button', { name: 'Take these dates' }).click();
  await page.getByRole('button', { name: /traveller/ }).click();
  for (const [label, count] of [
    ['Adults', adults - 1],
    ['Children', children],
    ['Infants', infants],
  ]) {
    for (let each = 0; each < count; each += 1) await page.getByRole('button', { name: `${label}: one more` }).click();
  }
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByRole('button', { name: 'See fares' }).first().waitFor();
}

async function pickDay(page, day) {
  const name = new Intl.DateTimeFormat('en-IN', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(day));
  // A month also draws the days around it; those are not meant.
  const cell = page
    .locator('td [role=button]:not([data-outside-month])')
    .and(page.getByRole('button', { name: new RegExp(`\\b${name}`) }));
  if (!(await cell.isVisible().catch(() => false))) await page.getByRole('button', { name: 'Later' }).click();
  await cell.click();
}

export async function chooseFlight(page, index, family) {
  await page.getByRole('button', { name: 'See fares' }).nth(index).click();
  await page.getByRole('button', { name: new RegExp(`Take .*${family.source}`) }).click();
}

export async function signUp(page) {
  const who = account();
  await page.getByRole('radio', { name: 'I am new' }).check({ force: true });
  await page.getByLabel('Name', { exact: true }).fill(who.name);
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password', { exact: true }).fill(who.password);
  await page.getByRole('button', { name: 'Make the account' }).click();
  await page.getByRole('heading', { name: 'Who flies?' }).waitFor();
  return who;
}

export async function travellers(page, people) {
  for (const [index, [given, family, born]] of people.entries()) {
    const form = page.getByRole('group', { name: new RegExp(`^${index + 1}\\. `) });
    const [year, month, day] = born.split('-');
    await form.getByLabel('Given names').fill(given);
    await form.getByLabel('Family name').fill(family);
    await form.getByLabel('Day').fill(day);
    await form.getByLabel('Month').fill(month);
    await form.getByLabel('Year').fill(year);
  }
  await page.getByRole('button', { name: 'Hold these seats' }).click();
  await page.getByRole('heading', { name: 'Where do you sit?' }).waitFor();
}

export async function pay(page, number) {
  await page.getByLabel('Card number').fill(number);
  await page.getByRole('button', { name: /^Pay / }).click();
}

/** The bank's page is the test gateway's. */
export async function approve(page) {
  await page.waitForURL(/\/challenge|authenticate|redirect|payment_intents|pi_/);
  await page.getByRole('button', { name: /approve/i }).click();
}

/** Presses Tab until something is focused that fits, as somebody without a mouse does. */
export async function tabTo(page, fits, most = 150) {
  for (let each = 0; each < most; each += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const one = document.activeElement;
      const text = (one?.getAttribute('aria-label') || one?.textContent || '').trim();
      return {
        tag: one?.tagName,
        type: one?.type,
        name: one?.name,
        value: one?.value,
        inputMode: one?.inputMode,
        seat: one?.getAttribute('data-seat') ?? null,
        inDay: Boolean(one?.closest('[role=grid] td')),
        text,
      };
    });
    if (fits(focused)) return;
  }
  throw new Error('the keyboard does not get there');
}

export async function pressButton(page, name) {
  await page.locator('button, a').filter({ hasText: name }).first().waitFor();
  await tabTo(page, (one) => (one.tag === 'BUTTON' || one.tag === 'A') && name.test(one.text));
  await page.keyboard.press('Enter');
}

/** The same for a button whose name is not what stands on it. */
export async function pressNamed(page, name) {
  await page.getByRole('button', { name, exact: true }).waitFor();
  await tabTo(page, (one) => one.tag === 'BUTTON' && one.text === name);
  await page.keyboard.press('Enter');
}

const focusIs = (page, selector) => page.waitForFunction((one) => document.activeElement?.matches(one), selector);

/** Fills the search for a flight one way in, in Hindi and without a mouse: airports, the day so many from now, two adults and then one. */
export async function searchByKeys(page, { from, to, days }) {
  await tabTo(page, (one) => one.name === 'kind');
  await page.keyboard.press('ArrowRight');
  for (const [label, code] of [
    [/^कहाँ से(?! ?और)/, from],
    [/^कहाँ तक/, to],
  ]) {
    await tabTo(page, (one) => one.tag === 'BUTTON' && label.test(one.text));
    await page.keyboard.press('Enter');
    await focusIs(page, 'input[type=search]');
    await page.keyboard.type(code);
    const options = page.getByRole('option', { name: new RegExp(`${code}$`) });
    await options.first().waitFor();
    for (let each = 0; each < 12 && (await options.and(page.locator('[data-focused]')).count()) === 0; each += 1)
      await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    // Whoever opened it is where they were.
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.waitForFunction((chosen) => document.activeElement?.textContent.endsWith(chosen), code);
  }
  await pressButton(page, /^तारीख/);
  await page.getByRole('grid').first().waitFor();
  await tabTo(page, (one) => one.inDay);
  for (let each = 0; each < days; each += 1) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await pressButton(page, /^ये तारीखें लें$/);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await pressButton(page, / यात्री/);
  for (const [more, count] of [
    ['वयस्क: एक और', '2'],
    ['वयस्क: एक कम', '1'],
  ]) {
    await tabTo(page, (one) => one.text === more);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').locator('output').first().getByText(count).waitFor();
  }
  await pressButton(page, /^हो गया$/);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await pressButton(page, /^खोजें$/);
}

/** A new screen is there when its heading is, and has the focus: the keyboard goes on from there. */
export async function arrive(page, heading) {
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
}

/** The keyboard is at what is called so, or says so; at the body it would begin anew. */
export const focused = (page, text) =>
  page.waitForFunction((expected) => {
    const one = document.activeElement;
    return one !== document.body && (one?.getAttribute('aria-label') || one?.textContent)?.trim() === expected;
  }, text);

/** What the newest mail to somebody has of a kind: a demo shows its mails to whoever asks from the machine itself. */
async function mailed(page, address, kind) {
  for (let tries = 0; tries < 100; tries += 1) {
    const mails = (await (await page.request.get('/dev/mailbox')).text()).split('<article>');
    const texts = mails.filter((mail) => mail.includes(address)).map((mail) => mail.split('<pre>')[1] ?? '');
    const found = texts.map((text) => kind.exec(text)?.[0]).find(Boolean);
    if (found) return found;
    await page.waitForTimeout(200);
  }
  throw new Error(`no mail with ${kind} came`);
}

/** The six digits of a mail to somebody. */
export const codeFor = (page, address) => mailed(page, address, /\b\d{6}\b/);

/** Opens the link of the mail that asks whether an address is somebody's, in a window of its own, and says that it is. */
export async function confirmAddress(page, address) {
  const link = await mailed(page, address, /\/account#verify=[\w.~-]+/);
  const window = await page.context().newPage();
  await window.goto(link);
  await window.getByRole('button').click();
  await window.locator('#done').waitFor();
  await window.close();
}
