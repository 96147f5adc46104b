import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useLocation, useParams, useSearch } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { brokenWays, isNear, type Way, waysOf } from '../../api/booking';
import { api, ask, hasPass, isLost, type Schemas } from '../../api/client';
import { booking as bookingQuery, checkIn, useKeepBooking, useLocale, usePlace } from '../../api/hooks';
import { useNews } from '../../api/use-news';
import { extraPart } from '../../lib/later-part';
import { dayOf, formatDay, formatMoment } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { FamilyTerms } from '../../ui/family';
import { Icon } from '../../ui/icons';
import { City, Timeline } from '../../ui/journey';
import { KeptTrips } from '../../ui/kept-trips';
import { useFlightNames, useStatusNames } from '../../ui/names';
import { Notice, Price, Skeleton, Stale, Tag, Trouble, Waiting } from '../../ui/parts';
import { Actions } from './actions';

/** Flights of these days alone are looked at like this. */
const Now = lazy(() => import('../../ui/now'));
const RouteMap = lazy(() => import('../../ui/route-map'));
const Disruption = extraPart(() => import('./disruption'));
const WatchFare = extraPart(() => import('../../ui/prices/watch-fare'));

type Booking = Schemas['BookingView'];

export default function Trip() {
  const { t } = useLingui();
  const { id = '' } = useParams({ strict: false });
  const booking = useQuery(bookingQuery(id));
  useTitle(booking.data ? t`Trip ${booking.data.locator}` : t`Trip`);
  // Where there is no network the question waits; who waits at a gate has their pass meanwhile.
  if (isLost(booking)) return <Unseen error={booking.error} retry={() => booking.refetch()} />;
  if (!booking.data) return <Waiting />;
  return <Shown booking={booking.data} stale={<Stale of={booking} />} />;
}

function Unseen({ error, retry }: { error: unknown; retry: () => void }) {
  const here = useLocation({ select: ({ pathname }) => pathname });
  return (
    <div className="page max-w-xl space-y-4 py-12">
      <h1 className="display text-3xl">
        <Trans>We cannot show this trip</Trans>
      </h1>
      <Trouble error={error} retry={retry} />
      <KeptTrips />
      <p className="flex flex-wrap gap-3">
        <Link to="/sign-in" search={{ next: here }} className="btn btn-main">
          <Trans>Sign in</Trans>
        </Link>
        <Link to="/retrieve" className="btn btn-quiet">
          <Trans>Find a booking</Trans>
        </Link>
      </p>
    </div>
  );
}

function Shown({ booking, stale }: { booking: Booking; stale: ReactNode }) {
  useNews(booking);
  const raw = useSearch({ strict: false });
  const names = useStatusNames();
  const end = waysOf(booking)[0]?.flights.at(-1)?.destination ?? '';
  const isNew = (raw.new === '1' || raw.changed === '1') && booking.status === 'confirmed';
  return (
    <>
      <section className="relative isolate overflow-hidden bg-deep text-white">
        <WayOnMap booking={booking} />
        <div className="page relative max-w-4xl pt-10 pb-52 sm:pb-36">
          {isNew && (
            <p
              role="status"
              className="mb-3 inline-flex items-center gap-2 rounded-full bg-good-tint px-4 py-1 font-semibold text-good"
            >
              <Icon name="check" />
              {raw.new ? (
                <Trans>Paid and confirmed. Have a good flight!</Trans>
              ) : (
                <Trans>Changed. Your new tickets are below.</Trans>
              )}
            </p>
          )}
          <h1 className="display text-5xl sm:text-6xl">
            <City code={end} />
          </h1>
          <p className="mt-3 flex flex-wrap items-center gap-3">
            <Locator text={booking.locator} />
            <Tag tone={booking.status === 'confirmed' ? 'good' : booking.status === 'held' ? 'note' : 'plain'}>
              {names[booking.status] ?? booking.status}
            </Tag>
          </p>
        </div>
      </section>
      <div className="page relative -mt-16 grid max-w-4xl items-start gap-5 sm:-mt-20 lg:grid-cols-[1fr_19rem]">
        <div className="min-w-0 space-y-5">
          {stale}
          {brokenWays(booking).map((way) => (
            <Suspense key={way.slice}>
              <Disruption booking={booking} way={way} />
            </Suspense>
          ))}
          <ToDo booking={booking} />
          {waysOf(booking).map((slice) => (
            <Slice key={slice.slice} slice={slice} booking={booking} />
          ))}
        </div>
        <div className="space-y-5">
          <Actions booking={booking} />
          <People booking={booking} />
          <Paid booking={booking} />
        </div>
      </div>
    </>
  );
}

