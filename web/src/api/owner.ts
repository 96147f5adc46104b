import type { Query, QueryClient } from '@tanstack/react-query';
import { forgetPasses } from '../lib/pass-store';
import { keep } from '../lib/storage';
import { forgetPass } from './client';

/** Questions with the same answer for everybody, and the one that tells who asks. */
const ANYBODYS = [
  'airports',
  'offer',
  'calendar',
  'search',
  'providers',
  'faq',
  'reviews',
  'flight-status',
  'price-history',
  'profile',
];

/** Kept from a sign-in until what belongs to the session is renewed. */
export const NEW_SESSION = 'new-session';

const ofOwner = { predicate: ({ queryKey }: Query) => !ANYBODYS.includes(String(queryKey[0])) };

/** Forgets what was answered to whoever was signed in before, and asks anew for what is on the screen. */
export function forgetAnswers(client: QueryClient): void {
  forgetPass();
  keep(NEW_SESSION, true);
  void client.resetQueries(ofOwner);
}

/** Leaves nothing on the device of whoever goes: what is on the screen alone stays, until there is another screen. */
export async function forgetOwner(client: QueryClient): Promise<void> {
  client.removeQueries({ ...ofOwner, type: 'inactive' });
  keep('travellers', undefined, sessionStorage);
  keep('recent', undefined);
  keep('unkept', undefined);
  keep(NEW_SESSION, undefined);
  await forgetPasses();
  await import('../ui/push/subscription').then(({ letGo }) => letGo()).catch(() => undefined);
}
