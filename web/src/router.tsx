import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { addressOf, parseAddress, type Raw } from './lib/search';
import { Failed, Lost, Shell } from './shell';
import { Waiting } from './ui/parts';

const root = createRootRoute({ component: Shell, notFoundComponent: Lost });

/** An address's texts; each screen reads them with a rule of its own and leaves out what does not belong there. */
const texts = (raw: Record<string, unknown>): Raw =>
  Object.fromEntries(Object.entries(raw).filter((pair): pair is [string, string] => typeof pair[1] === 'string'));

const screen = <const P extends string>(path: P, load: () => Promise<{ default: () => React.ReactNode }>) =>
  createRoute({ getParentRoute: () => root, path, validateSearch: texts, component: lazyRouteComponent(load) });

const tree = root.addChildren([
  screen('/', () => import('./features/search/home')),
  screen('/results', () => import('./features/results/results')),
  screen('/book', () => import('./features/booking/passengers')),
  screen('/bookings/$id/seats', () => import('./features/booking/seats')),
  screen('/bookings/$id/extras', () => import('./features/booking/extras')),
  screen('/bookings/$id/pay', () => import('./features/booking/pay')),
  screen('/payments/$id', () => import('./features/booking/back')),
  screen('/trips', () => import('./features/trips/trips')),
  screen('/trips/$id', () => import('./features/trips/trip')),
  screen('/trips/$id/cancel', () => import('./features/trips/cancel')),
  screen('/trips/$id/check-in', () => import('./features/check-in/check-in')),
  screen('/trips/$id/passes', () => import('./features/check-in/passes')),
  screen('/inbox', () => import('./features/inbox/inbox')),
  screen('/inbox/preferences', () => import('./features/inbox/preferences')),
  screen('/help', () => import('./features/help/faq')),
  screen('/help/$id', () => import('./features/help/article')),
  screen('/retrieve', () => import('./features/trips/retrieve')),
  screen('/sign-in', () => import('./features/account/sign-in')),
  screen('/sign-up', () => import('./features/account/sign-up')),
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
