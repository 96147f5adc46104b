/** A search as it stands in the address: everything about it, so that an address can be kept, sent and gone back to. */
import { addDays, isDay } from './time';

export const CABINS = ['economy', 'premium_economy', 'business', 'first'] as const;
export type Cabin = (typeof CABINS)[number];

/** One direction or stop of a trip. A text that is not filled in yet is empty. */
export interface Leg {
  from: string;
  to: string;
  on: string;
}

export interface Party {
  adults: number;
  children: number;
  infants: number;
}

export interface Query extends Party {
  legs: Leg[];
  cabin: Cabin;
}

export type Raw = Record<string, string | undefined>;
export type Kind = 'one-way' | 'return' | 'multi';

export const MOST_LEGS = 6;
export const MOST_SEATS = 9;

const code = (text: string | undefined): string => (/^[A-Z]{3}$/.test(text ?? '') ? (text as string) : '');

function count(text: string | undefined, least: number, most: number): number {
  const value = Number(text);
  return Number.isInteger(value) && value >= least && value <= most ? value : least;
}

export function oneOf<T extends string>(text: string | undefined, all: readonly T[], fallback: T): T {
  return all.find((one) => one === text) ?? fallback;
}

/** Keeps within what can be sold: nine seats, an infant for each adult. */
export function allowedParty(party: Party): Party {
  const adults = Math.min(Math.max(party.adults, 1), MOST_SEATS);
  const children = Math.min(Math.max(party.children, 0), MOST_SEATS - adults);
  return { adults, children, infants: Math.min(Math.max(party.infants, 0), adults) };
}

/** Reads an address. What does not belong there is left out, whoever wrote it. */
export function readQuery(raw: Raw): Query {
  const legs = (raw.trip ?? '')
    .split('~')
    .slice(0, MOST_LEGS)
    .map((text) => {
      const [from, to, on] = text.split('.');
      return { from: code(from), to: code(to), on: isDay(on ?? '') ? (on as string) : '' };
    });
  const party = allowedParty({
    adults: count(raw.adults, 1, MOST_SEATS),
    children: count(raw.children, 0, MOST_SEATS),
    infants: count(raw.infants, 0, MOST_SEATS),
  });
  return { legs, ...party, cabin: oneOf(raw.cabin, CABINS, 'economy') };
}

export function writeQuery(query: Query): Raw {
  const raw: Raw = { trip: query.legs.map(({ from, to, on }) => `${from}.${to}.${on}`).join('~') };
  if (query.adults !== 1) raw.adults = String(query.adults);
  if (query.children) raw.children = String(query.children);
  if (query.infants) raw.infants = String(query.infants);
  if (query.cabin !== 'economy') raw.cabin = query.cabin;
  return raw;
}

export const isComplete = (query: Query): boolean =>
  query.legs.every(
    ({ from, to, on }, index) =>
      from !== '' && to !== '' && from !== to && on !== '' && (index === 0 || on >= (query.legs[index - 1]?.on ?? '')),
  );

export function kindOf(legs: Leg[]): Kind {
  const [out, back] = legs;
  if (legs.length === 1) return 'one-way';
  return legs.length === 2 && out?.from === back?.to && out?.to === back?.from ? 'return' : 'multi';
}

const empty: Leg = { from: '', to: '', on: '' };

/** The same trip as another kind, keeping whatever can be kept. */
export function asKind(legs: Leg[], kind: Kind): Leg[] {
  const out = legs[0] ?? empty;
  if (kind === 'one-way') return [out];
  const next = legs[1] ?? { from: out.to, to: out.from, on: out.on && addDays(out.on, 7) };
  if (kind === 'return') return [out, { from: out.to, to: out.from, on: next.on }];
  return legs.length > 1 && kindOf(legs) === 'multi'
    ? legs
    : [out, { ...next, to: kindOf(legs) === 'multi' ? next.to : '' }];
}

/** The addresses' texts: plain, readable, and no JSON in them. */
export const parseAddress = (text: string): Raw => Object.fromEntries(new URLSearchParams(text));

export function addressOf(raw: Record<string, unknown>): string {
  const kept = Object.entries(raw).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  const text = new URLSearchParams(kept).toString().replaceAll('%7E', '~').replaceAll('%3A', ':');
  return text && `?${text}`;
}
