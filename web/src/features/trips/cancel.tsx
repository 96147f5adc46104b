import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { waysOf } from '../../api/booking';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { booking as bookingQuery, useKeepBooking, useLocale } from '../../api/hooks';
import { keyFor } from '../../lib/idempotency';
import { formatMoment } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { City } from '../../ui/journey';
import { Price, Trouble, Waiting } from '../../ui/parts';

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
  const flights = waysOf(booking).flatMap((one) => one.flights);
  return (
    <div className="page max-w-2xl pt-8">
      <h1 className="display mb-2 text-3xl sm:text-4xl">
        <Trans>Cancel this trip?</Trans>
      </h1>
      <p className="mb-6 text-soft">
        {booking.locator} · <City code={flights[0]?.origin ?? ''} /> → <City code={flights.at(-1)?.destination ?? ''} />
      </p>
      {booking.status === 'held' ? <LetGo booking={booking} /> : <Quoted booking={booking} />}
    </div>
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
    <Link to="/trips/$id" params={{ id: booking.id }} className="btn btn-quiet flex-1">
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
          className="btn btn-quiet flex-1 border-bad! text-bad!"
          disabled={go.isPending}
          onClick={() => go.mutate()}
        >
          <Trans>Give the seats up</Trans>
        </button>
      </div>
    </div>
  );
}

/** First what comes back and why, then the deed. */
function Quoted({ booking }: { booking: Booking }) {
  const locale = useLocale();
  const end = useEnd(booking);
  const quote = useQuery({
    queryKey: ['cancellation', booking.id],
    queryFn: () =>
      ask(api.POST('/api/v1/bookings/{id}/cancellation-quote', { params: { path: { id: booking.id } }, body: {} })),
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
  if (quote.error) return <Trouble error={quote.error} retry={() => quote.refetch()} />;
  if (!quote.data) return <Waiting />;
  return (
    <div className="panel space-y-5 p-5">
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
        <button
          type="button"
          className="btn btn-quiet flex-1 border-bad! text-bad!"
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
