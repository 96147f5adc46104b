import { useEffect, useRef, useState } from 'react';
import { isRefusal, type Schemas } from '../../api/client';
import type { Puzzle } from '../../lib/puzzle';

type Solution = Schemas['PuzzleSolution'];
/** How far the work is, from 0 to 1; undefined while there is none. */
export type Progress = number | undefined;

/**
 * Asks, and where the API wants a puzzle solved first (`puzzle_required`), solves it and asks again. A solution is good for ten minutes and
 * for one booking code with one surname, so what is asked later of the same brings it along.
 */
export function usePuzzled() {
  const [progress, setProgress] = useState<Progress>();
  const solved = useRef<{ of: string; puzzle: Solution }>(undefined);
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const puzzled = async <T>(of: string, question: (puzzle: Solution | undefined) => Promise<T>): Promise<T> => {
    try {
      return await question(solved.current?.of === of ? solved.current.puzzle : undefined);
    } catch (error) {
      if (!isRefusal(error, 'puzzle_required')) throw error;
      const puzzle = error.more.puzzle as Puzzle;
      stop.current?.abort();
      stop.current = new AbortController();
      setProgress(0);
      try {
        // Hardly anybody ever needs it.
        const [{ solveBeside }, { likely }] = await Promise.all([
          import('../../lib/solve'),
          import('../../lib/puzzle'),
        ]);
        const tried = (count: number) => setProgress(likely(count, puzzle.bits));
        const solution = await solveBeside(puzzle, tried, stop.current.signal);
        solved.current = { of, puzzle: { challenge: puzzle.challenge, solution } };
      } finally {
        setProgress(undefined);
      }
      return question(solved.current.puzzle);
    }
  };
  return { progress, puzzled };
}
