import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { activateLater } from './lib/i18n';
import { addressOf, parseAddress, type Raw } from './lib/search';
import { Failed, Lost, Shell } from './shell';
import { Waiting } from './ui/parts';

const root = createRootRoute({ component: Shell, notFoundComponent: Lost });

/** An address's texts; each screen reads them with a rule of its own and leaves out what does not belong there. */
const texts = (raw: Record<string, unknown>): Raw =>
  Object.fromEntries(Object.entries(raw).filter((pair): pair is [string, string] => typeof pair[1] === 'string'));

const screen = <const P extends string>(path: P, load: () => Promise<{ default: () => React.ReactNode }>) =>
  createRoute({ getParentRoute: () => root, path, validateSearch: texts, component: lazyRouteComponent(load) });

/** A screen whose texts come with it. */
const later = <const P extends string>(path: P, load: () => Promise<{ default: () => React.ReactNode }>) =>
  screen(path, async () => (await Promise.all([load(), activateLater()]))[0]);

const tree = root.addChildren([
  screen('/', () => import('./features/search/home')),
  later('/results', () => import('./features/results/results')),
  later('/book', () => import('./features/booking/passengers')),
  later('/bookings/$id/seats', () => import('./features/booking/seats')),
  later('/bookings/$id/extras', () => import('./features/booking/extras')),
  later('/bookings/$id/pay', () => import('./features/booking/pay')),
  later('/payments/$id', () => import('./features/booking/back')),
  screen('/trips', () => import('./features/trips/trips')),
  screen('/trips/$id', () => import('./features/trips/trip')),
  later('/trips/$id/cancel', () => import('./features/trips/cancel')),
  later('/trips/$id/change', () => import('./features/change/change')),
  screen('/trips/$id/check-in', () => import('./features/check-in/check-in')),
  screen('/trips/$id/passes', () => import('./features/check-in/passes')),
  later('/inbox', () => import('./features/inbox/inbox')),
  later('/inbox/preferences', () => import('./features/inbox/preferences')),
  later('/alerts', () => import('./features/alerts/alerts')),
  later('/help', () => import('./features/help/faq')),
  later('/help/$id', () => import('./features/help/article')),
  later('/status', () => import('./features/status/status')),
  later('/retrieve', () => import('./features/trips/retrieve')),
  screen('/sign-in', () => import('./features/account/sign-in')),
  screen('/sign-up', () => import('./features/account/sign-up')),
  later('/reviews', () => import('./features/reviews/reviews')),
  later('/reviews/$id', () => import('./features/reviews/write')),
  later('/support', () => import('./features/support/tickets')),
  later('/support/new', () => import('./features/support/new')),
  later('/support/$id', () => import('./features/support/thread')),
  later('/me', () => import('./features/me/me')),
  later('/me/travellers', () => import('./features/me/travellers')),
  later('/me/security', () => import('./features/me/security')),
  later('/me/cards', () => import('./features/me/cards')),
  later('/me/sessions', () => import('./features/me/sessions')),
  later('/me/data', () => import('./features/me/data')),
  screen('/forgotten', () => import('./features/account/forgotten')),
]);

export const makeRouter = () =>
  createRouter({
    routeTree: tree,
    parseSearch: (text) => parseAddress(text.replace(/^\?/, '')),
    stringifySearch: addressOf,
    defaultPendingComponent: Waiting,
    defaultErrorComponent: Failed,
    defaultPreload: 'intent',
    scrollRestoration: true,
  });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
