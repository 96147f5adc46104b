import { defineConfig } from '@lingui/cli';
import { formatter } from '@lingui/format-po';

/** Screens beside the first one, and those that have a trip and its flights. */
const LATER = [
  ...['booking', 'results', 'me', 'reviews', 'support', 'help', 'inbox', 'change', 'alerts', 'status'].map(
    (name) => `src/features/${name}/**`,
  ),
  // Parts that any screen loads when they are wanted (`laterPart`).
  'src/ui/prices/**',
  'src/ui/paying/**',
  'src/ui/day-bars.tsx',
  'src/features/check-in/take-along.tsx',
  'src/features/trips/disruption.tsx',
  // Screens that a trip leads to, and few go on to.
  'src/features/trips/cancel.tsx',
  'src/features/trips/choose.tsx',
  'src/features/trips/retrieve.tsx',
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
