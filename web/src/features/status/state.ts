import type { Raw } from '../../lib/search';
import { isDay } from '../../lib/time';

/** Which flights are looked up: those of a number, or those between two airports, on the day they leave. */
export interface Asked {
  by: 'number' | 'route';
  number: string;
  from: string;
  to: string;
  on: string;
}

/** A flight's number as the API has it, however it was typed: `kr 001` → `KR1`. Empty where it is none. */
export function numberOf(typed: string): string {
  const [, airline, number, suffix] =
    /^([A-Z][A-Z0-9]|[0-9][A-Z])0*([1-9]\d{0,3})([A-Z]?)$/.exec(typed.replaceAll(/[\s-]/g, '').toUpperCase()) ?? [];
  return airline && number ? `${airline}${number}${suffix}` : '';
}

const code = (text: string | undefined): string => (/^[A-Z]{3}$/.test(text ?? '') ? (text as string) : '');

/** Reads an address; what does not belong there is left out. Without a day it is today. */
export function readAsked(raw: Raw, today: string): Asked {
  const route = raw.from !== undefined || raw.to !== undefined;
  return {
    by: route ? 'route' : 'number',
    number: route ? '' : numberOf(raw.number ?? ''),
    from: code(raw.from),
    to: code(raw.to),
    on: isDay(raw.on ?? '') ? (raw.on as string) : today,
  };
}

export const writeAsked = ({ by, number, from, to, on }: Asked): Raw =>
  by === 'number' ? { number: numberOf(number), on } : { from, to, on };

export const isComplete = ({ by, number, from, to, on }: Asked): boolean =>
  isDay(on) && (by === 'number' ? numberOf(number) !== '' : from !== '' && to !== '' && from !== to);
