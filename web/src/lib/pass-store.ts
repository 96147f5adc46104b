/**
 * Boarding passes kept on the device, for where there is no network: at a gate, mostly. They are those of whoever is signed in, and are
 * forgotten at sign-out, and a day after the last flight. A private window may refuse to keep anything; then nothing is kept.
 */
import type { Schemas } from '../api/client';
import { keep, recall } from './storage';
import { onClockOf } from './time';

/** A pass with its picture, an SVG. */
export type PicturedPass = Schemas['BoardingPass'] & { picture: string };

/** When boarding begins, on the clock of the airport it leaves from. A pass that was kept by an older release says it in UTC. */
export const boardingOf = (pass: PicturedPass): string =>
  pass.boarding_at.endsWith('Z') ? onClockOf(pass.departs_at, pass.boarding_at) : pass.boarding_at;

export interface KeptPasses {
  booking: string;
  /** When the airline said so. */
  at: string;
  passes: PicturedPass[];
}

const DAY_MS = 86_400_000;
const STORE = 'passes';

/** Whether there is still a flight to take with them. */
export const stillGood = (kept: KeptPasses, now: number): boolean =>
  kept.passes.some((pass) => Date.parse(pass.departs_at) + DAY_MS > now);

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('udaan', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'booking' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  try {
    const database = await open();
    try {
      return await new Promise<T>((resolve, reject) => {
        const doing = database.transaction(STORE, mode);
        const request = work(doing.objectStore(STORE));
        doing.oncomplete = () => resolve(request.result);
        doing.onabort = () => reject(doing.error);
      });
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

export const keepPasses = (kept: KeptPasses) => within('readwrite', (store) => store.put(kept));

export const keptPasses = (booking: string) =>
  within<KeptPasses | undefined>('readonly', (store) => store.get(booking));

/** Forgets the passes of one booking, or all of them. */
export const forgetPasses = (booking?: string) =>
  within('readwrite', (store) => (booking === undefined ? store.clear() : store.delete(booking)));

const UNKEPT = 'unkept';

/** Whether the passes of a booking may be kept here: until somebody removes them and says so. */
export const mayKeep = (booking: string): boolean => !recall<string[]>(UNKEPT)?.includes(booking);

export function setMayKeep(booking: string, may: boolean): void {
  const others = (recall<string[]>(UNKEPT) ?? []).filter((one) => one !== booking);
  // So many that nobody has more trips ahead.
  keep(UNKEPT, may ? others : [...others, booking].slice(-50));
}

/** What is kept and still good, the next flight first; what is not is forgotten. */
export async function allKeptPasses(): Promise<KeptPasses[]> {
  const all = (await within<KeptPasses[]>('readonly', (store) => store.getAll())) ?? [];
  const now = Date.now();
  await Promise.all(all.filter((one) => !stillGood(one, now)).map((one) => forgetPasses(one.booking)));
  const leaves = ({ passes }: KeptPasses) => Math.min(...passes.map((pass) => Date.parse(pass.departs_at)));
  return all.filter((one) => stillGood(one, now)).sort((one, other) => leaves(one) - leaves(other));
}
