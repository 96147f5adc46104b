import { Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { waysOf } from '../../api/booking';
import type { Schemas } from '../../api/client';
import { Waypoints } from '../../ui/flight-line';
import { Price } from '../../ui/parts';
import { Hold, HoldEnds, HoldOver } from './hold';

export type Booking = Schemas['BookingView'];

interface FrameProps {
  at: number;
  title: string;
  intro?: string;
  children: ReactNode;
  aside?: ReactNode;
  /** What the step is about, once it is held. */
  booking?: Booking;
}

/** The last step. */
const PAY = 3;

/** A step of booking: where one is on the way, what is to be done, and what it costs so far. */
export function Frame({ at, title, intro, children, aside, booking }: FrameProps) {
  const { t } = useLingui();
  return (
    <div className="page pt-6">
      <Waypoints label={t`Steps of the booking`} steps={[t`Travellers`, t`Seats`, t`Extras`, t`Pay`]} at={at} />
      <div className="grid items-start gap-x-8 gap-y-6 lg:grid-cols-[1fr_20rem]">
        <div className="min-w-0">
          <h1 className="display text-3xl sm:text-4xl">{title}</h1>
          {intro && <p className="mt-2 max-w-prose text-soft">{intro}</p>}
          <div className="mt-6 space-y-5">
            {/* What is paid at the end says itself how it went. */}
            {booking?.status === 'expired' && at < PAY ? <HoldOver booking={booking} /> : children}
          </div>
          {booking && <HoldEnds booking={booking} />}
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
