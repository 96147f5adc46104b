import { deviceOf } from '../../lib/device';
import { keep, recall } from '../../lib/storage';

/** Whose pushes this browser shows, by the account's id: nobody else's are taken over with the browser. */
const OWNER = 'pushes';

export type Ability = 'able' | 'unable' | 'install' | 'denied';

/** Whether this browser can show pushes. On an iPhone only apps of the Home Screen can (WebKit, since iOS 16.4). */
export function ability(): Ability {
  const able = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
  if (!able) return deviceOf(navigator.userAgent).system === 'iOS' ? 'install' : 'unable';
  return Notification.permission === 'denied' ? 'denied' : 'able';
}

/** `BP4z…` as the bytes it stands for. */
export function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export const sameBytes = (one: ArrayBuffer | null | undefined, other: Uint8Array) => {
  const bytes = new Uint8Array(one ?? new ArrayBuffer(0));
  return bytes.length === other.length && bytes.every((byte, index) => byte === other[index]);
};

export interface Subscribed {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

const subscribed = (of: PushSubscription): Subscribed => {
  const { endpoint, keys } = of.toJSON();
  return { endpoint: endpoint ?? '', keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' } };
};

/** What the browser has, if it asked for pushes with this key. */
export async function subscription(key: string): Promise<Subscribed | undefined> {
  const worker = await navigator.serviceWorker.getRegistration();
  const has = await worker?.pushManager?.getSubscription();
  return has && sameBytes(has.options.applicationServerKey, bytesOf(key)) ? subscribed(has) : undefined;
}

/** Asks the person, if need be, and the browser. Undefined: the person would rather not. */
export async function subscribe(key: string): Promise<Subscribed | undefined> {
  if ((await Notification.requestPermission()) !== 'granted') return undefined;
  const { pushManager } = await navigator.serviceWorker.ready;
  const before = await pushManager.getSubscription();
  // One that was asked for with another key takes no pushes of ours.
  if (before && !sameBytes(before.options.applicationServerKey, bytesOf(key))) await before.unsubscribe();
  return subscribed(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) }));
}

/** Pushes are for them from now on. */
export const shownTo = (owner: string) => keep(OWNER, owner);

export const isShownTo = (owner: string) => recall<string>(OWNER) === owner;

/** This browser shows no pushes any more, whether the server is reached or not. */
export async function letGo(): Promise<void> {
  keep(OWNER, undefined);
  try {
    const worker = await navigator.serviceWorker?.getRegistration();
    const has = await worker?.pushManager?.getSubscription();
    await has?.unsubscribe();
    // What it shows already is nobody else's to read.
    for (const shown of (await worker?.getNotifications()) ?? []) shown.close();
  } catch {
    // A browser that has none, or that cannot say so now.
  }
}
