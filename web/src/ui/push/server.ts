import { api, ask, type Schemas } from '../../api/client';
import { NEW_SESSION } from '../../api/owner';
import { deviceOf } from '../../lib/device';
import { keep, recall } from '../../lib/storage';
import { isShownTo, letGo, type Subscribed, subscribe, subscription } from './subscription';

export const pushSubscriptions = {
  queryKey: ['push-subscriptions'],
  queryFn: () => ask(api.GET('/api/v1/push-subscriptions')),
};

/** The server is told where pushes for this browser go. */
export function tellServer(has: Subscribed): Promise<Schemas['PushSubscription']> {
  const { browser, system } = deviceOf(navigator.userAgent);
  const device = [browser, system].filter(Boolean).join(', ');
  return ask(api.POST('/api/v1/push-subscriptions', { body: { ...has, device } }));
}

/** After a new sign-in, and where the server has another key than before: whoever wanted pushes here goes on getting them, and nobody else
 * gets theirs. */
export async function renewPushes(owner: string): Promise<void> {
  if (!isShownTo(owner)) return letGo();
  const { public_key: key, subscriptions } = await ask(api.GET('/api/v1/push-subscriptions'));
  if (!key) return;
  const isNew = recall(NEW_SESSION) !== undefined;
  keep(NEW_SESSION, undefined);
  const has = await subscription(key);
  if (has && subscriptions.some((one) => one.this_session)) return;
  // In the same session it was there, and was removed from elsewhere.
  if (has && !isNew) return letGo();
  const now = has ?? (await subscribe(key));
  // They may have signed out while this was asked.
  if (!isShownTo(owner)) return letGo();
  if (now) await tellServer(now);
}
