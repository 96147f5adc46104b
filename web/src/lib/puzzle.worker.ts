import { type Puzzle, solve } from './puzzle';

addEventListener('message', ({ data }: MessageEvent<Puzzle>) => {
  const solution = solve(data, (tried) => postMessage({ tried }));
  postMessage({ solution });
});
