import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ErrorComponentProps, Link, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { api, ask } from './api/client';
import { unread, useLocale, useProfile } from './api/hooks';
import { forgetOwner } from './api/owner';
import { useLive } from './api/use-live';
import { chooseLocale } from './lib/i18n';
import type { Raw } from './lib/search';
import { applyTheme, chosenTheme, type Theme } from './lib/theme';
import { Mark } from './ui/flight-line';
import { Icon } from './ui/icons';
import { Trouble } from './ui/parts';

const Update = lazy(() => import('./ui/update'));

/** The frame around every screen: where one can go, the language, and what is known of the connection. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  useArrival(main);
  return (
    <div className="flex min-h-dvh flex-col">
      <a href="#main" className="btn btn-main sr-only z-50 focus:not-sr-only focus:fixed focus:start-3 focus:top-3">
        <Trans>Skip to the content</Trans>
      </a>
      <Header />
      <Offline />
      <main ref={main} id="main" tabIndex={-1} className="flex-1 pb-12 outline-none">
        <Outlet />
      </main>
      <Footer />
      {import.meta.env.PROD && (
        <Suspense>
          <Update />
        </Suspense>
      )}
    </div>
  );
}

/** A new screen is read from its heading, and begins there for the keyboard; the first one begins at the top, as pages do. */
function useArrival(main: React.RefObject<HTMLElement | null>) {
  // The steps of one screen are screens to whoever reads them.
  const path = useRouterState({
    select: ({ resolvedLocation: at }) => at && `${at.pathname} ${(at.search as Raw).step ?? ''}`,
  });
  const first = useRef(true);
  useEffect(() => {
    if (path === undefined) return;
    if (first.current) {
      first.current = false;
      return;
    }
    const before = document.activeElement;
    let timer = 0;
    const arrive = (tries: number) => {
      const heading = main.current?.querySelector<HTMLElement>('h1');
      // Whoever has gone on to something else meanwhile stays there.
      if (document.activeElement !== before && document.activeElement !== document.body) return;
      if (heading) {
        heading.tabIndex = -1;
        heading.focus({ preventScroll: true });
      } else if (tries > 0) {
        // What is loaded lazily, or waits for an answer, has its heading later.
        timer = window.setTimeout(arrive, 50, tries - 1);
      }
    };
    timer = window.setTimeout(arrive, 0, 100);
    return () => clearTimeout(timer);
  }, [path, main]);
}

function Header() {
  const { data: me } = useProfile();
  const { t } = useLingui();
  const tab =
    'inline-flex min-h-11 items-center gap-2 rounded-xl px-3 font-semibold text-soft hover:bg-sunk hover:text-ink aria-[current=page]:text-ink';
  return (
    <header className="sticky top-0 z-20 border-b border-edge bg-paper/95 backdrop-blur">
      <div className="page flex h-16 items-center gap-1">
        <Link
          to="/"
          className="me-auto flex min-h-11 items-center gap-2 rounded-xl pe-2"
          aria-label={t`Udaan, to the start`}
        >
          <Mark className="w-9 text-brand" />
          <span className="display text-2xl">Udaan</span>
        </Link>
        <nav aria-label={t`Main`} className="flex items-center">
          <Link to="/trips" className={tab}>
            <Icon name="ticket" />
            <span className={me ? 'max-[24rem]:sr-only' : ''}>
              <Trans>My trips</Trans>
            </span>
          </Link>
          {me ? (
            <>
              <Bell />
              <Account name={me.name} />
            </>
          ) : (
            <Link to="/sign-in" className={tab}>
              <Icon name="person" />
              <span className="max-sm:sr-only">
                <Trans>Sign in</Trans>
              </span>
            </Link>
          )}
        </nav>
      </div>
    </header>
  );
}

/** The inbox, with how much in it is new; it counts while one looks. */
function Bell() {
  const client = useQueryClient();
  const count = useQuery(unread).data ?? 0;
  useLive(['inbox'], () => void client.invalidateQueries({ queryKey: ['notifications'] }));
  return (
    <Link
      to="/inbox"
      className="relative inline-flex size-11 items-center justify-center rounded-xl text-soft hover:bg-sunk hover:text-ink aria-[current=page]:text-ink"
    >
      <Icon name="bell" />
      <span className="sr-only">
        <Trans>Inbox</Trans>
        {count > 0 && (
          <>
            , <Plural value={count} one="# new" other="# new" />
          </>
        )}
      </span>
      {count > 0 && (
        <span
          aria-hidden="true"
          className="figures absolute end-0.5 top-0.5 min-w-5 rounded-full bg-brand px-1 text-center text-xs leading-5 font-bold text-on-brand"
        >
          {count > 99 ? '99+' : count}
        </span>
      )}
    </Link>
  );
}

