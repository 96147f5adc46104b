// What a visit may cost, in bytes: the build fails when it costs more (budgets.json).
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const budgets = JSON.parse(readFileSync(new URL('../budgets.json', import.meta.url)));
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist)));
const content = (name) => readFileSync(new URL(name, dist));
const kb = (bytes) => bytes / 1000;
let over = 0;

function judge(what, value, most, unit) {
  const fits = value <= most;
  if (!fits) over += 1;
  console.log(`${fits ? 'ok  ' : 'OVER'} ${what}: ${unit === 'files' ? value : value.toFixed(1)} of ${most} ${unit}`);
}

/** A chunk and all that comes with it. */
function closure(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const next of manifest[key]?.imports ?? []) closure(next, found);
  return found;
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const texts = Object.keys(manifest).filter((key) => /locales\/hi\.mjs$/.test(key));
const first = [entry, ...texts].reduce((found, key) => closure(key, found), new Set());
// The screens that have their words in the other catalogue (`later` in router.tsx) load that too.
const later = Object.keys(manifest).filter((key) => /locales\/later\/hi\.mjs$/.test(key));
for (const [screen, most] of Object.entries(budgets.screens)) {
  if (!manifest[screen]) throw new Error(`${screen} is no chunk of its own`);
  const all = [screen, ...(most.later ? later : [])].reduce((found, key) => closure(key, found), new Set(first));
  const files = [...all].map((key) => manifest[key].file).filter((name) => name.endsWith('.js'));
  const bytes = files.reduce((sum, name) => sum + brotliCompressSync(content(name)).length, 0);
  judge(`first load of ${screen}`, kb(bytes), most.brotli_kb, 'kB brotli');
  judge(`files of ${screen}`, files.length, most.files, 'files');
}

// What comes later, on demand: each alone, without what is there already.
const lazy = Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry && !(key in budgets.screens));
for (const key of lazy) {
  const own = gzipSync(content(manifest[key].file)).length;
  if (kb(own) > 5) judge(`widget ${key}`, kb(own), budgets.widget_gzip_kb, 'kB gzip');
}

const page = content('index.html');
const style = /<style>(.*?)<\/style>/s.exec(String(page))?.[1] ?? '';
judge('style', kb(brotliCompressSync(style).length), budgets.style_brotli_kb, 'kB brotli');
judge('page', kb(brotliCompressSync(page).length), budgets.page_brotli_kb, 'kB brotli');
const all = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
const size = (one) => statSync(`${one.parentPath}/${one.name}`).size;
const fonts = all.filter((one) => one.name.endsWith('.woff2')).reduce((sum, one) => sum + size(one), 0);
judge('fonts', kb(fonts), budgets.font_kb, 'kB');
const precached = all
  .filter((one) => /\.(js|html|svg|png|woff2|webmanifest)$/.test(one.name))
  .reduce((sum, one) => sum + size(one), 0);
judge('precache', precached / 1e6, budgets.precache_mb, 'MB');

rmSync(new URL('.vite', dist), { recursive: true });
if (over) process.exit(1);
