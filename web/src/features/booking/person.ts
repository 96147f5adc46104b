import type { TypedDate } from '../../ui/birthday';

/** One who flies, as typed. */
export interface Person extends TypedDate {
  type: string;
  given: string;
  family: string;
}

export const blank = (type: string): Person => ({ type, given: '', family: '', day: '', month: '', year: '' });
