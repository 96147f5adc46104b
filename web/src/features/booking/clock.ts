import { api } from '../../api/client';

/** How far the server's clock is ahead of the device's, by the newest answer: a deadline is the server's, and devices' clocks are wrong. */
let aheadMs = 0;

/** What the `Date` of an answer says of the two clocks; nothing where it has none. It is in whole seconds. */
export function aheadBy(date: string | null, now: number): number | undefined {
  const server = Date.parse(date ?? '');
  return Number.isNaN(server) ? undefined : server - now;
}

api.use({
  onResponse({ response }) {
    aheadMs = aheadBy(response.headers.get('date'), Date.now()) ?? aheadMs;
    return undefined;
  },
});

/** Now, as the server counts it. */
export const serverNow = (): number => Date.now() + aheadMs;
