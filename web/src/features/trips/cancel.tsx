import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { fliersOf, waysOf } from '../../api/booking';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { booking as bookingQuery, useKeepBooking, useLocale } from '../../api/hooks';
import { keyFor } from '../../lib/idempotency';
import { formatMoment } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { City } from '../../ui/journey';
import { Price, Trouble, Waiting } from '../../ui/parts';
import { Choose, type Chosen } from './choose';

type Booking = Schemas['BookingView'];
type Quote = Schemas['CancellationQuote'];

export default function Cancel() {
  const { t } = useLingui();
  const { id = '' } = useParams({ strict: false });
  const query = useQuery(bookingQuery(id));
  const booking = query.data;
  useTitle(t`Cancel the trip`);
  if (isLost(query))
    return (
      <div className="page max-w-2xl pt-8">
        <h1 className="display mb-5 text-3xl">
          <Trans>We cannot show this trip</Trans>
        </h1>
        <Trouble error={query.error} retry={() => query.refetch()} />
      </div>
    );
  if (!booking) return <Waiting />;
  if (booking.status === 'held')
    return (
      <Page booking={booking} title={<Trans>Cancel this trip?</Trans>}>
        <LetGo booking={booking} />
      </Page>
    );
  return <Steps booking={booking} />;
}

function Page({ booking, title, children }: { booking: Booking; title: ReactNode; children: ReactNode }) {
  const flights = waysOf(booking).flatMap((one) => one.flights);
  return (
    <div className="page max-w-2xl pt-8">
      <h1 className="display mb-2 text-3xl sm:text-4xl">{title}</h1>
      <p className="mb-6 text-soft">
        {booking.locator} · <City code={flights[0]?.origin ?? ''} /> → <City code={flights.at(-1)?.destination ?? ''} />
      </p>
      {children}
    </div>
  );
}

/** Which of these numbers an address names. */
const named = (text: string | undefined, among: number[]): number[] => {
  const wanted = (text ?? '').split('.').map(Number);
  return among.filter((one) => wanted.includes(one));
};

/** Which way and whose tickets, where there is more than one, and then what comes back; how far that is stands in the address. */
function Steps({ booking }: { booking: Booking }) {
  const raw = useSearch({ strict: false });
  const navigate = useNavigate();
  const ways = waysOf(booking).filter((way) =>
    booking.can.some((one) => one.action === 'cancel' && one.slice === way.slice),
  );
  const people = booking.passengers.filter((one) => ways.some((way) => fliersOf(booking, way).includes(one)));
  const [slices, numbers] = [ways.map((one) => one.slice), people.map((one) => one.passenger)];
  const only = ways.length === 1 && people.length === 1;
  const chosen = { ways: named(raw.ways, slices), who: named(raw.who, numbers) };
  const go = ({ ways: which, who }: Chosen, step: string) =>
    void navigate({
      to: '/trips/$id/cancel',
      params: { id: booking.id },
      search: { ways: which.join('.'), who: who.join('.'), step },
    });
  const all = only || (chosen.ways.length === ways.length && chosen.who.length === people.length);
  if (only || ways.length === 0 || (raw.step === 'price' && chosen.ways.length > 0 && chosen.who.length > 0))
    return (
      <Page
        booking={booking}
        title={all ? <Trans>Cancel this trip?</Trans> : <Trans>Cancel this part of the trip?</Trans>}
      >
        <Quoted
          key={all ? 'all' : `${raw.ways} ${raw.who}`}
          booking={booking}
          chosen={all || ways.length === 0 ? undefined : chosen}
          other={only || ways.length === 0 ? undefined : () => go(chosen, 'choose')}
        />
      </Page>
    );
  return (
    <Page booking={booking} title={<Trans>What do you give back?</Trans>}>
      <Choose ways={ways} people={people} chosen={chosen} then={(now) => go(now, 'price')} />
      <div className="mt-3 flex">
        <Keep booking={booking} />
      </div>
    </Page>
  );
}

function useEnd(booking: Booking) {
  const navigate = useNavigate();
  const keepBooking = useKeepBooking();
  return (view: Booking) => {
    keepBooking(view);
    void navigate({ to: '/trips/$id', params: { id: booking.id }, replace: true });
  };
}

function Keep({ booking }: { booking: Booking }) {
  return (
    <Link to="/trips/$id" params={{ id: booking.id }} className="btn btn-quiet grow basis-48">
      <Trans>Keep the trip</Trans>
    </Link>
  );
}

/** What is held costs nothing to give up. */
function LetGo({ booking }: { booking: Booking }) {
  const end = useEnd(booking);
  const go = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/bookings/{id}', { params: { path: { id: booking.id } } })),
    onSuccess: end,
  });
  return (
    <div className="panel space-y-4 p-5">
      <p>
        <Trans>Nothing was paid, and nothing is charged. The seats are free again at once.</Trans>
      </p>
      {go.error && <Trouble error={go.error} />}
      <div className="flex flex-wrap gap-3">
        <Keep booking={booking} />
        <button
          type="button"
          className="btn btn-quiet grow basis-48 border-bad! text-bad!"
          disabled={go.isPending}
          onClick={() => go.mutate()}
        >
          <Trans>Give the seats up</Trans>
        </button>
      </div>
    </div>
  );
}

