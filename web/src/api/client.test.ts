import { expect, test } from 'vitest';
import { isLost, Refusal } from './client';

const refused = (status: number) => new Refusal(status, '', '', '', {});
const lost = (data: unknown, error: unknown, isPaused = false) => isLost({ data, error, isPaused });

test('what is shown stays when it cannot be asked anew', () => {
  expect(lost({}, refused(503))).toBe(false);
  expect(lost({}, refused(429))).toBe(false);
  expect(lost({}, new TypeError('Failed to fetch'))).toBe(false);
  expect(lost({}, null, true)).toBe(false);
  expect(lost(null, null, true)).toBe(false);
});

test('what is not for whoever asks any more goes, and what never came is missing', () => {
  for (const status of [401, 403, 404]) expect(lost({}, refused(status))).toBe(true);
  expect(lost(undefined, refused(503))).toBe(true);
  expect(lost(undefined, null, true)).toBe(true);
  expect(lost(undefined, null)).toBe(false);
});