/** Right of the words where there is room, else below them. */
const aside = (width: number, height: number): [[number, number], [number, number]] =>
  width < 640
    ? [
        [48, height - 145],
        [width - 48, height - 95],
      ]
    : [
        [width * 0.5, 60],
        [width * 0.92, height - 110],
      ];

function WayOnMap({ booking }: { booking: Booking }) {
  const [first] = waysOf(booking);
  const [from, to] = [usePlace(first?.flights[0]?.origin ?? ''), usePlace(first?.flights.at(-1)?.destination ?? '')];
  if (!from?.at || !to?.at) return null;
  return (
    <Suspense>
      <RouteMap dots={[]} lines={[[from.at, to.at]]} place={aside} className="absolute inset-0 -z-10 size-full" />
    </Suspense>
  );
}

function Locator({ text }: { text: string }) {
  const { t } = useLingui();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <span className="inline-flex items-center gap-1 rounded-xl bg-white/12 ps-4 text-2xl font-bold tracking-[0.12em]">
      {text}
      <button
        type="button"
        onClick={copy}
        className="grid size-11 place-items-center"
        aria-label={copied ? t`Copied` : t`Copy the booking code`}
      >
        <Icon name={copied ? 'check' : 'copy'} />
      </button>
    </span>
  );
}

/** What waits for the traveller. */
function ToDo({ booking }: { booking: Booking }) {
  if (!booking.available_actions.includes('pay'))
    return booking.status === 'confirmed' && <CheckIn booking={booking} />;
  const order = booking.orders.find((one) => one.status === 'open');
  return (
    <Notice tone="note">
      <p className="font-semibold">
        {order && booking.status === 'confirmed' ? (
          <Trans>Something you chose waits to be paid. Until then your tickets stay as they are.</Trans>
        ) : (
          <Trans>This is not paid yet.</Trans>
        )}
      </p>
      <div className="mt-3 flex flex-wrap gap-3">
        <Link to="/bookings/$id/pay" params={{ id: booking.id }} className="btn btn-main">
          <Trans>Pay now</Trans>
        </Link>
        {order && booking.can.some((one) => one.action === 'cancel_order') && (
          <GiveUp booking={booking} order={order.order} />
        )}
      </div>
    </Notice>
  );
}

/** Lets an order go that is not paid: the seats it kept are free again. */
function GiveUp({ booking, order }: { booking: Booking; order: number }) {
  const keepBooking = useKeepBooking();
  const go = useMutation({
    mutationFn: () =>
      ask(api.DELETE('/api/v1/bookings/{id}/orders/{order}', { params: { path: { id: booking.id, order } } })),
    onSuccess: keepBooking,
  });
  return (
    <>
      <button type="button" className="btn btn-quiet" disabled={go.isPending} onClick={() => go.mutate()}>
        <Trans>Leave it as it was</Trans>
      </button>
      {go.error && <Trouble error={go.error} />}
    </>
  );
}

/** Check-in, when it is open, and the passes of whoever is checked in. */
function CheckIn({ booking }: { booking: Booking }) {
  const { id } = booking;
  const locale = useLocale();
  const flights = useQuery(checkIn(id)).data?.flights ?? [];
  const has = (status: string) => flights.some((one) => one.passengers.some((each) => each.status === status));
  const open = flights.filter(
    (one) => one.check_in === 'open' && one.passengers.some((each) => each.status === 'open'),
  );
  const slice = booking.segments.find((one) => one.segment === open[0]?.segment)?.slice;
  const until = open[0] && formatMoment(open[0].closes_at, locale);
  if (!until && !has('checked_in')) return null;
  return (
    <section className="panel space-y-3 p-5 shadow-card">
      <h2 className="text-xl">{until ? <Trans>Check-in is open</Trans> : <Trans>You are checked in</Trans>}</h2>
      {until && (
        <>
          <p className="text-soft">
            <Trans>Until {until}, your time.</Trans>
          </p>
          <Link
            to="/trips/$id/check-in"
            params={{ id }}
            search={{ slice: String(slice), step: 'who' }}
            className="btn btn-main w-full"
          >
            <Icon name="check" />
            <Trans>Check in</Trans>
          </Link>
        </>
      )}
      {has('checked_in') && (
        <Link to="/trips/$id/passes" params={{ id }} className={`btn w-full ${until ? 'btn-quiet' : 'btn-main'}`}>
          <Icon name="ticket" />
          <Trans>Boarding passes</Trans>
        </Link>
      )}
    </section>
  );
}

