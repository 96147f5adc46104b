import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// Where a line begins is not always left: everything goes by start and end, so that a language that is written the other way needs nothing.
const SPACED = '(?:ml|mr|pl|pr|left|right|scroll-(?:ml|mr|pl|pr))-[\\w.[\\]/%()]+';
const EDGED = '(?:border-[lr]|rounded-(?:l|r|tl|tr|bl|br))(?:-[\\w.[\\]/%()]+)?';
const SIDED = '(?:text|float|clear|origin|object|bg)-(?:left|right)(?:-\\w+)?';
const UTILITY = new RegExp(`(?<![\\w-])-?(?:${SPACED}|${EDGED}|${SIDED})(?![\\w-])`, 'g');
/** Moves along the line go the other way with a utility of their own. */
const MOVE = /(?<![\w-])(?:\w+:)*-?translate-x-[\w/[\].]+/g;
const TEXT = /(["'`])((?:(?!\1)[^\\\n]|\\.)*)\1/g;
const STYLE =
  /\b(?:margin|padding|border)(?:-(?:left|right)|Left|Right)\b|\btext-?align:\s*["']?(?:left|right)|(?<![\w-])(?:left|right):\s*[\d"'-]/gi;

/** What in a text of classes goes by a side of the screen. */
function physical(classes: string): string[] {
  const moves = classes.match(MOVE) ?? [];
  const turned = moves.some((one) => one.includes('rtl:'));
  return [...(classes.match(UTILITY) ?? []), ...(turned ? [] : moves)];
}

const src = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.(tsx?|css)$/.test(name) && !/\.test\.ts$|schema\.d\.ts$|locales/.test(name),
);

function found(name: string): string[] {
  const text = readFileSync(src + name, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const classes = name.endsWith('.css') ? [] : [...text.matchAll(TEXT)].map((one) => one[2] ?? '');
  return [...classes.flatMap(physical), ...(text.match(STYLE) ?? [])].map((one) => `${name}: ${one}`);
}

describe('no style goes by left and right', () => {
  it('finds what does', () => {
    const wrong = ['ml-2', 'md:pr-4', '-mr-1', 'left-0', 'text-left', 'rounded-tl-xl', 'border-l', 'translate-x-2'];
    for (const one of wrong) expect(physical(`flex ${one} items-center`), one).toHaveLength(1);
    expect(physical('ms-2 pe-4 start-0 text-start -translate-x-1/2 rtl:translate-x-1/2 border-e leading-4')).toEqual(
      [],
    );
  });

  it('in any file', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap(found)).toEqual([]);
  });
});