function Account({ name }: { name: string }) {
  const client = useQueryClient();
  const [given] = name.split(' ');
  const leave = useMutation({
    // Also without a network: what is on the device goes at once, whether the server is reached or not.
    networkMode: 'always',
    mutationFn: async () => {
      await forgetOwner(client);
      await ask(api.POST('/api/v1/logout'));
    },
    // Nothing of whoever was signed in stays behind: the page begins anew.
    onSuccess: () => location.assign('/'),
  });
  const box = useRef<HTMLDetailsElement>(null);
  const close = () => box.current?.removeAttribute('open');
  return (
    <details
      ref={box}
      className="group relative"
      onBlur={({ relatedTarget }) => relatedTarget && !box.current?.contains(relatedTarget) && close()}
      onKeyDown={({ key }) => {
        if (key !== 'Escape' || !box.current?.open) return;
        close();
        box.current.querySelector('summary')?.focus();
      }}
    >
      <summary className="inline-flex min-h-11 list-none items-center gap-2 rounded-xl px-3 font-semibold text-soft hover:bg-sunk">
        <Icon name="person" />
        <span className="max-w-28 truncate max-sm:sr-only">{given}</span>
      </summary>
      <div className="panel absolute end-0 top-12 z-30 w-60 p-4 shadow-lift">
        <p className="mb-3 font-semibold">{name}</p>
        <Link to="/me" className="btn btn-quiet mb-2 w-full" onClick={close}>
          <Trans>Your account</Trans>
        </Link>
        <button
          type="button"
          className="btn btn-quiet w-full"
          disabled={leave.isPending}
          onClick={() => leave.mutate()}
        >
          <Trans>Sign out</Trans>
        </button>
        {leave.error && (
          <p role="alert" className="mt-3 text-sm text-bad">
            <Trans>
              Udaan was not reached, so you are still signed in. What was kept here is removed. Try again when you are
              online.
            </Trans>
          </p>
        )}
      </div>
    </details>
  );
}

const watchOnline = (changed: () => void) => {
  addEventListener('online', changed);
  addEventListener('offline', changed);
  return () => {
    removeEventListener('online', changed);
    removeEventListener('offline', changed);
  };
};

function Offline() {
  const online = useSyncExternalStore(watchOnline, () => navigator.onLine);
  return (
    <p
      role="status"
      className={online ? 'sr-only' : 'bg-kesar-tint px-4 py-2 text-center font-semibold text-kesar-ink'}
    >
      {!online && <Trans>You are offline. What you see may be out of date.</Trans>}
    </p>
  );
}

function Footer() {
  const { t } = useLingui();
  const locale = useLocale();
  const [theme, setTheme] = useState(chosenTheme);
  const choose = (next: Theme) => {
    applyTheme(next);
    setTheme(next);
  };
  const select = 'min-h-11 rounded-xl border-[1.5px] border-field bg-card px-3 text-ink';
  return (
    <footer className="border-t border-edge bg-card">
      <div className="page flex flex-wrap items-center gap-x-6 gap-y-3 py-6 text-sm">
        <Mark className="w-8 text-brand" />
        <nav aria-label={t`More`} className="flex flex-wrap gap-x-5">
          <Link to="/help" className="link inline-flex min-h-11 items-center">
            <Trans>Help</Trans>
          </Link>
          <Link to="/retrieve" className="link inline-flex min-h-11 items-center">
            <Trans>Find a booking</Trans>
          </Link>
          <Link to="/trips" className="link inline-flex min-h-11 items-center">
            <Trans>My trips</Trans>
          </Link>
          <Link to="/status" className="link inline-flex min-h-11 items-center">
            <Trans>Flight status</Trans>
          </Link>
        </nav>
        <div className="flex flex-wrap gap-3 sm:ms-auto">
          <label className="flex items-center gap-2">
            <Trans>Colours</Trans>
            <select className={select} value={theme} onChange={(event) => choose(event.target.value as Theme)}>
              <option value="system">{t`As the device`}</option>
              <option value="light">{t`Light`}</option>
              <option value="dark">{t`Dark`}</option>
            </select>
          </label>
          <label className="flex items-center gap-2">
            <Trans>Language</Trans>
            <select
              className={select}
              value={locale}
              onChange={(event) => chooseLocale(event.target.value as 'en' | 'hi')}
            >
              <option value="en" lang="en">
                English
              </option>
              <option value="hi" lang="hi">
                हिन्दी
              </option>
            </select>
          </label>
        </div>
      </div>
    </footer>
  );
}

export function Lost() {
  return (
    <div className="page max-w-xl py-16 text-center">
      <Mark className="mx-auto mb-6 w-24 text-brand" />
      <h1 className="display text-4xl">
        <Trans>Nothing flies here</Trans>
      </h1>
      <p className="mt-3 mb-6 text-soft">
        <Trans>This address leads nowhere. It may be an old one, or it lost a letter on the way.</Trans>
      </p>
      <Link to="/" className="btn btn-main">
        <Trans>Search for flights</Trans>
      </Link>
    </div>
  );
}

export function Failed({ error, reset }: ErrorComponentProps) {
  return (
    <div className="page max-w-xl py-16">
      <h1 className="display mb-4 text-3xl">
        <Trans>That did not work</Trans>
      </h1>
      <Trouble error={error} retry={reset} />
    </div>
  );
}
