import type { Puzzle } from './puzzle';

/** Solves a puzzle beside the page, which stays quick; `tried` hears how many texts were tried so far. Ends when the signal says so. */
export function solveBeside(puzzle: Puzzle, tried: (count: number) => void, signal: AbortSignal): Promise<string> {
  const worker = new Worker(new URL('./puzzle.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<string>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ tried?: number; solution?: string }>) => {
      if (data.solution !== undefined) resolve(data.solution);
      else tried(data.tried ?? 0);
    };
    worker.onerror = () => reject(new Error('the puzzle was not solved'));
    worker.postMessage(puzzle);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  }).finally(() => worker.terminate());
}