interface QuotedProps {
  booking: Booking;
  /** What goes back; all that can, where it is not said. */
  chosen: Chosen | undefined;
  /** To choose something else, where there is a choice. */
  other: (() => void) | undefined;
}

/** First what comes back and why, then the deed. */
function Quoted({ booking, chosen, other }: QuotedProps) {
  const locale = useLocale();
  const end = useEnd(booking);
  const ways = waysOf(booking).filter((one) => chosen?.ways.includes(one.slice));
  const body = chosen && {
    passengers: chosen.who,
    segments: ways.flatMap((one) => one.flights.map((flight) => flight.segment)),
  };
  const quote = useQuery({
    queryKey: ['cancellation', booking.id, body],
    queryFn: () =>
      ask(
        api.POST('/api/v1/bookings/{id}/cancellation-quote', {
          params: { path: { id: booking.id } },
          body: body ?? {},
        }),
      ),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const cancel = useMutation({
    mutationFn: async (quote_id: string) => {
      const key = keyFor('cancel', quote_id);
      return ask(
        api.POST('/api/v1/bookings/{id}/cancellations', {
          params: { path: { id: booking.id }, header: key.header },
          body: { quote_id },
        }),
      );
    },
    onSuccess: end,
  });
  const others = other && (
    <button type="button" className="btn btn-quiet flex-1" onClick={other}>
      <Trans>Choose otherwise</Trans>
    </button>
  );
  if (quote.error)
    return (
      <div className="space-y-4">
        <Trouble error={quote.error} retry={() => quote.refetch()} />
        <div className="flex flex-wrap gap-3">
          <Keep booking={booking} />
          {others}
        </div>
      </div>
    );
  if (!quote.data) return <Waiting />;
  return (
    <div className="panel space-y-5 p-5">
      {chosen && <What booking={booking} chosen={chosen} />}
      <p className="flex items-baseline justify-between gap-3">
        <span className="text-lg font-semibold">
          <Trans>You get back</Trans>
        </span>
        <Price money={quote.data.refund} className="text-4xl font-bold" />
      </p>
      <Lines quote={quote.data} booking={booking} />
      <p className="text-sm text-soft">
        <Trans>
          It goes to what you paid with. This answer is good until {formatMoment(quote.data.valid_until, locale)}.
        </Trans>
      </p>
      {cancel.error && (
        <Trouble
          error={cancel.error}
          retry={() => {
            cancel.reset();
            void quote.refetch();
          }}
        />
      )}
      <div className="flex flex-wrap gap-3">
        <Keep booking={booking} />
        {others}
        <button
          type="button"
          className="btn btn-quiet grow basis-48 border-bad! text-bad!"
          disabled={cancel.isPending}
          onClick={() => cancel.mutate(quote.data.quote_id)}
        >
          <Trans>
            Cancel, with <Price money={quote.data.refund} /> back
          </Trans>
        </button>
      </div>
    </div>
  );
}

/** What goes back, in words: the rest of the trip stays. */
function What({ booking, chosen }: { booking: Booking; chosen: Chosen }) {
  const names = booking.passengers.filter((one) => chosen.who.includes(one.passenger));
  return (
    <div>
      {waysOf(booking)
        .filter((one) => chosen.ways.includes(one.slice))
        .map(({ slice, flights }) => (
          <p key={slice} className="font-semibold">
            <City code={flights[0]?.origin ?? ''} /> → <City code={flights.at(-1)?.destination ?? ''} />
          </p>
        ))}
      <p>{names.map((one) => `${one.given_name} ${one.family_name}`).join(', ')}</p>
      <p className="text-soft">
        <Trans>The rest of the trip stays as it is.</Trans>
      </p>
    </div>
  );
}

function Lines({ quote, booking }: { quote: Quote; booking: Booking }) {
  const name = (passenger: number) => booking.passengers.find((one) => one.passenger === passenger)?.given_name ?? '';
  return (
    <details>
      <summary className="flex min-h-11 items-center font-semibold text-brand">
        <Trans>How that comes about</Trans>
      </summary>
      <table className="w-full text-sm">
        <thead>
          <tr className="text-soft">
            <th className="py-1 text-start font-normal">
              <Trans>What</Trans>
            </th>
            <th className="text-end font-normal">
              <Trans>Paid</Trans>
            </th>
            <th className="text-end font-normal">
              <Trans>Back</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {quote.lines.map((line, index) => (
            <tr key={index} className="border-t border-edge align-top">
              <td className="py-2 pe-3">
                <b className="font-semibold">{name(line.passenger)}</b> {line.text ?? line.name ?? line.part}
              </td>
              <td className="py-2 text-end">
                <Price money={line.paid} />
              </td>
              <td className="py-2 ps-3 text-end">
                <Price money={line.refund} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
