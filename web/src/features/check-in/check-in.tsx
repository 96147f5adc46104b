import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { isLost } from '../../api/client';
import { booking as bookingQuery, checkIn } from '../../api/hooks';
import { useNews } from '../../api/use-news';
import { useTitle } from '../../lib/title';
import { Stale, Trouble, Waiting } from '../../ui/parts';
import { type Booking, can, type Flight, type Step, ToTrip } from './frame';
import { Overview } from './overview';
import { Safety } from './safety';
import { Who } from './who';

/** Most routes ask for no passport. */
const Papers = lazy(() => import('./papers'));

/** Check-in, step by step; which flights, who, and how far stands in the address, so that Back and a reload lose nothing. */
export default function CheckInScreen() {
  const { t } = useLingui();
  const { id = '' } = useParams({ strict: false });
  const booking = useQuery(bookingQuery(id));
  const state = useQuery(checkIn(id));
  useTitle(t`Check-in`);
  if (isLost(booking) || isLost(state)) {
    return (
      <div className="page max-w-3xl pt-6">
        <ToTrip id={id} />
        <h1 className="display mb-5 text-4xl">
          <Trans>Check-in</Trans>
        </h1>
        <Trouble
          error={booking.error ?? state.error}
          retry={() => {
            void booking.refetch();
            void state.refetch();
          }}
        />
      </div>
    );
  }
  if (!booking.data || !state.data) return <Waiting />;
  return (
    <>
      <Stale of={booking.error ? booking : state} page />
      <Steps booking={booking.data} flights={state.data.flights} />
    </>
  );
}

/** Of one slice, the flights that somebody can be checked in to now. */
const openFlights = (booking: Booking, flights: Flight[], slice: number): Flight[] => {
  const of = booking.segments.filter((one) => one.slice === slice).map((one) => one.segment);
  return flights.filter(
    (one) =>
      of.includes(one.segment) &&
      one.check_in === 'open' &&
      one.passengers.some((each) => can(each, 'check_in') || can(each, 'add_document')),
  );
};

function Steps({ booking, flights }: { booking: Booking; flights: Flight[] }) {
  // It opens and closes while somebody looks.
  useNews(booking);
  const raw = useSearch({ strict: false });
  const navigate = useNavigate();
  const slice = Number(raw.slice);
  const open = openFlights(booking, flights, slice);
  if (open.length === 0) return <Overview booking={booking} flights={flights} />;
  const able = [
    ...new Set(
      open.flatMap((flight) =>
        flight.passengers.filter((one) => can(one, 'check_in') || can(one, 'add_document')).map((one) => one.passenger),
      ),
    ),
  ].sort((one, other) => one - other);
  const chosen = (raw.who ?? '')
    .split('.')
    .map(Number)
    .filter((one) => able.includes(one));
  const go = (step: Step, who: number[]) =>
    void navigate({
      to: '/trips/$id/check-in',
      params: { id: booking.id },
      search: { slice: String(slice), step, who: who.join('.') },
    });
  const common = { booking, flights: open, papers: open.some((one) => one.passport) };
  if (raw.step === 'papers' && chosen.length > 0) {
    return (
      <Suspense fallback={<Waiting />}>
        <Papers {...common} chosen={chosen} then={() => go('safety', chosen)} />
      </Suspense>
    );
  }
  if (raw.step === 'safety' && chosen.length > 0) return <Safety {...common} chosen={chosen} />;
  return (
    <Who
      {...common}
      able={able}
      chosen={able.length === 1 ? able : chosen}
      then={(who) => go(common.papers ? 'papers' : 'safety', who)}
    />
  );
}
