/** A list of flights as it stands in the address: what is looked for, in which order, what narrows it, and what was chosen. */
import { oneOf, type Query, type Raw, readQuery, writeQuery } from '../../lib/search';

const SORTS = ['best', 'price', 'duration', 'departure'] as const;
export type Sort = (typeof SORTS)[number];

/** What narrows a list of itineraries. */
export interface Filters {
  stops?: number;
  /** Times of day that it leaves and arrives in, as `06:00-12:00`. */
  departs?: string;
  arrives?: string;
  /** Airlines that may be flown; none where any may. */
  airlines: string[];
  /** Airports where planes may be changed, none where anywhere, and where they may not. */
  via: string[];
  avoid: string[];
  /** For the whole party, in the smallest unit. */
  maxPrice?: number;
  /** From the first departure to the last arrival. */
  maxMinutes?: number;
  /** Minutes that a change of planes takes, as `60-180`, `60-` or `-120`. */
  connection?: string;
  bag: boolean;
  refundable: boolean;
}

export const NO_FILTERS: Filters = { airlines: [], via: [], avoid: [], bag: false, refundable: false };

export interface ResultsState extends Query {
  sort: Sort;
  filters: Filters;
  /** Offers that were chosen, for the first legs. */
  chosen: string[];
}

/** So many codes are read from an address, whoever wrote it. */
const MOST_CODES = 20;

const listOf = (text: string | undefined, fits: RegExp): string[] =>
  [...new Set((text ?? '').split('~').filter((one) => fits.test(one)))].slice(0, MOST_CODES);

const whole = (text: string | undefined): number | undefined =>
  /^[1-9]\d*$/.test(text ?? '') && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;

const matching = (text: string | undefined, fits: RegExp): string | undefined =>
  fits.test(text ?? '') ? text : undefined;

const TIMES = /^\d{2}:\d{2}-\d{2}:\d{2}$/;
const AIRPORT = /^[A-Z]{3}$/;

export function readResults(raw: Raw): ResultsState {
  return {
    ...readQuery(raw),
    sort: oneOf(raw.sort, SORTS, 'best'),
    filters: {
      stops: /^[0-2]$/.test(raw.stops ?? '') ? Number(raw.stops) : undefined,
      departs: matching(raw.departs, TIMES),
      arrives: matching(raw.arrives, TIMES),
      airlines: listOf(raw.airline, /^[A-Z0-9]{2}$/),
      via: listOf(raw.via, AIRPORT),
      avoid: listOf(raw.avoid, AIRPORT),
      maxPrice: whole(raw.max),
      maxMinutes: whole(raw.minutes),
      connection: matching(raw.connection, /^(\d{1,4}-|\d{0,4}-\d{1,4})$/),
      bag: raw.bag === '1',
      refundable: raw.refundable === '1',
    },
    chosen: raw.chosen ? raw.chosen.split('~').filter((offer) => /^off_[\w.-]+$/.test(offer)) : [],
  };
}

export function writeResults(state: ResultsState): Raw {
  const { filters } = state;
  const raw = writeQuery(state);
  const set = (name: string, value: string | number | undefined) => {
    if (value !== undefined && value !== '') raw[name] = String(value);
  };
  if (state.sort !== 'best') raw.sort = state.sort;
  set('stops', filters.stops);
  set('departs', filters.departs);
  set('arrives', filters.arrives);
  set('airline', filters.airlines.join('~'));
  set('via', filters.via.join('~'));
  set('avoid', filters.avoid.join('~'));
  set('max', filters.maxPrice);
  set('minutes', filters.maxMinutes);
  set('connection', filters.connection);
  if (filters.bag) raw.bag = '1';
  if (filters.refundable) raw.refundable = '1';
  set('chosen', state.chosen.join('~'));
  return raw;
}

/** How many filters are set. */
export const countFilters = (filters: Filters): number =>
  Object.values(filters).filter((one) => (Array.isArray(one) ? one.length > 0 : one !== undefined && one !== false))
    .length;

/** Filters and order as the API is asked for them. */
export function wanted({ filters, sort }: ResultsState): Record<string, unknown> {
  const [leavesAfter, leavesBefore] = filters.departs?.split('-') ?? [];
  const [landsAfter, landsBefore] = filters.arrives?.split('-') ?? [];
  const [shortest, longest] = filters.connection?.split('-') ?? [];
  const all = {
    sort,
    max_stops: filters.stops,
    departs_after: leavesAfter === '00:00' ? undefined : leavesAfter,
    departs_before: leavesBefore === '24:00' ? undefined : leavesBefore,
    arrives_after: landsAfter === '00:00' ? undefined : landsAfter,
    arrives_before: landsBefore === '24:00' ? undefined : landsBefore,
    airlines: filters.airlines.join(',') || undefined,
    via: filters.via.join(',') || undefined,
    exclude_via: filters.avoid.join(',') || undefined,
    max_price: filters.maxPrice,
    max_duration: filters.maxMinutes,
    min_connection: shortest || undefined,
    max_connection: longest || undefined,
    bag: filters.bag || undefined,
    refundable: filters.refundable || undefined,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
