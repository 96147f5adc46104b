/** How far a change has come, as it stands in the address: which ways, and for the first of them which day and offer. */
import { fliersOf, type Way } from '../../api/booking';
import type { Schemas } from '../../api/client';
import type { Raw } from '../../lib/search';
import { dayOf, isDay } from '../../lib/time';

export interface Chosen {
  ways: Way[];
  /** Of the ways before the one that is looked at. */
  offers: string[];
  days: string[];
}

const parts = (text: string | undefined): string[] => (text ? text.split('~') : []);

/** Reads an address; ways that cannot be changed leave nothing of it. */
export function readChosen(raw: Raw, open: Way[]): Chosen {
  const wanted = parts(raw.slice);
  const ways = open.filter((one) => wanted.includes(`${one.slice}`));
  if (ways.length === 0 || ways.length !== wanted.length) return { ways: [], offers: [], days: [] };
  const offers = parts(raw.offer).filter((one) => /^off_[\w.-]+$/.test(one));
  return { ways, offers: offers.slice(0, ways.length), days: parts(raw.on).filter(isDay).slice(0, ways.length) };
}

export function writeChosen({ ways, offers, days }: Chosen): Record<string, string> {
  const step = offers.length < ways.length ? `flight${offers.length + 1}` : 'price';
  return {
    slice: ways.map((one) => one.slice).join('~'),
    step,
    ...(days.length > 0 ? { on: days.join('~') } : {}),
    ...(offers.length > 0 ? { offer: offers.join('~') } : {}),
  };
}

/** No way is flown before the one before it, nor before today. */
export const earliest = ({ days, offers }: Chosen, today: string): string =>
  [today, days[offers.length - 1] ?? ''].sort().at(-1) ?? today;

/** The day of the way that is looked at: the one that was chosen, else the one it is on until now. */
export function dayFor(chosen: Chosen, today: string): string {
  const at = chosen.offers.length;
  const wanted = chosen.days[at] ?? dayOf(chosen.ways[at]?.flights[0]?.departs_at ?? today);
  return [wanted, earliest(chosen, today)].sort().at(-1) ?? wanted;
}

export const withDay = (chosen: Chosen, day: string): Chosen => ({
  ...chosen,
  days: [...chosen.days.slice(0, chosen.offers.length), day],
});

export const withOffer = (chosen: Chosen, day: string, offer: string): Chosen => ({
  ...withDay(chosen, day),
  offers: [...chosen.offers, offer],
});

/** Back to the way before, with its day. */
export const withoutLast = ({ ways, offers, days }: Chosen): Chosen => ({
  ways,
  offers: offers.slice(0, -1),
  days: days.slice(0, offers.length),
});

/** The ways that can be changed with one price: those of the same people. */
export function together(booking: Pick<Schemas['BookingView'], 'passengers' | 'coupons'>, open: Way[]): Way[] {
  const people = (way: Way) =>
    fliersOf(booking, way)
      .map((one) => one.passenger)
      .join();
  const [first] = open;
  const same = first ? open.filter((one) => people(one) === people(first)) : [];
  return same.length > 1 ? same : [];
}
