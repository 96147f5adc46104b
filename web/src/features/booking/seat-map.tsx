import { Trans, useLingui } from '@lingui/react/macro';
import { type KeyboardEvent, useRef, useState } from 'react';
import type { Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { formatMoney } from '../../lib/money';
import { canHave, type SeatNews, stopIn } from './live-seats';

type Seat = Schemas['SeatOnFlight'];

interface SeatMapProps {
  cabin: Schemas['SeatCabin'];
  who: number;
  chosen: string[];
  /** What others took and gave back while one looks: marked in its place. */
  news: SeatNews;
  pick: (seat: Seat) => void;
}

const letter = (seat: Seat): string => seat.seat.replace(/^\d+/, '');

/** The cabin as a grid: one stop for the tab key, arrows move from seat to seat, and each says where it is, what it is and what it costs. */
export function SeatMap({ cabin, who, chosen, news, pick }: SeatMapProps) {
  const { t } = useLingui();
  const rows = cabin.rows;
  const [wanted, setAt] = useState('');
  const at = stopIn(cabin, wanted, who);
  const grid = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const steps: Record<string, [number, number]> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const next = neighbour(rows, at, step);
    setAt(next);
    grid.current?.querySelector<HTMLElement>(`[data-seat="${next}"]`)?.focus();
  };
  return (
    <>
      <Legend />
      <News news={news} />
      <div className="overflow-x-auto">
        <div
          ref={grid}
          role="grid"
          aria-label={t`Seats of the cabin`}
          aria-rowcount={rows.length}
          tabIndex={-1}
          onKeyDown={move}
          className="mx-auto w-max rounded-t-[6rem] rounded-b-3xl border-2 border-edge bg-card px-4 pt-16 pb-6 sm:px-6"
        >
          {rows.map((row, index) => (
            <div
              key={row.row}
              role="row"
              aria-rowindex={index + 1}
              className={`flex items-center gap-1.5 sm:gap-2 ${isExit(row) ? 'mt-4' : 'mt-1.5'}`}
            >
              {row.blocks.map((block, side) => (
                <div key={side} role="presentation" className="contents">
                  {side > 0 && (
                    <span role="presentation" className="figures w-6 text-center text-xs text-soft">
                      {row.row}
                    </span>
                  )}
                  {block.map((seat) => (
                    <SeatButton
                      key={seat.seat}
                      seat={seat}
                      who={who}
                      isChosen={chosen.includes(seat.seat)}
                      isNews={news.taken.includes(seat.seat) || news.freed.includes(seat.seat)}
                      isStop={seat.seat === at}
                      focused={() => setAt(seat.seat)}
                      pick={() => pick(seat)}
                    />
                  ))}
                </div>
              ))}
            </div>
          ))}
        </div>
      </div>
    </>
  );
}

const isExit = (row: Schemas['SeatRow']): boolean => row.blocks.flat().some((seat) => seat.features.includes('exit'));

/** The seat one step on; where there is none, the same. Up and down keep the letter where the row has it. */
function neighbour(rows: Schemas['SeatRow'][], at: string, [down, right]: [number, number]): string {
  const lines = rows.map((row) => row.blocks.flat());
  const line = lines.findIndex((seats) => seats.some((seat) => seat.seat === at));
  const seats = lines[line] ?? [];
  const column = seats.findIndex((seat) => seat.seat === at);
  if (right) return seats[column + right]?.seat ?? at;
  const next = lines[line + down];
  const here = seats[column];
  if (!next || !here) return at;
  return (next.find((seat) => letter(seat) === letter(here)) ?? next[Math.min(column, next.length - 1)] ?? here).seat;
}

interface SeatButtonProps {
  seat: Seat;
  who: number;
  isChosen: boolean;
  isNews: boolean;
  isStop: boolean;
  focused: () => void;
  pick: () => void;
}

function SeatButton({ seat, who, isChosen, isNews, isStop, focused, pick }: SeatButtonProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const free = canHave(seat, who);
  const words: Record<string, string> = {
    window: t`window`,
    aisle: t`aisle`,
    middle: t`middle`,
    exit: t`exit row`,
    bulkhead: t`first row`,
    extra_legroom: t`more legroom`,
  };
  const price = seat.price.amount === 0 ? t`free of charge` : formatMoney(seat.price, locale, true);
  const state = isChosen
    ? t`chosen`
    : seat.state === 'yours'
      ? t`yours`
      : free
        ? t`available, ${price}`
        : seat.state === 'free'
          ? t`not for this traveller`
          : t`taken`;
  const name = [seat.seat, ...seat.features.flatMap((one) => words[one] ?? []), state, isNews && t`new`]
    .filter(Boolean)
    .join(', ');
  const look =
    isChosen || seat.state === 'yours'
      ? 'bg-kesar border-kesar text-black font-bold'
      : !free
        ? 'border-transparent bg-sunk text-soft'
        : seat.zone === 'extra_legroom'
          ? 'border-brand bg-tint border-t-[5px]'
          : seat.zone === 'front'
            ? 'border-brand bg-tint'
            : 'border-field bg-card hover:bg-tint';
  return (
    <div role="gridcell" className="contents">
      <button
        type="button"
        data-seat={seat.seat}
        tabIndex={isStop ? 0 : -1}
        aria-label={name}
        aria-disabled={!free && !isChosen ? true : undefined}
        aria-pressed={isChosen}
        onFocus={focused}
        onClick={() => free && pick()}
        className={`figures grid size-9 place-items-center rounded-t-xl rounded-b-md border-[1.5px] text-xs sm:size-10 ${look} ${isNews ? 'outline-2 outline-offset-1 outline-kesar outline-dashed' : ''} ${free ? '' : 'cursor-not-allowed!'}`}
      >
        <span aria-hidden="true">{isChosen || free || seat.state === 'yours' ? letter(seat) : '×'}</span>
      </button>
    </div>
  );
}

/** What has just happened, in a place that is kept for it: said once, and nothing moves. */
function News({ news: { taken, freed } }: { news: SeatNews }) {
  const { t } = useLingui();
  const took = told(taken);
  const gave = told(freed);
  const texts = [taken.length > 0 && t`Just taken: ${took}.`, freed.length > 0 && t`Free again: ${gave}.`];
  return (
    <p role="status" className="min-h-10 text-sm font-semibold text-kesar-ink sm:min-h-6">
      {texts.filter(Boolean).join(' ')}
    </p>
  );
}

/** So many seats are named; of more there is the number. */
const NAMED = 3;

const told = (seats: string[]) =>
  [...seats.slice(0, NAMED), seats.length > NAMED ? `+${seats.length - NAMED}` : ''].filter(Boolean).join(', ');

function Legend() {
  const box = 'inline-grid size-6 place-items-center rounded-t-lg rounded-b border-[1.5px] text-xs';
  return (
    <ul className="mb-2 flex flex-wrap gap-x-5 gap-y-2 text-sm">
      <li className="flex items-center gap-2">
        <span className={`${box} border-field bg-card`} /> <Trans>standard</Trans>
      </li>
      <li className="flex items-center gap-2">
        <span className={`${box} border-brand bg-tint`} /> <Trans>front</Trans>
      </li>
      <li className="flex items-center gap-2">
        <span className={`${box} border-t-[5px] border-brand bg-tint`} /> <Trans>more legroom</Trans>
      </li>
      <li className="flex items-center gap-2">
        <span className={`${box} border-transparent bg-sunk text-soft`}>×</span> <Trans>not available</Trans>
      </li>
    </ul>
  );
}
