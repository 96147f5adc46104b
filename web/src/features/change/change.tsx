import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { type Way, waysOf } from '../../api/booking';
import { isLost, type Schemas } from '../../api/client';
import { booking as bookingQuery, useLocale } from '../../api/hooks';
import { dayOf, formatDay, formatMoment, today } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { Icon } from '../../ui/icons';
import { City, JourneyLine } from '../../ui/journey';
import { Stale, Trouble, Waiting } from '../../ui/parts';
import { Flights } from './flights';
import { Quoted } from './quote';
import {
  type Chosen,
  dayFor,
  earliest,
  readChosen,
  together,
  withDay,
  withOffer,
  withoutLast,
  writeChosen,
} from './state';

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

/** Other flights for ways of a trip: which ways, which day and flight, and what that costs, before anything is done. */
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
  return (
    <>
      <Stale of={query} page />
      <Steps booking={query.data} />
    </>
  );
}

function Steps({ booking }: { booking: Booking }) {
  const raw = useSearch({ strict: false });
  const navigate = useNavigate();
  const slices = waysOf(booking);
  const open = slices.filter((one) => booking.can.some((each) => each.action === 'change' && each.slice === one.slice));
  // With one way there is nothing to choose.
  const [only] = slices.length === 1 ? open : [];
  const read = readChosen(raw, open);
  const chosen = read.ways.length === 0 && only ? { ...read, ways: [only] } : read;
  const to = (next: Chosen, { replace = false, resetScroll = true } = {}) =>
    void navigate({
      to: '/trips/$id/change',
      params: { id: booking.id },
      search: writeChosen(next),
      replace,
      resetScroll,
    });
  const at = chosen.offers.length;
  const slice = chosen.ways[at];
  const on = dayFor(chosen, today());
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
      {chosen.ways.length === 0 ? (
        <Which booking={booking} slices={slices} open={open} choose={(ways) => to({ ways, offers: [], days: [] })} />
      ) : slice ? (
        <Flights
          // Another way is another list: nothing of the one before may stay.
          key={slice.slice}
          booking={booking}
          slice={slice}
          at={[at, chosen.ways.length]}
          on={on}
          from={earliest(chosen, today())}
          setDay={(day) => to(withDay(chosen, day), { replace: true, resetScroll: false })}
          choose={(offer) => to(withOffer(chosen, on, offer))}
          back={at > 0 ? () => to(withoutLast(chosen)) : undefined}
        />
      ) : (
        <Quoted booking={booking} chosen={chosen} back={() => to(withoutLast(chosen))} />
      )}
    </div>
  );
}

interface WhichProps {
  booking: Booking;
  slices: Slice[];
  open: Slice[];
  choose: (slices: Slice[]) => void;
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
                  onClick={() => choose([one])}
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
      <Several ways={together(booking, open)} choose={choose} />
    </>
  );
}

/** More than one way at once, for one price. */
function Several({ ways, choose }: { ways: Slice[]; choose: (slices: Slice[]) => void }) {
  const locale = useLocale();
  const [ticked, setTicked] = useState<number[]>([]);
  const wanted = ways.length === 2 ? ways : ways.filter((one) => ticked.includes(one.slice));
  if (ways.length === 0) return null;
  return (
    <section className="panel mt-4 p-5">
      <h2 className="text-xl">
        <Trans>Several ways at once</Trans>
      </h2>
      <p className="mt-1 text-soft">
        <Trans>You choose new flights for each, one after the other, and see one price for all of it.</Trans>
      </p>
      {ways.length > 2 && (
        <div className="mt-3">
          {ways.map((one) => (
            <label key={one.slice} className="flex min-h-11 cursor-pointer items-center gap-3">
              <input
                type="checkbox"
                className="size-5 accent-brand"
                checked={ticked.includes(one.slice)}
                onChange={({ target }) =>
                  setTicked(target.checked ? [...ticked, one.slice] : ticked.filter((each) => each !== one.slice))
                }
              />
              <span>
                <City code={one.flights[0]?.origin ?? ''} /> → <City code={one.flights.at(-1)?.destination ?? ''} />
                {', '}
                {formatDay(dayOf(one.flights[0]?.departs_at ?? ''), locale)}
              </span>
            </label>
          ))}
        </div>
      )}
      <button
        type="button"
        className="btn btn-quiet mt-4 max-sm:w-full"
        disabled={wanted.length < 2}
        onClick={() => choose(wanted)}
      >
        {ways.length === 2 ? <Trans>Change both</Trans> : <Trans>Change those that are ticked</Trans>}
      </button>
    </section>
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
