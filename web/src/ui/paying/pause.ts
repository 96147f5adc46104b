const SHORTEST_MS = 2_000;
const LONGEST_MS = 30_000;

/** How long to wait before asking again about what has been awaited for so long: a quarter of that, so that less and less is asked. */
export const pauseAfter = (awaited: number): number => Math.min(LONGEST_MS, Math.max(SHORTEST_MS, awaited / 4));
