// Pushes: the part of the service worker that shows what somebody is told while no page is open. What a push has is in docs/notifications.md.

/** Where one can act on it. */
const placeOf = (push) => {
  if (push.watch_id) return '/alerts';
  if (push.ticket_id) return `/support/${push.ticket_id}`;
  return push.booking_id ? `/trips/${push.booking_id}` : '/inbox';
};

/** Browsers want something to be shown for each push; of one that cannot be read, that there is something. */
const read = (data) => {
  try {
    return data.json();
  } catch {
    return { title: 'Udaan', text: '' };
  }
};

self.addEventListener('push', (event) => {
  const push = read(event.data);
  const options = {
    body: push.text,
    lang: push.lang,
    dir: 'auto',
    icon: '/icon-192.png',
    data: { place: placeOf(push) },
    // A later version takes the place of the one before, and is heard.
    ...(push.tag && { tag: push.tag, renotify: true }),
  };
  event.waitUntil(self.registration.showNotification(push.title, options));
});

/** A page that is there already comes to the front. No other is led away from what somebody does in it: there is a new one. */
const show = async (place) => {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const there = pages.find((page) => new URL(page.url).pathname === place);
  return there ? there.focus() : self.clients.openWindow(place);
};

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data?.place ?? '/inbox'));
});

/** The browser has another place for pushes: the server is told, in the session there is. */
const renew = async (old) => {
  const next = await self.registration.pushManager.subscribe(old.options);
  const { endpoint, keys } = next.toJSON();
  await fetch('/api/v1/push-subscriptions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Udaan-Client': 'web' },
    body: JSON.stringify({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } }),
  });
};

self.addEventListener('pushsubscriptionchange', (event) => {
  if (event.oldSubscription) event.waitUntil(renew(event.oldSubscription));
});
