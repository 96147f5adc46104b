import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import type { Schemas } from '../../api/client';
import { laterPart } from '../../lib/later-part';
import { dayOf } from '../../lib/time';
import { Icon } from '../icons';
import { watches } from './watch';

const WatchSheet = laterPart(() => import('./watch-sheet'));

type Flight = Schemas['BookedSegment'];

interface WatchFareProps {
  booking: Schemas['BookingView'];
  flights: Flight[];
}

/** To be told when a flight that was bought costs less than it did: a button for each that is still to come. */
export default function WatchFare({ booking, flights }: WatchFareProps) {
  const { t } = useLingui();
  const [open, setOpen] = useState<Flight>();
  const mine = useQuery(watches).data?.watches ?? [];
  const isWatched = (flight: Flight) =>
    mine.some((one) => one.booking_id === booking.id && one.flight_id === flight.flight_id);
  return (
    <div className="mt-4 flex flex-wrap gap-3">
      {flights.map((one) =>
        isWatched(one) ? (
          <Link key={one.segment} to="/alerts" className="btn btn-quiet">
            <Icon name="check" />
            <Trans>You watch what {one.flight_number} costs</Trans>
          </Link>
        ) : (
          <button
            key={one.segment}
            type="button"
            className="btn btn-quiet"
            aria-label={flights.length > 1 ? undefined : t`Tell me when it costs less: ${one.flight_number}`}
            onClick={() => setOpen(one)}
          >
            <Icon name="bell" />
            {flights.length > 1 ? (
              <Trans>Tell me when {one.flight_number} costs less</Trans>
            ) : (
              <Trans>Tell me when it costs less</Trans>
            )}
          </button>
        ),
      )}
      {open && (
        <Suspense>
          <WatchSheet
            subject={{
              origin: open.origin,
              destination: open.destination,
              date: dayOf(open.departs_at),
              cabin: open.cabin,
              seats: booking.passengers.filter((one) => one.type !== 'infant').length,
              currency: booking.price.currency,
              flight: { id: open.flight_id, number: open.flight_number },
              booking: booking.id,
            }}
            close={() => setOpen(undefined)}
          />
        </Suspense>
      )}
    </div>
  );
}
