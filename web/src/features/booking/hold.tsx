import { Plural, Trans } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense, useEffect, useRef, useState } from 'react';
import { waysOf } from '../../api/booking';
import type { Schemas } from '../../api/client';
import { booking as bookingQuery } from '../../api/hooks';
import { extraPart } from '../../lib/later-part';
import { CABINS, writeQuery } from '../../lib/search';
import { dayOf } from '../../lib/time';
import { serverNow } from './clock';

const KeepLonger = extraPart(() => import('./keep-longer'));

type Booking = Schemas['BookingView'];

const TICK_MS = 5_000;
/** So long before the end more time is offered: WCAG 2.2.1 asks for 20 seconds at least. */
const ENDS_MS = 120_000;

/** Milliseconds until the server's clock is at a moment; counted in steps that nobody has to watch. */
function useLeft(until: string | undefined): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return until ? Date.parse(until) - now : Number.POSITIVE_INFINITY;
}

const minutesOf = (left: number): number => Math.max(0, Math.ceil(left / 60_000));

/** Minutes that the seats are kept: a real limit, told without hurry. */
export function Hold({ until }: { until: string }) {
  const minutes = minutesOf(useLeft(until));
  return (
    <p className="mt-3 text-sm text-soft">
      {minutes > 0 ? (
        <Plural
          value={minutes}
          one="Your seats are kept for # more minute."
          other="Your seats are kept for # more minutes."
        />
      ) : (
        <Trans>The time is over; the seats are free again.</Trans>
      )}
    </p>
  );
}

/** What has to be paid by when: the hold, or what was added to a trip or changed. */
const deadlineOf = (booking: Booking): string | undefined =>
  (booking.status === 'held'
    ? booking.hold_expires_at
    : booking.orders.find((order) => order.status === 'open')?.expires_at) ?? undefined;

/** Asks how a booking stands once its time is over, until it is said: what is shown of it is from before. */
function useEnd(booking: Booking, isOver: boolean) {
  const client = useQueryClient();
  useEffect(() => {
    if (!isOver) return;
    const look = () => void client.invalidateQueries({ queryKey: bookingQuery(booking.id).queryKey });
    look();
    const timer = setInterval(look, TICK_MS);
    return () => clearInterval(timer);
  }, [isOver, booking.id, client]);
}

/**
 * The end of a hold: told while there is time to do something about it, with more time for whoever wants it. It stands at the end of the page, and at
 * the lower edge of the window while the end is not in sight: nothing moves, and nothing stays covered.
 */
export function HoldEnds({ booking }: { booking: Booking }) {
  const left = useLeft(deadlineOf(booking));
  const place = useRef<HTMLDivElement>(null);
  // It is not looked for again: once it was told, what came of it stays.
  const [wasNear, setWasNear] = useState(false);
  const isHeld = booking.status === 'held';
  const isNear = isHeld && left > 0 && left <= ENDS_MS;
  if (isNear && !wasNear) setWasNear(true);
  useEnd(booking, left <= 0);
  return (
    <div ref={place} role="status" tabIndex={-1} className={`outline-none ${isNear ? 'sticky bottom-3 z-10' : ''}`}>
      {isHeld && wasNear && (
        <Suspense>
          <KeepLonger booking={booking} isNear={isNear} minutes={minutesOf(left)} done={() => place.current?.focus()} />
        </Suspense>
      )}
    </div>
  );
}

/** The same search, which knows what is to be had now. */
export function SearchAgain({ booking }: { booking: Booking }) {
  const legs = waysOf(booking).map(({ flights }) => ({
    from: flights[0]?.origin ?? '',
    to: flights.at(-1)?.destination ?? '',
    on: dayOf(flights[0]?.departs_at ?? ''),
  }));
  const count = (type: string) => booking.passengers.filter((one) => one.type === type).length;
  const party = { adults: count('adult'), children: count('child'), infants: count('infant') };
  const cabin = CABINS.find((one) => one === booking.segments[0]?.cabin) ?? 'economy';
  return (
    <Link to="/results" search={writeQuery({ legs, ...party, cabin })} className="btn btn-quiet mt-3">
      <Trans>Search again</Trans>
    </Link>
  );
}

/** A hold that is there no more: what became of it, and the way on. Whoever pressed what has gone with it is here. */
export function HoldOver({ booking }: { booking: Booking }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) place.current?.focus();
  }, []);
  return (
    <div ref={place} tabIndex={-1} className="outline-none">
      <div role="status" className="rounded-2xl bg-kesar-tint p-4 text-kesar-ink">
        <p className="font-semibold">
          {booking.status === 'cancelled' ? (
            <Trans>This booking was cancelled, and the seats are free again. Nothing was charged.</Trans>
          ) : (
            <Trans>The time to pay is over, and the seats are free again. Nothing was charged.</Trans>
          )}
        </p>
        <SearchAgain booking={booking} />
      </div>
    </div>
  );
}
