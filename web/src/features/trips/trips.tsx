import { Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { isNear, nextFlight, waysOf } from '../../api/booking';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { useLocale, useProfile } from '../../api/hooks';
import { clockBeside, dayOf, daysBetween, formatDay, today } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { Mark } from '../../ui/flight-line';
import { City, JourneyLine } from '../../ui/journey';
import { KeptTrips } from '../../ui/kept-trips';
import { More } from '../../ui/more';
import { useFlightNames, useStatusNames } from '../../ui/names';
import { Skeleton, Stale, Tag, Trouble, Waiting } from '../../ui/parts';

type Booking = Schemas['BookingView'];

export default function Trips() {
  const { t } = useLingui();
  const me = useProfile();
  useTitle(t`My trips`);
  if (me.isPending && !me.isPaused) return <Waiting />;
  return (
    <div className="page max-w-4xl pt-8">
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <h1 className="display text-4xl">
          <Trans>My trips</Trans>
        </h1>
        <p className="flex flex-wrap gap-3">
          <Link to="/status" className="btn btn-quiet">
            <Trans>Flight status</Trans>
          </Link>
          <Link to="/retrieve" className="btn btn-quiet">
            <Trans>Find a booking</Trans>
          </Link>
        </p>
      </div>
      {me.data ? <List /> : me.isPaused || me.error ? <Away retry={() => me.refetch()} /> : <Stranger />}
    </div>
  );
}

/** Nobody answers: what is kept here is shown all the same. */
function Away({ retry }: { retry: () => void }) {
  return (
    <div className="space-y-5">
      <Trouble error={undefined} retry={retry} />
      <KeptTrips />
    </div>
  );
}

function Stranger() {
  return (
    <div className="space-y-5">
      <div className="panel p-8 text-center">
        <Mark className="mx-auto mb-4 w-20 text-brand" />
        <p className="mb-5 text-soft">
          <Trans>Sign in to see your trips, or find one booking by its code and a surname.</Trans>
        </p>
        <div className="flex flex-wrap justify-center gap-3">
          <Link to="/sign-in" className="btn btn-main">
            <Trans>Sign in</Trans>
          </Link>
          <Link to="/retrieve" className="btn btn-quiet">
            <Trans>Find a booking</Trans>
          </Link>
        </div>
      </div>
      {/* A session that ended by itself takes no pass away from somebody on the way to the gate. */}
      <KeptTrips />
    </div>
  );
}

function List() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const when = useSearch({ strict: false }).when === 'past' ? 'past' : 'upcoming';
  const list = useInfiniteQuery({
    queryKey: ['bookings', when],
    queryFn: ({ pageParam }) =>
      ask(api.GET('/api/v1/bookings', { params: { query: { when, limit: 10, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const bookings = list.data?.pages.flatMap((page) => page.bookings) ?? [];
  // What expired or was given up is no trip any more; it is among the past ones.
  const live =
    when === 'upcoming' ? bookings.filter((one) => one.status === 'held' || one.status === 'confirmed') : bookings;
  const ended = when === 'upcoming' ? bookings.filter((one) => !live.includes(one)) : [];
  const tab = (value: string, name: string) => (
    <label className="inline-flex min-h-11 cursor-pointer items-center rounded-xl px-4 font-semibold text-soft has-checked:bg-card has-checked:text-ink has-checked:shadow-sm has-focus-visible:outline-3 has-focus-visible:outline-ring">
      <input
        type="radio"
        name="when"
        className="sr-only"
        checked={when === value}
        onChange={() => void navigate({ to: '/trips', search: value === 'past' ? { when: 'past' } : {} })}
      />
      {name}
    </label>
  );
  return (
    <>
      <fieldset className="mb-5 inline-flex rounded-2xl bg-sunk p-1">
        <legend className="sr-only">
          <Trans>Which trips</Trans>
        </legend>
        {tab('upcoming', t`Ahead`)}
        {tab('past', t`Past`)}
      </fieldset>
      {list.isPaused || isLost(list) ? <Away retry={() => list.refetch()} /> : <Stale of={list} />}
      {list.isPending && !list.isPaused && <Skeleton className="h-48" />}
      {list.data && live.length === 0 && <None />}
      <ul className="space-y-4">
        {live.map((booking) => (
          <li key={booking.id}>
            <TripCard booking={booking} />
          </li>
        ))}
      </ul>
      {ended.length > 0 && (
        <details className="mt-6">
          <summary className="flex min-h-11 items-center font-semibold text-brand">
            <Trans>Expired and cancelled</Trans>
          </summary>
          <ul className="mt-3 space-y-4">
            {ended.map((booking) => (
              <li key={booking.id}>
                <TripCard booking={booking} />
              </li>
            ))}
          </ul>
        </details>
      )}
      <More list={list}>
        <Trans>Show more trips</Trans>
      </More>
    </>
  );
}

function None() {
  return (
    <div className="panel p-8 text-center">
      <Mark className="mx-auto mb-4 w-20 text-brand" />
      <p className="mb-5 text-soft">
        <Trans>No trips here.</Trans>
      </p>
      <Link to="/" className="btn btn-main">
        <Trans>Search for flights</Trans>
      </Link>
    </div>
  );
}

function TripCard({ booking }: { booking: Booking }) {
  const locale = useLocale();
  const names = useStatusNames();
  const slices = waysOf(booking).map((one) => one.flights);
  const first = slices[0]?.[0];
  if (!first) return null;
  const end = slices[0]?.at(-1)?.destination ?? '';
  // Of a trip that is half flown it is the way back that is ahead.
  const next = nextFlight(booking) ?? first;
  const days = daysBetween(today(), dayOf(next.departs_at));
  const soon = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day');
  return (
    <Link to="/trips/$id" params={{ id: booking.id }} className="panel block p-5 hover:border-brand">
      <div className="mb-4 flex flex-wrap items-start justify-between gap-2">
        <div>
          <h2 className="text-2xl">
            <City code={end} />
          </h2>
          <p className="text-soft">
            {next !== first && (
              <>
                {next.origin} → {next.destination} ·{' '}
              </>
            )}
            {formatDay(dayOf(next.departs_at), locale)} · {soon}
          </p>
        </div>
        <p className="flex flex-wrap items-center gap-2">
          {booking.status === 'confirmed' && isNear(next) && <Doing flight={next} />}
          <Tag
            tone={
              booking.status === 'confirmed' || booking.status === 'completed'
                ? 'good'
                : booking.status === 'held'
                  ? 'note'
                  : 'plain'
            }
          >
            {names[booking.status] ?? booking.status}
          </Tag>
          <span className="figures font-semibold">{booking.locator}</span>
        </p>
      </div>
      <div className="space-y-4">
        {slices.map((flights, index) => (
          <JourneyLine key={index} flights={flights} />
        ))}
      </div>
    </Link>
  );
}

/** What the next flight is doing, as far as the list says it; when it leaves where that is not as scheduled. */
function Doing({ flight }: { flight: Booking['segments'][number] }) {
  const names = useFlightNames();
  const locale = useLocale();
  const { status } = flight;
  const leaves = status === 'delayed' && clockBeside(flight.departs_at, flight.estimated_departs_at, locale);
  return (
    <Tag tone={status === 'cancelled' || status === 'delayed' ? 'bad' : status === 'scheduled' ? 'good' : 'note'}>
      {flight.flight_number}: {[names[status] ?? status, leaves].filter(Boolean).join(', ')}
    </Tag>
  );
}
