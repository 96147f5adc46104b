// Types of the API, from the document the binary prints: `udaan openapi | node scripts/api.mjs [--check]`.
// Descriptions and examples are left out: the types are read by the compiler, and the document is at /api/docs.
import { readFileSync, writeFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import openapi, { astToString } from 'openapi-typescript';

const target = new URL('../src/api/schema.d.ts', import.meta.url);

function bare(value, parent) {
  if (Array.isArray(value)) return value.map((one) => bare(one));
  if (value === null || typeof value !== 'object') return value;
  // What stands in `properties` is a name, whatever it is called.
  const kept = Object.entries(value).filter(
    ([key]) => parent === 'properties' || !['description', 'example', 'examples', 'summary', 'tags'].includes(key),
  );
  return Object.fromEntries(kept.map(([key, one]) => [key, bare(one, key)]));
}

/** Leaves out the schemas that no operation which is left leads to. */
function keepReached(document) {
  const { schemas } = document.components;
  const reached = new Set();
  const follow = (value) => {
    if (value === null || typeof value !== 'object') return;
    const name = typeof value.$ref === 'string' && value.$ref.match(/^#\/components\/schemas\/(.+)$/)?.[1];
    if (name && !reached.has(name)) {
      reached.add(name);
      follow(schemas[name]);
    }
    for (const one of Object.values(value)) follow(one);
  };
  follow(document.paths);
  follow(document.components.responses);
  document.components.schemas = Object.fromEntries(Object.entries(schemas).filter(([name]) => reached.has(name)));
}

const document = bare(JSON.parse(await textOf(process.stdin)));
// Only what the traveller's app calls: staff's operations have an app of their own.
for (const path of Object.keys(document.paths)) {
  if (path.includes('/admin/') || path.startsWith('/oauth') || path.includes('/webhooks')) delete document.paths[path];
}
delete document.webhooks;
keepReached(document);
const text = `// Made by scripts/api.mjs from the OpenAPI document; do not edit.\n${astToString(await openapi(document))}`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error(
      'web/src/api/schema.d.ts is not what the OpenAPI document says: udaan openapi | npm --prefix web run api',
    );
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
