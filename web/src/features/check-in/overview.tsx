import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useRef } from 'react';
import { api, ask } from '../../api/client';
import { checkIn, useLocale } from '../../api/hooks';
import { clock, dayOf, formatDay, formatMoment } from '../../lib/time';
import { Icon } from '../../ui/icons';
import { City } from '../../ui/journey';
import { Tag, Trouble } from '../../ui/parts';
import { type Booking, can, type Flight, nameOf, type Passenger, ToTrip } from './frame';

/** Every flight of the trip: when it can be checked in to, and how far everybody is. */
export function Overview({ booking, flights }: { booking: Booking; flights: Flight[] }) {
  const some = flights.some((flight) => flight.passengers.some((one) => one.status === 'checked_in'));
  return (
    <div className="page max-w-3xl pt-6">
      <ToTrip id={booking.id} />
      <h1 className="display text-4xl">
        <Trans>Check-in</Trans>
      </h1>
      <div className="mt-6 space-y-5">
        {flights.length === 0 && (
          <p className="panel p-6 text-soft">
            <Trans>There is nothing to check in to: no flight of this trip is ticketed.</Trans>
          </p>
        )}
        {some && (
          <Link to="/trips/$id/passes" params={{ id: booking.id }} className="btn btn-main w-full">
            <Icon name="ticket" />
            <Trans>Boarding passes</Trans>
          </Link>
        )}
        {flights.map((flight) => (
          <OneFlight key={flight.segment} booking={booking} flight={flight} />
        ))}
      </div>
    </div>
  );
}

function OneFlight({ booking, flight }: { booking: Booking; flight: Flight }) {
  const locale = useLocale();
  const slice = booking.segments.find((one) => one.segment === flight.segment)?.slice;
  const able = flight.passengers.some((one) => can(one, 'check_in') || can(one, 'add_document'));
  return (
    <section className="panel space-y-4 p-5 shadow-card">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h2 className="text-xl">
          <City code={flight.origin} /> → <City code={flight.destination} />
        </h2>
        <p className="text-soft">
          {flight.flight_number} · {formatDay(dayOf(flight.departs_at), locale)} · {clock(flight.departs_at)}
        </p>
      </div>
      <When flight={flight} />
      <ul className="divide-y divide-edge border-t border-edge">
        {flight.passengers.map((one) => (
          <OnePassenger key={one.passenger} booking={booking} flight={flight} passenger={one} />
        ))}
      </ul>
      {able && flight.check_in === 'open' && (
        <Link
          to="/trips/$id/check-in"
          params={{ id: booking.id }}
          search={{ slice: String(slice), step: 'who' }}
          className="btn btn-main w-full"
        >
          <Trans>Check in</Trans>
        </Link>
      )}
    </section>
  );
}

/** In the traveller's own time: it is they who must be there. */
function When({ flight }: { flight: Flight }) {
  const locale = useLocale();
  const [opens, closes] = [formatMoment(flight.opens_at, locale), formatMoment(flight.closes_at, locale)];
  const counter = formatMoment(flight.counter_closes_at, locale);
  if (flight.check_in === 'not_open') {
    return (
      <p>
        <Trans>
          Opens <b>{opens}</b>, closes {closes}, your time.
        </Trans>
      </p>
    );
  }
  if (flight.check_in === 'open') {
    return (
      <p>
        <Trans>
          Open until <b>{closes}</b>, your time.
        </Trans>
      </p>
    );
  }
  return (
    <p className="text-soft">
      {Date.parse(flight.counter_closes_at) > Date.now() ? (
        <Trans>Closed here. The counter at the airport checks in until {counter}, your time.</Trans>
      ) : (
        <Trans>Closed.</Trans>
      )}
    </p>
  );
}

function OnePassenger({ booking, flight, passenger }: { booking: Booking; flight: Flight; passenger: Passenger }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { slice } = useSearch({ strict: false });
  const said = useRef<HTMLSpanElement>(null);
  const name = nameOf(booking, passenger.passenger);
  const words: Record<string, string> = {
    open: t`Not checked in`,
    checked_in: t`Checked in`,
    offloaded: t`At the counter only`,
    boarded: t`On board`,
    flown: t`Flown`,
    no_show: t`Did not board`,
  };
  const undo = useMutation({
    mutationFn: async () => {
      const path = { id: booking.id, segment: flight.segment, passenger: passenger.passenger };
      const view = await ask(api.DELETE('/api/v1/bookings/{id}/check-in/{segment}/{passenger}', { params: { path } }));
      // At the address of a step that step would take the place of this list, now that somebody can check in again.
      const at = { to: '/trips/$id/check-in', params: { id: booking.id }, replace: true } as const;
      if (slice !== undefined) await navigate({ ...at, search: {} });
      return view;
    },
    onSuccess: (view) => {
      client.setQueryData(checkIn(booking.id).queryKey, view);
      client.removeQueries({ queryKey: ['boarding-passes', booking.id] });
      // The keyboard goes on from what is so now: the button that was pressed is gone.
      said.current?.focus();
    },
  });
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-3">
      <span className="me-auto font-semibold">
        {name}
        {passenger.seat && <span className="figures ms-2 font-normal text-soft">{passenger.seat}</span>}
      </span>
      <span ref={said} role="status" tabIndex={-1} className="rounded-full">
        <Tag tone={passenger.status === 'checked_in' ? 'good' : passenger.status === 'offloaded' ? 'bad' : 'plain'}>
          {words[passenger.status] ?? passenger.status}
        </Tag>
      </span>
      {can(passenger, 'undo_check_in') && (
        <button
          type="button"
          className="btn btn-text"
          aria-label={t`Take back the check-in of ${name}`}
          disabled={undo.isPending}
          onClick={() => undo.mutate()}
        >
          <Trans>Take back</Trans>
        </button>
      )}
      {undo.error && (
        <div className="basis-full">
          <Trouble error={undo.error} />
        </div>
      )}
    </li>
  );
}
