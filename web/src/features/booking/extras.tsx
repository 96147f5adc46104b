import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { type Way, waysOf } from '../../api/booking';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { booking as bookingQuery, useKeepBooking, useLocale } from '../../api/hooks';
import { keyFor } from '../../lib/idempotency';
import { formatMoney, total } from '../../lib/money';
import { useTitle } from '../../lib/title';
import { Price, Skeleton, Stale, Stepper, Tag, Trouble, Waiting } from '../../ui/parts';
import { type Booking, Frame, HeldSummary } from './frame';

type Offered = Schemas['FlightExtras']['extras'][number];

interface Wish {
  code: string;
  passenger: number;
  quantity: number;
  slice?: number;
  segment?: number;
}

export default function Extras() {
  const { t } = useLingui();
  const { id = '' } = useParams({ strict: false });
  const booking = useQuery(bookingQuery(id));
  useTitle(t`Extras`);
  if (isLost(booking))
    return (
      <div className="page py-10">
        <Trouble error={booking.error} retry={() => booking.refetch()} />
      </div>
    );
  if (!booking.data) return <Waiting />;
  return (
    <>
      <Stale of={booking} page />
      <Choose booking={booking.data} />
    </>
  );
}

function Choose({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const keepBooking = useKeepBooking();
  const [wishes, setWishes] = useState<(Wish & { price: Schemas['Money'] })[]>([]);
  // What is paid for already, or free, has nothing to pay.
  const on = (view: Booking) => {
    const isDue = view.status === 'held' || view.orders.some((order) => order.status === 'open');
    void navigate({ to: isDue ? '/bookings/$id/pay' : '/trips/$id', params: { id: view.id } });
  };
  const due = total(wishes.map((wish) => ({ ...wish.price, amount: wish.price.amount * wish.quantity })));
  const add = useMutation({
    mutationFn: async () => {
      const body = { seats: [], items: wishes.map(({ price: _, ...wish }) => wish) };
      const key = keyFor(`extras ${booking.id}`, body);
      const view = await ask(
        api.POST('/api/v1/bookings/{id}/extras', { params: { path: { id: booking.id }, header: key.header }, body }),
      );
      key.done();
      return view;
    },
    onSuccess: (view) => {
      keepBooking(view);
      on(view);
    },
  });
  const isSame = (one: Wish, other: Wish) =>
    one.code === other.code &&
    one.passenger === other.passenger &&
    one.slice === other.slice &&
    one.segment === other.segment;
  const set = (wish: Wish, price: Schemas['Money']) =>
    setWishes([...wishes.filter((one) => !isSame(one, wish)), ...(wish.quantity > 0 ? [{ ...wish, price }] : [])]);
  const quantity = (wish: Omit<Wish, 'quantity'>) =>
    wishes.find((one) => isSame(one, { ...wish, quantity: 0 }))?.quantity ?? 0;
  return (
    <Frame
      at={2}
      title={t`Anything else?`}
      intro={t`Nothing is ticked for you. Bags and meals can be added later too, until check-in closes.`}
      aside={<HeldSummary booking={booking} />}
      booking={booking}
    >
      {waysOf(booking).map((slice) => (
        <Slice key={slice.slice} booking={booking} slice={slice} quantity={quantity} set={set} />
      ))}
      {add.error && <Trouble error={add.error} />}
      <div className="flex flex-wrap items-center gap-3 border-t border-edge pt-5">
        <button type="button" className="btn btn-quiet max-sm:flex-1" onClick={() => on(booking)}>
          <Trans>Go on without extras</Trans>
        </button>
        <button
          type="button"
          className="btn btn-main max-sm:flex-1"
          disabled={wishes.length === 0 || add.isPending}
          onClick={() => add.mutate()}
        >
          <Plural value={wishes.length} _0="Add extras" one="Add # extra" other="Add # extras" />
          {due && <Price money={due} short />}
        </button>
      </div>
    </Frame>
  );
}

interface SliceProps {
  booking: Booking;
  slice: Way;
  quantity: (wish: Omit<Wish, 'quantity'>) => number;
  set: (wish: Wish, price: Schemas['Money']) => void;
}

const extrasOf = (flight: string) =>
  queryOptions({
    queryKey: ['extras', flight],
    queryFn: () => ask(api.GET('/api/v1/flights/{id}/extras', { params: { path: { id: flight } } })),
  });

function Slice({ booking, slice, quantity, set }: SliceProps) {
  const { t } = useLingui();
  const { flights } = slice;
  const first = flights[0];
  const offered = useQuery({ ...extrasOf(first?.flight_id ?? ''), enabled: first !== undefined });
  const { included } = slice.fare_family;
  return (
    <section className="panel p-5">
      <h2 className="text-xl">
        {first?.origin} → {flights.at(-1)?.destination}
      </h2>
      <p className="mt-2 mb-4 flex flex-wrap gap-2">
        <Tag tone="good">
          {included.checked_bags > 0
            ? t`${included.checked_bags} × ${included.checked_bag_kg} kg included`
            : t`1 cabin bag included`}
        </Tag>
        {included.meal && <Tag tone="good">{t`A meal`}</Tag>}
      </p>
      {offered.isPending && <Skeleton className="h-40" />}
      {isLost(offered) && <Trouble error={offered.error} retry={() => offered.refetch()} />}
      {offered.data &&
        booking.passengers.map((passenger) => (
          <details
            key={passenger.passenger}
            className="border-t border-edge"
            open={passenger.passenger === booking.passengers[0]?.passenger}
          >
            <summary className="flex min-h-12 items-center py-2 font-semibold">
              <Trans>
                For {passenger.given_name} {passenger.family_name}
              </Trans>
            </summary>
            <div className="pb-3">
              {flights.map((flight) => (
                <Flight key={flight.segment} {...{ slice, flight, passenger, quantity, set }} />
              ))}
            </div>
          </details>
        ))}
    </section>
  );
}

interface FlightProps extends Pick<SliceProps, 'slice' | 'quantity' | 'set'> {
  flight: Booking['segments'][number];
  passenger: Booking['passengers'][number];
}

/** What one traveller may have on one flight. What is for the whole way stands with its first flight. */
function Flight({ slice, flight, passenger, quantity, set }: FlightProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const offered = useQuery(extrasOf(flight.flight_id));
  const isFirst = flight === slice.flights[0];
  const isOnly = slice.flights.length === 1;
  const isIncluded = (extra: Offered) => extra.kind === 'priority' && slice.fare_family.included.priority_boarding;
  const list = (offered.data?.extras ?? []).filter(
    (extra) =>
      extra.open &&
      extra.cabins.includes(flight.cabin) &&
      extra.left !== 0 &&
      extra.passengers.includes(passenger.type) &&
      (isFirst || extra.per !== 'slice') &&
      !isIncluded(extra),
  );
  const way = `${flight.origin} → ${flight.destination}`;
  return (
    <>
      {list.map((extra) => {
        const isWhole = extra.per === 'slice';
        const place = isWhole ? { slice: slice.slice } : { segment: flight.segment };
        const wish = { code: extra.code, passenger: passenger.passenger, ...place };
        const price = formatMoney(extra.price, locale, true);
        return (
          <Stepper
            key={extra.code}
            label={isWhole || isOnly ? extra.name : `${extra.name}, ${way}`}
            help={isOnly ? price : isWhole ? t`${price}, all flights of this way` : price}
            value={quantity(wish)}
            least={0}
            most={extra.most}
            set={(count) => set({ ...wish, quantity: count }, extra.price)}
          />
        );
      })}
    </>
  );
}
