import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Schemas } from '../../api/client';
import { Waypoints } from '../../ui/flight-line';
import { Icon } from '../../ui/icons';

export type Booking = Schemas['BookingView'];
export type Flight = Schemas['CheckInFlight'];
export type Passenger = Schemas['CheckInPassenger'];

export type Step = 'who' | 'papers' | 'safety';

export const nameOf = (booking: Booking, passenger: number): string => {
  const one = booking.passengers.find((each) => each.passenger === passenger);
  return one ? `${one.given_name} ${one.family_name}` : String(passenger);
};

export const can = (passenger: Passenger, action: string): boolean =>
  passenger.available_actions.some((one) => one.action === action);

/** Back to the trip that a screen belongs to. */
export function ToTrip({ id }: { id: string }) {
  return (
    <Link
      to="/trips/$id"
      params={{ id }}
      className="mb-3 inline-flex min-h-11 items-center gap-1 font-semibold text-brand"
    >
      <Icon name="back" className="size-5 rtl:-scale-x-100" />
      <Trans>The trip</Trans>
    </Link>
  );
}

interface FrameProps {
  step: Step;
  papers: boolean;
  title: string;
  intro?: ReactNode;
  children: ReactNode;
}

/** A step of check-in, with its place on the way to the boarding pass. */
export function Frame({ step, papers, title, intro, children }: FrameProps) {
  const { t } = useLingui();
  const all: [Step | 'pass', string][] = [
    ['who', t`Travellers`],
    ...(papers ? [['papers', t`Passports`] as [Step, string]] : []),
    ['safety', t`Safety`],
    ['pass', t`Boarding pass`],
  ];
  return (
    <div className="page max-w-3xl pt-6">
      <Waypoints
        label={t`Steps of check-in`}
        steps={all.map(([, name]) => name)}
        at={all.findIndex(([name]) => name === step)}
      />
      <h1 className="display text-3xl sm:text-4xl">{title}</h1>
      {intro && <p className="mt-2 max-w-prose text-soft">{intro}</p>}
      <div className="mt-6 space-y-5">{children}</div>
    </div>
  );
}
