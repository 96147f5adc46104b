import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { type ReactNode, useEffect, useState } from 'react';
import { waysOf } from '../../api/booking';
import type { Schemas } from '../../api/client';
import { Waypoints } from '../../ui/flight-line';
import { Price } from '../../ui/parts';

export type Booking = Schemas['BookingView'];

interface FrameProps {
  at: number;
  title: string;
  intro?: string;
  children: ReactNode;
  aside?: ReactNode;
}

/** A step of booking: where one is on the way, what is to be done, and what it costs so far. */
export function Frame({ at, title, intro, children, aside }: FrameProps) {
  const { t } = useLingui();
  return (
    <div className="page pt-6">
      <Waypoints label={t`Steps of the booking`} steps={[t`Travellers`, t`Seats`, t`Extras`, t`Pay`]} at={at} />
      <div className="grid items-start gap-x-8 gap-y-6 lg:grid-cols-[1fr_20rem]">
        <div className="min-w-0">
          <h1 className="display text-3xl sm:text-4xl">{title}</h1>
          {intro && <p className="mt-2 max-w-prose text-soft">{intro}</p>}
          <div className="mt-6 space-y-5">{children}</div>
        </div>
        {aside && <aside className="panel p-5 lg:sticky lg:top-20">{aside}</aside>}
      </div>
    </div>
  );
}

/** What is held, until when, and for how much. */
export function HeldSummary({ booking, more }: { booking: Booking; more?: ReactNode }) {
  return (
    <>
      <h2 className="text-lg">
        <Trans>Your booking</Trans> <span className="figures">{booking.locator}</span>
      </h2>
      <ul className="my-3 space-y-1 text-sm">
        {waysOf(booking).map((slice) => {
          const { flights } = slice;
          return (
            <li key={slice.slice} className="flex justify-between gap-3">
              <span>
                {flights[0]?.origin} → {flights.at(-1)?.destination} · {slice.fare_family.name}
              </span>
              <Price money={slice.price} />
            </li>
          );
        })}
        {booking.extras
          .filter((extra) => extra.status === 'reserved' || extra.status === 'issued')
          .map((extra) => (
            <li key={extra.extra} className="flex justify-between gap-3">
              <span>
                {extra.name} {extra.seat}
              </span>
              <Price money={extra.price} />
            </li>
          ))}
      </ul>
      {more}
      <p className="flex items-baseline justify-between border-t border-edge pt-3 font-semibold">
        <Trans>Total</Trans> <Price money={booking.price} className="text-2xl" />
      </p>
      {booking.hold_expires_at && <Hold until={booking.hold_expires_at} />}
    </>
  );
}

/** Minutes that the seats are kept: a real limit, told without hurry. */
export function Hold({ until }: { until: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  const minutes = Math.max(0, Math.ceil((Date.parse(until) - now) / 60_000));
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
