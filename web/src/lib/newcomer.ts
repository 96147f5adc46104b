import { keep, recall } from './storage';

/** Screens that are anybody's. */
const ANYBODYS = /^\/(?:results|retrieve|help(?:\/.*)?)?$/;

/**
 * Whether this browser was never here, on a screen that is anybody's: it has nothing of ours, neither kept nor at work. Nobody is signed in
 * there, and need not be asked about. It is so once; where nothing can be kept, it is never known.
 */
export function isNewcomer(path: string, hasWorker: boolean): boolean {
  const was = recall('here') !== undefined || hasWorker;
  keep('here', true);
  return !was && recall('here') !== undefined && ANYBODYS.test(path);
}
