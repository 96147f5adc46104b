import { Trans } from '@lingui/react/macro';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import { fliersOf, type Way } from '../../api/booking';
import { api, ask, type Schemas } from '../../api/client';
import { searchPage, useLocale } from '../../api/hooks';
import { clock, clockBeside, dayOf, formatDay, formatMoment, today } from '../../lib/time';
import { City } from '../../ui/journey';
import { Price, Skeleton, Trouble } from '../../ui/parts';

type Booking = Schemas['BookingView'];
type Flight = Schemas['BookedSegment'];

interface DisruptionProps {
  booking: Booking;
  way: Way;
}

/** All of a way given back, by whoever flies it. */
const refundOf = (booking: Booking, way: Way) =>
  queryOptions({
    queryKey: ['refund', booking.id, way.slice, way.flights.map((one) => one.status)],
    queryFn: () =>
      ask(
        api.POST('/api/v1/bookings/{id}/cancellation-quote', {
          params: { path: { id: booking.id } },
          body: {
            passengers: fliersOf(booking, way).map((one) => one.passenger),
            segments: way.flights.map((one) => one.segment),
          },
        }),
      ),
    staleTime: 60_000,
    retry: false,
  });

/** What the airline did to a way, and what its travellers can do now: each with its figures, and none of them chosen for anybody. */
export default function Disruption({ booking, way }: DisruptionProps) {
  const heading = useId();
  const can = (action: string) => booking.can.find((one) => one.action === action && one.slice === way.slice);
  const [change, cancel] = [can('change'), can('cancel')];
  const cancelled = way.flights.find((one) => one.status === 'cancelled');
  const refund = useQuery({ ...refundOf(booking, way), enabled: cancel !== undefined });
  const why = refund.data?.lines.find((one) => one.reason === 'airline_cancelled' || one.reason === 'airline_moved');
  // Late, and not so late that its ticket goes back for it.
  if (!cancelled && !why) return null;
  const back = booking.can.some(
    (one) => one.action === 'undo_check_in' && way.flights.some((flight) => flight.segment === one.segment),
  );
  return (
    <section aria-labelledby={heading} className="panel border-2 border-bad p-5 shadow-card">
      <h2 id={heading} className="text-2xl">
        {cancelled ? <Trans>Your flight is cancelled</Trans> : <Trans>Your flight is much later than it was</Trans>}
      </h2>
      <Told way={way} cancelled={cancelled} />
      <ul className="mt-4 grid gap-4 sm:grid-cols-2">
        <li className="flex flex-col gap-2 rounded-2xl border border-edge p-4">
          <h3 className="text-lg">
            <Trans>Another flight</Trans>
          </h3>
          {change ? (
            <Another booking={booking} way={way} until={change.until} />
          ) : (
            <p className="text-soft">
              {back ? <Trans>Take the check-in back first.</Trans> : <Trans>This way cannot be changed now.</Trans>}
            </p>
          )}
          {!change && back && (
            <Link to="/trips/$id/check-in" params={{ id: booking.id }} className="btn btn-quiet mt-auto">
              <Trans>To check-in</Trans>
            </Link>
          )}
        </li>
        <li className="flex flex-col gap-2 rounded-2xl border border-edge p-4">
          <h3 className="text-lg">
            <Trans>The money back</Trans>
          </h3>
          {refund.error ? (
            <Trouble error={refund.error} retry={() => refund.refetch()} />
          ) : refund.data ? (
            <>
              <Figure name={<Trans>You get back</Trans>} money={refund.data.refund} />
              <p className="text-sm">{why?.text}</p>
              <End until={cancel?.until} />
              {cancelled && (
                <p className="text-sm text-soft">
                  <Trans>Whoever chooses nothing gets the money for this way back by itself, after a while.</Trans>
                </p>
              )}
              <Link
                to="/trips/$id/cancel"
                params={{ id: booking.id }}
                search={{
                  ways: String(way.slice),
                  who: refund.data.passengers.join('.'),
                  step: 'price',
                }}
                className="btn btn-quiet mt-auto"
              >
                <Trans>Give this way back</Trans>
              </Link>
            </>
          ) : (
            <Skeleton className="h-24" />
          )}
        </li>
      </ul>
      {!cancelled && (
        <p className="mt-4 text-soft">
          <Trans>Or fly as it is now: then there is nothing to do.</Trans>
        </p>
      )}
    </section>
  );
}

