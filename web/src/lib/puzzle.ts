import { sha256 } from '@noble/hashes/sha2.js';

/** Work that the API asks for before it looks, while somebody guesses booking codes (docs/security.md): a text after which a hash begins with zeros. */
export interface Puzzle {
  challenge: string;
  bits: number;
}

/** How many bits a hash begins with that are zero. */
export function zeroBits(hash: Uint8Array): number {
  const first = hash.findIndex((byte) => byte !== 0);
  return first < 0 ? hash.length * 8 : first * 8 + Math.clz32(hash[first] ?? 0) - 24;
}

const PAUSE = 4096;

/** Tries numbers in their order until one fits; says every few thousand how many were tried. */
export function solve({ challenge, bits }: Puzzle, tried: (count: number) => void): string {
  const text = new TextEncoder();
  for (let count = 0; ; count += 1) {
    if (count % PAUSE === 0) tried(count);
    if (zeroBits(sha256(text.encode(`${challenge}.${count}`))) >= bits) return `${count}`;
  }
}

/** How likely it is to be solved by now: what a bar can show of work that has luck in it. */
export const likely = (tried: number, bits: number): number => 1 - Math.exp(-tried / 2 ** bits);
