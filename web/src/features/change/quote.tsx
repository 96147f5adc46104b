import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, ask, isRefusal, type Schemas } from '../../api/client';
import { offer as offerQuery, useKeepBooking, useLocale } from '../../api/hooks';
import { keyFor } from '../../lib/idempotency';
import { dayOf, formatDay, formatMoment } from '../../lib/time';
import { type Flight, JourneyLine } from '../../ui/journey';
import { Price, Trouble, Waiting } from '../../ui/parts';
import type { Booking } from './change';
import type { Chosen } from './state';

type Quote = Schemas['ChangeQuote'];

interface QuotedProps {
  booking: Booking;
  /** With an offer for each of its ways. */
  chosen: Chosen;
  back: () => void;
}

/** Old flights and new ones, what the change costs and why; then the deed. */
export function Quoted({ booking, chosen: { ways, offers }, back }: QuotedProps) {
  const locale = useLocale();
  const slices = ways.map(({ slice }, index) => ({ slice, offer_id: offers[index] ?? '' }));
  const quote = useQuery({
    queryKey: ['change-quote', booking.id, slices],
    queryFn: () =>
      ask(
        api.POST('/api/v1/bookings/{id}/change-quote', {
          params: { path: { id: booking.id } },
          body: { slices },
        }),
      ),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const change = useChange(booking);
  const error = quote.error ?? change.error;
  const stale = isRefusal(change.error, 'quote_outdated');
  if (quote.isPending && !quote.isPaused) return <Waiting />;
  return (
    <>
      <h1 className="display text-3xl sm:text-4xl">
        <Trans>What the change costs</Trans>
      </h1>
      <div className="mt-6 space-y-5">
        {ways.map((way, index) => (
          <div key={way.slice} className="panel divide-y divide-edge">
            <Way title={<Trans>Until now</Trans>} flights={way.flights} family={way.fare_family.name} />
            <Next offer={offers[index] ?? ''} />
          </div>
        ))}
        {quote.data && <Sums quote={quote.data} />}
        {(error || quote.isPaused) && (
          <Trouble
            error={error}
            retry={
              stale || quote.error || quote.isPaused
                ? () => {
                    change.reset();
                    void quote.refetch();
                  }
                : undefined
            }
          />
        )}
        <div className="flex flex-wrap gap-3">
          <Link to="/trips/$id" params={{ id: booking.id }} className="btn btn-quiet flex-1">
            <Trans>Keep it as it is</Trans>
          </Link>
          <button type="button" className="btn btn-quiet flex-1" onClick={back}>
            <Trans>Other flights</Trans>
          </button>
          {quote.data && (
            <button
              type="button"
              className="btn btn-main flex-1 max-sm:basis-full"
              disabled={change.isPending}
              onClick={() => change.mutate(quote.data.quote_id)}
            >
              {quote.data.due.amount > 0 ? (
                <Trans>
                  Change, and pay <Price money={quote.data.due} />
                </Trans>
              ) : quote.data.refund.amount > 0 ? (
                <Trans>
                  Change, with <Price money={quote.data.refund} /> back
                </Trans>
              ) : (
                <Trans>Change, at no cost</Trans>
              )}
            </button>
          )}
        </div>
        {quote.data && (
          <p className="text-sm text-soft">
            <Trans>This price holds until {formatMoment(quote.data.valid_until, locale)}, unless the seats go.</Trans>{' '}
            {quote.data.due.amount > 0 && <Trans>Until you have paid, your old flights stay yours.</Trans>}
          </p>
        )}
      </div>
    </>
  );
}

function useChange(booking: Booking) {
  const navigate = useNavigate();
  const keepBooking = useKeepBooking();
  return useMutation({
    mutationFn: async (quote_id: string) => {
      const key = keyFor('change', quote_id);
      const view = await ask(
        api.POST('/api/v1/bookings/{id}/changes', {
          params: { path: { id: booking.id }, header: key.header },
          body: { quote_id },
        }),
      );
      key.done();
      return view;
    },
    onSuccess: (view) => {
      keepBooking(view);
      const due = view.orders.some((order) => order.status === 'open');
      void navigate(
        due
          ? { to: '/bookings/$id/pay', params: { id: booking.id } }
          : { to: '/trips/$id', params: { id: booking.id }, search: { changed: '1' }, replace: true },
      );
    },
  });
}

function Next({ offer }: { offer: string }) {
  const [next] = useQuery(offerQuery(offer)).data?.slices ?? [];
  if (!next) return null;
  return <Way title={<Trans>From now on</Trans>} flights={next.segments} family={next.fare_family.name} />;
}

interface WayProps {
  title: ReactNode;
  flights: Flight[];
  family: string;
}

function Way({ title, flights, family }: WayProps) {
  const locale = useLocale();
  return (
    <section className="p-5">
      <h2 className="text-lg">{title}</h2>
      <p className="mb-3 text-sm text-soft">
        {formatDay(dayOf(flights[0]?.departs_at ?? ''), locale, 'long')} · {family} ·{' '}
        {flights.map((one) => one.flight_number).join(', ')}
      </p>
      <JourneyLine flights={flights} />
    </section>
  );
}

/** The sum first, then what it is made of. */
function Sums({ quote }: { quote: Quote }) {
  const { t } = useLingui();
  const { fare_difference, fee, kept, waived, due, refund } = quote;
  const less = fare_difference.amount < 0;
  const positive = { ...fare_difference, amount: Math.abs(fare_difference.amount) };
  const carried = quote.carried.flatMap((one) => one.parts).filter((part) => part.percent < 100);
  const lines: [string, Schemas['Money']][] = [
    [less ? t`The new flights cost less` : t`The new flights cost more`, positive],
    [t`Fee for the change`, fee],
    [t`Of what you paid, not given back`, kept],
    [t`Too little to charge, so left off`, waived],
  ];
  return (
    <section className="panel p-5">
      <p className="flex items-baseline justify-between gap-3">
        <span className="text-lg font-semibold">
          {refund.amount > 0 ? <Trans>You get back</Trans> : <Trans>You pay</Trans>}
        </span>
        <Price money={refund.amount > 0 ? refund : due} className="text-4xl font-bold" />
      </p>
      <dl className="mt-4 border-t border-edge pt-3">
        {lines.map(
          ([name, money], index) =>
            // The difference is said also when there is none.
            (index === 0 || money.amount !== 0) && (
              <div key={name} className="flex justify-between gap-3 py-1">
                <dt>{name}</dt>
                <dd>
                  {index === 0 && less && '−'}
                  <Price money={money} />
                </dd>
              </div>
            ),
        )}
      </dl>
      {refund.amount > 0 && (
        <p className="mt-2 text-sm text-soft">
          <Trans>It goes to what you paid with.</Trans>
        </p>
      )}
      {carried.length > 0 && (
        <p className="mt-2 text-sm text-soft">
          <Trans>
            Part of the new price is carried over from the old tickets. If you give the new ones back, no more of that
            part comes back than would now.
          </Trans>
        </p>
      )}
    </section>
  );
}
