import { keep, recall } from '../../lib/storage';
import { blank, type Person } from './person';

const DRAFT = 'travellers';

interface Draft {
  /** The account that typed it: nobody else sees it, also where a session ended by itself. */
  of: string;
  people: Person[];
}

/** What somebody typed for a party of these types, or blank forms. */
export function draftOf(owner: string, types: string[]): Person[] {
  const kept = recall<Partial<Draft>>(DRAFT, sessionStorage);
  const fits = kept?.of === owner && kept.people?.map((one) => one.type).join() === types.join();
  return fits && kept.people ? kept.people : types.map(blank);
}

export const keepDraft = (draft: Draft | undefined) => keep(DRAFT, draft, sessionStorage);
