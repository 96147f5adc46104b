import { defineConfig } from '@lingui/cli';
import { formatter } from '@lingui/format-po';

export default defineConfig({
  sourceLocale: 'en',
  locales: ['en', 'hi'],
  compileNamespace: 'es',
  catalogs: [{ path: 'src/locales/{locale}', include: ['src'] }],
  // Line numbers would make every change of code a change of every catalogue.
  format: formatter({ lineNumbers: false }),
});
