import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type Way, waysOf } from '../../api/booking';
import { isLost, type Schemas } from '../../api/client';
import { booking as bookingQuery, useLocale } from '../../api/hooks';
import { dayOf, formatDay, formatMoment, isDay, today } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { Icon } from '../../ui/icons';
import { City, JourneyLine } from '../../ui/journey';
import { Trouble, Waiting } from '../../ui/parts';
import { Flights } from './flights';
import { Quoted } from './quote';

export type Booking = Schemas['BookingView'];
export type Slice = Way;

/** Why a way cannot be changed now, as far as it is known here; whether it can, the API says (`can`). */
function useWhyNot(booking: Booking) {
  const { t } = useLingui();
  return (slice: Slice): string => {
    if (booking.orders.some((one) => one.status === 'open'))
      return t`First pay for what waits to be paid, or let it go; both stand on the trip's page.`;
    if (slice.flights.some((one) => Date.parse(one.departs_at) < Date.now())) return t`It has left.`;
    const isIn = (segment: number) =>
      booking.coupons.some((one) => one.segment === segment && one.status === 'checked_in');
    if (slice.flights.some((one) => isIn(one.segment))) return t`Take the check-in back first.`;
    if (!slice.fare_family.conditions.changeable) return t`${slice.fare_family.name} cannot be changed.`;
    return t`It cannot be changed now.`;
  };
}

/** Other flights for one way of a trip: which way, which day and flight, and what that costs, before anything is done. */
export default function Change() {
  const { t } = useLingui();
  const { id = '' } = useParams({ strict: false });
  const query = useQuery(bookingQuery(id));
  useTitle(t`Change flights`);
  if (isLost(query))
    return (
      <div className="page max-w-3xl space-y-4 py-10">
        <h1 className="display text-3xl">
          <Trans>Change flights</Trans>
        </h1>
        <Trouble error={query.error} retry={() => query.refetch()} />
      </div>
    );
  if (!query.data) return <Waiting />;
  return <Steps booking={query.data} />;
}

function Steps({ booking }: { booking: Booking }) {
  const raw = useSearch({ strict: false });
  const navigate = useNavigate();
  const slices = waysOf(booking);
  const open = slices.filter((one) => booking.can.some((each) => each.action === 'change' && each.slice === one.slice));
  // With one way there is nothing to choose.
  const slice = open.find((one) => `${one.slice}` === raw.slice) ?? (slices.length === 1 ? open[0] : undefined);
  const to = (search: Record<string, string>, { replace = false, resetScroll = true } = {}) =>
    void navigate({ to: '/trips/$id/change', params: { id: booking.id }, search, replace, resetScroll });
  const on = raw.on && isDay(raw.on) && raw.on >= today() ? raw.on : dayOf(slice?.flights[0]?.departs_at ?? today());
  return (
    <div className="page max-w-4xl pt-6">
      <Link
        to="/trips/$id"
        params={{ id: booking.id }}
        className="mb-3 inline-flex min-h-11 items-center gap-1 font-semibold text-brand"
      >
        <Icon name="back" className="size-5 rtl:-scale-x-100" />
        <Trans>Trip {booking.locator}</Trans>
      </Link>
      {!slice ? (
        <Which
          booking={booking}
          slices={slices}
          open={open}
          choose={(one) => to({ slice: `${one.slice}`, step: 'flight' })}
        />
      ) : raw.offer ? (
        <Quoted
          booking={booking}
          slice={slice}
          offer={raw.offer}
          back={() => to({ slice: `${slice.slice}`, on, step: 'flight' })}
        />
      ) : (
        <Flights
          booking={booking}
          slice={slice}
          on={on}
          setDay={(day) =>
            to({ slice: `${slice.slice}`, on: day, step: 'flight' }, { replace: true, resetScroll: false })
          }
          choose={(offer) => to({ slice: `${slice.slice}`, on, offer, step: 'price' })}
        />
      )}
    </div>
  );
}

interface WhichProps {
  booking: Booking;
  slices: Slice[];
  open: Slice[];
  choose: (slice: Slice) => void;
}

function Which({ booking, slices, open, choose }: WhichProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const whyNot = useWhyNot(booking);
  const name = (one: Slice) => `${one.flights[0]?.origin} → ${one.flights.at(-1)?.destination}`;
  return (
    <>
      <h1 className="display text-3xl sm:text-4xl">
        {open.length > 0 ? <Trans>Which way do you change?</Trans> : <Trans>These flights cannot be changed</Trans>}
      </h1>
      {open.length > 0 && (
        <p className="mt-2 text-soft">
          <Trans>First you see what it costs. Nothing happens before you say so.</Trans>
        </p>
      )}
      <ul className="mt-6 space-y-4">
        {slices.map((one) => (
          <li key={one.slice} className="panel p-5">
            <h2 className="text-xl">
              <City code={one.flights[0]?.origin ?? ''} /> → <City code={one.flights.at(-1)?.destination ?? ''} />
            </h2>
            <p className="mt-1 mb-3 text-sm text-soft">
              {formatDay(dayOf(one.flights[0]?.departs_at ?? ''), locale, 'long')} · {one.fare_family.name}
            </p>
            <JourneyLine flights={one.flights} />
            {open.includes(one) ? (
              <>
                <Until booking={booking} slice={one} />
                <button
                  type="button"
                  className="btn btn-main mt-4 max-sm:w-full"
                  aria-label={t`Change this way: ${name(one)}`}
                  onClick={() => choose(one)}
                >
                  <Trans>Change this way</Trans>
                </button>
              </>
            ) : (
              <p className="mt-4 font-semibold text-kesar-ink">{whyNot(one)}</p>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Until when it can be changed; a fare without changes can be soon after booking, where the law says so. */
function Until({ booking, slice }: { booking: Booking; slice: Slice }) {
  const locale = useLocale();
  const until = booking.can.find((one) => one.action === 'change' && one.slice === slice.slice)?.until;
  if (!until) return null;
  return (
    <p className="mt-4 text-sm text-soft">
      <Trans>Until {formatMoment(until, locale)}, your time.</Trans>
    </p>
  );
}