/** What happened, in plain words. */
function Told({ way, cancelled }: { way: Way; cancelled: Flight | undefined }) {
  const locale = useLocale();
  const flight = cancelled ?? way.flights.find((one) => one.arrives_at !== one.estimated_arrives_at) ?? way.flights[0];
  if (!flight) return null;
  const day = formatDay(dayOf(flight.departs_at), locale);
  const [leaves, lands] = [
    clockBeside(flight.departs_at, flight.estimated_departs_at, locale),
    clockBeside(flight.arrives_at, flight.estimated_arrives_at, locale),
  ];
  return (
    <p className="mt-2">
      {cancelled ? (
        <Trans>
          We do not fly {flight.flight_number} from <City code={flight.origin} /> to <City code={flight.destination} />{' '}
          on {day}. We are sorry. What happens next is for you to choose.
        </Trans>
      ) : (
        <Trans>
          {flight.flight_number} from <City code={flight.origin} /> to <City code={flight.destination} /> on {day}{' '}
          leaves at {leaves} and arrives at {lands}; it was to leave at {clock(flight.departs_at)} and arrive at{' '}
          {clock(flight.arrives_at)}. We are sorry.
        </Trans>
      )}
    </p>
  );
}

function Figure({ name, money }: { name: ReactNode; money: Schemas['Money'] }) {
  return (
    <p className="flex flex-wrap items-baseline justify-between gap-x-3">
      <span>{name}</span> <Price money={money} className="text-2xl font-bold" />
    </p>
  );
}

function End({ until: moment }: { until?: string | null | undefined }) {
  const locale = useLocale();
  if (!moment) return null;
  const until = formatMoment(moment, locale);
  return (
    <p className="text-sm text-soft">
      <Trans>Until {until}, your time.</Trans>
    </p>
  );
}

/** The cheapest flight of the same day, or of today where that is over, and what changing to it costs. */
const nearest = (booking: Booking, way: Way) =>
  queryOptions({
    queryKey: ['nearest', booking.id, way.slice],
    queryFn: async () => {
      const [first, last] = [way.flights[0], way.flights.at(-1)];
      const fliers = fliersOf(booking, way);
      const count = (type: string) => fliers.filter((one) => one.type === type).length;
      const day = dayOf(first?.departs_at ?? '');
      const found = await searchPage({
        origin: first?.origin ?? '',
        destination: last?.destination ?? '',
        date: [day, today()].sort()[1] ?? day,
        adults: count('adult'),
        children: count('child'),
        infants: count('infant'),
        cabin: first?.cabin,
        sort: 'price',
      });
      const one = found.itineraries[0];
      if (!one) return null;
      const body = { slices: [{ slice: way.slice, offer_id: one.offer_id }] };
      const quote = await ask(
        api.POST('/api/v1/bookings/{id}/change-quote', { params: { path: { id: booking.id } }, body }),
      );
      return { flights: one.segments, quote };
    },
    staleTime: 60_000,
    retry: false,
  });

function Another({ booking, way, until }: DisruptionProps & { until?: string | null | undefined }) {
  const locale = useLocale();
  const found = useQuery(nearest(booking, way)).data;
  const fee = way.fare_family.conditions.change_fee;
  const none = { amount: 0, currency: booking.price.currency };
  const first = found?.flights[0];
  const at = first && `${formatDay(dayOf(first.departs_at), locale)}, ${clock(first.departs_at)}`;
  const back = (found?.quote.refund.amount ?? 0) > 0;
  return (
    <>
      <Figure name={<Trans>Fee</Trans>} money={found?.quote.fee ?? none} />
      {fee && fee.amount > 0 && (
        <p className="text-sm">
          <Trans>
            Otherwise this fare has a fee of <Price money={fee} /> for each traveller.
          </Trans>
        </p>
      )}
      {found && at && (
        <p className="text-sm">
          {found.quote.due.amount > 0 ? (
            <Trans>
              The cheapest near it, {at}: <Price money={found.quote.due} /> more.
            </Trans>
          ) : back ? (
            <Trans>
              The cheapest near it, {at}: <Price money={found.quote.refund} /> back.
            </Trans>
          ) : (
            <Trans>The cheapest near it, {at}: nothing more to pay.</Trans>
          )}
        </p>
      )}
      <p className="text-sm text-soft">
        <Trans>You see the price of each flight before anything is done.</Trans>
      </p>
      <End until={until} />
      <Link
        to="/trips/$id/change"
        params={{ id: booking.id }}
        search={{ slice: String(way.slice), step: 'flight1' }}
        className="btn btn-quiet mt-auto"
      >
        <Trans>Choose another flight</Trans>
      </Link>
    </>
  );
}
