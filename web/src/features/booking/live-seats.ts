/** What happens to the seats of a cabin while somebody looks at them. */

export interface Seat {
  seat: string;
  state: string;
  features: string[];
  for_passengers?: number[] | null;
}

export interface Cabin<S extends Seat = Seat> {
  rows: { row: number; blocks: S[][] }[];
}

export interface SeatNews {
  /** Free before, and now somebody has them. */
  taken: string[];
  /** Somebody had them, and they are free now. */
  freed: string[];
}

export const seatsOf = <S extends Seat>(cabin: Cabin<S>): S[] => cabin.rows.flatMap((row) => row.blocks.flat());

/** Whether this passenger may have it; the rules (exits, infants' masks) are the server's. */
export const canHave = (seat: Seat, who: number): boolean =>
  seat.state === 'free' && (!seat.for_passengers || seat.for_passengers.includes(who));

/** The one seat that the tab key stops at: where somebody was, as long as the aircraft has it, or else the first they may have. */
export function stopIn(cabin: Cabin, at: string, who: number): string {
  const seats = seatsOf(cabin);
  const stop = seats.find((one) => one.seat === at) ?? seats.find((one) => canHave(one, who)) ?? seats[0];
  return stop?.seat ?? '';
}

/** What others did to the cabin between two looks. What became this booking's, or was it, its people did themselves. */
export function newsBetween(before: Cabin, now: Cabin): SeatNews {
  const was = new Map(seatsOf(before).map((one) => [one.seat, one.state]));
  const news: SeatNews = { taken: [], freed: [] };
  for (const { seat, state } of seatsOf(now)) {
    if (was.get(seat) === 'free' && state === 'taken') news.taken.push(seat);
    if (was.get(seat) === 'taken' && state === 'free') news.freed.push(seat);
  }
  return news;
}

/** Passengers with the seats they chose that cannot be theirs any more: somebody has them, or they are blocked, or in this aircraft no more. */
export function lostOf<S extends Seat>(chosen: Record<number, S>, now: Cabin): [passenger: number, seat: S][] {
  const left = new Set(
    seatsOf(now).flatMap((one) => (one.state === 'free' || one.state === 'yours' ? [one.seat] : [])),
  );
  const pairs = Object.entries(chosen).map(([who, seat]): [number, S] => [Number(who), seat]);
  return pairs.filter(([, { seat }]) => !left.has(seat));
}

/** A row is further than a seat; the window or the aisle that somebody chose counts as much as two rows. */
const ROW = 2;
const PLACE = 4;

const place = (seat: Seat): string | undefined => seat.features.find((one) => one === 'window' || one === 'aisle');

/** The seats this passenger may have that are most like one: nearest first, those of `besides` left out. */
export function nearby<S extends Seat>(cabin: Cabin<S>, seat: string, who: number, besides: string[], most = 3): S[] {
  const lines = cabin.rows.map((row) => row.blocks.flat());
  const at = (of: string) => {
    const line = lines.findIndex((seats) => seats.some((one) => one.seat === of));
    return { line, column: lines[line]?.findIndex((one) => one.seat === of) ?? 0 };
  };
  const lost = at(seat);
  const old = lines[lost.line]?.[lost.column];
  const far = (one: S) => {
    const { line, column } = at(one.seat);
    const apart = Math.abs(line - lost.line) * ROW + Math.abs(column - lost.column);
    return apart + (old && place(old) && place(one) !== place(old) ? PLACE : 0);
  };
  return seatsOf(cabin)
    .filter((one) => canHave(one, who) && !besides.includes(one.seat))
    .map((one) => ({ one, far: far(one) }))
    .sort((first, second) => first.far - second.far)
    .slice(0, most)
    .map(({ one }) => one);
}
