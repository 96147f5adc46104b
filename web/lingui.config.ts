import { defineConfig } from '@lingui/cli';
import { formatter } from '@lingui/format-po';

/** Screens beside the first one, and those that have a trip and its flights. */
const LATER = [
  ...['booking', 'results', 'me', 'reviews', 'support', 'help', 'inbox', 'change', 'alerts'].map(
    (name) => `src/features/${name}/**`,
  ),
  // Parts that any screen loads when they are wanted (`laterPart`).
  'src/ui/prices/**',
  'src/ui/paying/**',
  'src/features/check-in/take-along.tsx',
];

export default defineConfig({
  sourceLocale: 'en',
  locales: ['en', 'hi'],
  compileNamespace: 'es',
  catalogs: [
    { path: 'src/locales/{locale}', include: ['src'], exclude: LATER },
    // Comes with the first of those screens: most visits do without them, and need not load their words.
    { path: 'src/locales/later/{locale}', include: LATER },
  ],
  // Line numbers would make every change of code a change of every catalogue.
  format: formatter({ lineNumbers: false }),
});
