import './styles.css';
import { i18n } from '@lingui/core';
import { I18nProvider } from '@lingui/react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { Refusal } from './api/client';
import { activate, preferredLocale } from './lib/i18n';
import { applyTheme, chosenTheme } from './lib/theme';
import { makeRouter } from './router';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What was refused stays refused; what was not reached may be a moment later.
      retry: (failures, error) => !(error instanceof Refusal && error.status < 500) && failures < 2,
      refetchOnWindowFocus: false,
    },
  },
});

async function start(root: HTMLElement): Promise<void> {
  applyTheme(chosenTheme());
  const router = makeRouter();
  // The words and the screen are fetched at one time, and the first thing drawn is the screen: nothing below it moves.
  await Promise.all([activate(preferredLocale()), router.load()]);
  // A first screen that is drawn in one go keeps a slow telephone from hearing a finger meanwhile; a transition is drawn in slices.
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <I18nProvider i18n={i18n}>
          <QueryClientProvider client={client}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </I18nProvider>
      </StrictMode>,
    ),
  );
}

const root = document.getElementById('root');
if (root) void start(root);