/** The flights that somebody of the booking was on, for whoever may say how they were. */
const flownOf = (booking: Booking): number[] =>
  hasPass(booking.id) ? [] : booking.coupons.filter((one) => one.status === 'flown').map((one) => one.segment);

/** Whether its owner can be told that a way costs less by now. */
const mayWatch = (booking: Booking, first: Schemas['BookedSegment']): boolean =>
  booking.status === 'confirmed' && !hasPass(booking.id) && Date.parse(first.departs_at) > Date.now();

interface SliceProps {
  slice: Way;
  booking: Booking;
}

function Slice({ slice, booking }: SliceProps) {
  const locale = useLocale();
  const flown = flownOf(booking);
  const names = useFlightNames();
  const first = slice.flights[0];
  if (!first) return null;
  const unusual = slice.flights.filter((one) => one.status !== 'scheduled' && !isNear(one));
  return (
    <section className="panel p-5 shadow-card">
      <div className="mb-4 flex flex-wrap items-baseline justify-between gap-2">
        <h2 className="text-xl">
          <City code={first.origin} /> → <City code={slice.flights.at(-1)?.destination ?? ''} />
        </h2>
        <p className="text-soft">{formatDay(dayOf(first.departs_at), locale)}</p>
      </div>
      {slice.flights.filter(isNear).map((one) => (
        <Suspense key={one.segment} fallback={<Skeleton className="mb-4 h-40" />}>
          <Now id={one.flight_id} />
        </Suspense>
      ))}
      {unusual.map((one) => (
        <p key={one.segment} className="mb-3">
          <Tag tone={one.status === 'cancelled' || one.status === 'delayed' ? 'bad' : 'note'}>
            {one.flight_number}: {names[one.status] ?? one.status}
          </Tag>
        </p>
      ))}
      <Timeline flights={slice.flights} />
      {slice.flights
        .filter((one) => flown.includes(one.segment))
        .map((one) => (
          <Link key={one.segment} to="/reviews/$id" params={{ id: one.flight_id }} className="btn btn-quiet mt-4 me-3">
            <Icon name="star" />
            <Trans>Say how {one.flight_number} was</Trans>
          </Link>
        ))}
      {mayWatch(booking, first) && (
        <Suspense fallback={<div className="mt-4 h-12" />}>
          <WatchFare booking={booking} flights={slice.flights} />
        </Suspense>
      )}
      <details className="mt-4 border-t border-edge">
        <summary className="flex min-h-12 items-center font-semibold text-brand">{slice.fare_family.name}</summary>
        <FamilyTerms family={slice.fare_family} />
      </details>
    </section>
  );
}

function People({ booking }: { booking: Booking }) {
  const extras = (passenger: number) =>
    booking.extras.filter((one) => one.passenger === passenger && one.status === 'issued');
  return (
    <section className="panel p-5">
      <h2 className="mb-3 text-lg">
        <Trans>Travellers</Trans>
      </h2>
      <ul className="space-y-4">
        {booking.passengers.map((one) => (
          <li key={one.passenger}>
            <p className="font-semibold">
              {one.given_name} {one.family_name}
            </p>
            {one.ticket_number && (
              <p className="figures text-sm text-soft">
                <Trans>Ticket {one.ticket_number}</Trans>
              </p>
            )}
            {extras(one.passenger).map((extra) => (
              <p key={extra.extra} className="text-sm">
                {extra.name} {extra.seat}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Paid({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  const words: Record<string, string> = { pending: t`under way`, succeeded: t`sent`, failed: t`delayed; we are on it` };
  return (
    <section className="panel p-5">
      <p className="flex items-baseline justify-between gap-3 font-semibold">
        <Trans>Total</Trans> <Price money={booking.price} className="text-xl" />
      </p>
      {booking.refunds.map((refund) => (
        <p key={refund.id} className="mt-2 flex justify-between gap-3 text-sm">
          <span>
            <Trans>Money back</Trans>, {words[refund.status] ?? refund.status}
          </span>
          <Price money={refund.amount} />
        </p>
      ))}
    </section>
  );
}
