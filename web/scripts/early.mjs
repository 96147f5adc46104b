// Says for each screen and language what a browser should fetch together with the page: else it learns of the screen from the router, once
// that has come and run. The server names these files in the page's `Link` header (crates/platform/src/http/site/early.rs).
import { readFileSync, writeFileSync } from 'node:fs';

const web = new URL('../', import.meta.url);
const read = (name) => readFileSync(new URL(name, web), 'utf8');
const manifest = JSON.parse(read('dist/.vite/manifest.json'));

/** A chunk and all that comes with it. */
function closure(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, found);
  return found;
}

const chunkOf = (source) => {
  const key = Object.keys(manifest).find((one) => manifest[one].src?.replace(/\.\w+$/, '') === source);
  if (!key) throw new Error(`${source} is no chunk of its own`);
  return key;
};
// The page itself names these.
const page = closure(Object.keys(manifest).find((key) => manifest[key].isEntry));
const files = (sources) => {
  const all = sources.map(chunkOf).reduce((found, key) => closure(key, found), new Set());
  return [...all].filter((key) => !page.has(key)).map((key) => `/${manifest[key].file}`);
};

const routes = [...read('src/router.tsx').matchAll(/(screen|later)\('([^']+)', \(\) => import\('\.\/([^']+)'\)\)/g)];
const uses = read('src/router.tsx').match(/\b(screen|later)\(\s*'/g)?.length;
if (routes.length === 0 || routes.length !== uses) {
  throw new Error(`src/router.tsx has ${uses} screens, and ${routes.length} are named so that this can read it`);
}
const early = (locale) =>
  Object.fromEntries(
    routes.map(([, kind, address, source]) => {
      const texts =
        kind === 'later' ? [`src/locales/${locale}`, `src/locales/later/${locale}`] : [`src/locales/${locale}`];
      return [address, files([`src/${source}`, ...texts])];
    }),
  );
writeFileSync(new URL('dist/early.json', web), JSON.stringify({ en: early('en'), hi: early('hi') }));
