/** One who flies, as typed. */
export interface Person {
  type: string;
  given: string;
  family: string;
  day: string;
  month: string;
  year: string;
}

export const bornOn = ({ year, month, day }: Person): string =>
  `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;

export const blank = (type: string): Person => ({ type, given: '', family: '', day: '', month: '', year: '' });
