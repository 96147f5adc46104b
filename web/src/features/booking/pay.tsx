import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { waysOf } from '../../api/booking';
import { api, ask, hasPass, isLost, isRefusal, type Schemas } from '../../api/client';
import { booking as bookingQuery, useKeepBooking, useLocale } from '../../api/hooks';
import { keyFor } from '../../lib/idempotency';
import { dueOf, standing } from '../../lib/paying';
import { dayOf, formatDay, formatMoment } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { JourneyLine } from '../../ui/journey';
import { Notice, Price, Stale, Trouble, Waiting } from '../../ui/parts';
import { Coupon } from './coupon';
import { type Booking, Frame, HeldSummary } from './frame';
import { HoldOver, SearchAgain } from './hold';
import { PayForm } from './pay-form';
import { settled, usePayment, WAIT_MS } from './payment';

type Payment = Schemas['PaymentView'];

export default function Pay() {
  const { t } = useLingui();
  const { id = '' } = useParams({ strict: false });
  const booking = useQuery({ ...bookingQuery(id), staleTime: 0 });
  useTitle(t`Pay`);
  // A question that fails later leaves what was typed where it is.
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
      <Review booking={booking.data} again={() => void booking.refetch()} />
    </>
  );
}

/** What is due: the whole price of a hold, or an open order beside what was paid. */
const orderOf = (booking: Booking) => booking.orders.find((order) => order.status === 'open');

function Review({ booking, again }: { booking: Booking; again: () => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const client = useQueryClient();
  // A payment that was begun goes on after a reload and after the way back from the bank.
  const { payment: from } = useSearch({ strict: false });
  const begun = booking.payments.find((one) => !settled(one) || one.id === from);
  const [payment, setPayment] = useState<Payment | undefined>(begun);
  // The pass to a booking opens no payments.
  const isPassed = hasPass(booking.id);
  const now = usePayment(isPassed ? undefined : payment) ?? payment;
  const due = orderOf(booking)?.amount ?? booking.price;
  // An order that is closed meanwhile is remembered: whether it was paid, it says itself.
  const [what] = useState(() => dueOf(booking, begun));
  const stands = standing(booking, what);
  const charged = now?.status === 'succeeded';
  const unknown = charged && stands === 'due';
  useEffect(() => {
    if (!unknown) return;
    // What is known of the booking is from before the payment; asked until an answer gets through.
    const askAgain = () => void client.invalidateQueries({ queryKey: bookingQuery(booking.id).queryKey });
    askAgain();
    const timer = setInterval(askAgain, WAIT_MS);
    return () => clearInterval(timer);
  }, [unknown, booking.id, client]);
  useEffect(() => {
    if (stands !== 'done' && stands !== 'nothing') return;
    const search = stands === 'done' ? { new: '1' } : {};
    void navigate({ to: '/trips/$id', params: { id: booking.id }, search, replace: true });
  }, [stands, booking.id, navigate]);
  const pay = usePay(booking, due, now?.id, setPayment);
  if (stands === 'done' || stands === 'nothing' || unknown) return <Waiting />;
  // What is refused for good is over as well, also where the booking that is shown does not say so yet.
  const over = stands === 'over' || isRefusal(pay.error, 'hold_expired', 'booking_closed');
  const stopped = isRefusal(pay.error, 'flight_cancelled');
  const underway = now && !settled(now);
  return (
    <Frame
      at={3}
      title={t`Look it over and pay`}
      aside={<HeldSummary booking={booking} more={<Coupon booking={booking} />} />}
      booking={booking}
    >
      {booking.status === 'confirmed' && <WhatFor booking={booking} />}
      <Flights booking={booking} />
      <People booking={booking} />
      {over && !underway ? (
        <Over booking={booking} isHold={what === 'hold'} charged={charged} />
      ) : (
        <>
          {now?.status === 'declined' && <Declined payment={now} />}
          {isRefusal(pay.error, 'price_changed') ? (
            <Changed
              again={() => {
                pay.reset();
                again();
              }}
            />
          ) : (
            pay.error && <Trouble error={pay.error} />
          )}
          {stopped ? (
            <WayOut booking={booking} />
          ) : underway ? (
            <Underway payment={now} />
          ) : isPassed ? (
            <SignInFirst booking={booking.id} />
          ) : (
            <PayForm due={due} busy={pay.isPending} pay={pay.mutateAsync} />
          )}
        </>
      )}
    </Frame>
  );
}

/** A code opens a booking to look at and to change; paying is for whoever it belongs to. */
function SignInFirst({ booking }: { booking: string }) {
  return (
    <Notice tone="note">
      <p className="font-semibold">
        <Trans>You opened this booking with a code. To pay for it, sign in to the account it was made with.</Trans>
      </p>
      <Link to="/sign-in" search={{ next: `/bookings/${booking}/pay` }} className="btn btn-main mt-3">
        <Trans>Sign in</Trans>
      </Link>
    </Notice>
  );
}

/** What is due beside a trip that is paid for: what is shown of it is from before. */
function WhatFor({ booking }: { booking: Booking }) {
  const locale = useLocale();
  const order = orderOf(booking);
  if (!order) return null;
  return (
    <Notice tone="note" icon={order.kind === 'change' ? 'swap' : 'bag'}>
      <p className="font-semibold">
        {order.kind === 'change' ? (
          <Trans>
            <Price money={order.amount} /> for the change of flights. Until it is paid, the flights below stay yours.
          </Trans>
        ) : (
          <Trans>
            <Price money={order.amount} /> for what you added to this trip.
          </Trans>
        )}
      </p>
      {order.expires_at && (
        <p>
          <Trans>It is kept for you until {formatMoment(order.expires_at, locale)}.</Trans>
        </p>
      )}
    </Notice>
  );
}

/** `before` is the payment that is known already: after it, the same card is another try and not the same one again. */
function usePay(
  booking: Booking,
  due: Schemas['Money'],
  before: string | undefined,
  begun: (payment: Payment) => void,
) {
  const keepBooking = useKeepBooking();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (method: Schemas['MethodBody']) => {
      const body = { booking_id: booking.id, method, expected_total: due };
      const key = keyFor(`pay after ${before}`, body);
      return ask(api.POST('/api/v1/payments', { params: { header: key.header }, body }));
    },
    onSuccess: async (payment) => {
      begun(payment);
      if (payment.status === 'succeeded') {
        keepBooking(await ask(api.GET('/api/v1/bookings/{id}', { params: { path: { id: booking.id } } })));
      } else if (payment.status === 'requires_action' && payment.action_url) {
        location.assign(payment.action_url);
      }
    },
    onError: (error) => {
      // What is refused is not as it is shown. Another total is shown when somebody wants to see it.
      if (isRefusal(error) && error.code !== 'price_changed')
        void client.invalidateQueries({ queryKey: bookingQuery(booking.id).queryKey });
    },
  });
}

function Flights({ booking }: { booking: Booking }) {
  const locale = useLocale();
  return (
    <section className="panel divide-y divide-edge">
      {waysOf(booking).map((slice) => {
        const { flights } = slice;
        return (
          <div key={slice.slice} className="p-5">
            <p className="mb-2 text-sm text-soft">
              {formatDay(dayOf(flights[0]?.departs_at ?? ''), locale, 'long')} · {slice.fare_family.name}
            </p>
            <JourneyLine flights={flights} />
          </div>
        );
      })}
    </section>
  );
}

function People({ booking }: { booking: Booking }) {
  const seats = (passenger: number) =>
    booking.extras
      .filter((one) => one.passenger === passenger && one.seat && one.status === 'reserved')
      .map((one) => one.seat);
  return (
    <section className="panel p-5">
      <h2 className="mb-2 text-lg">
        <Trans>Who flies</Trans>
      </h2>
      <ul className="space-y-1">
        {booking.passengers.map((one) => (
          <li key={one.passenger} className="flex justify-between gap-3">
            <span>
              {one.given_name} {one.family_name}
            </span>
            <span className="figures text-soft">{seats(one.passenger).join(', ')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface OverProps {
  booking: Booking;
  isHold: boolean;
  /** The money came when it was too late. */
  charged: boolean;
}

function Over({ booking, isHold, charged }: OverProps) {
  if (charged || !isHold)
    return (
      <Notice tone="note">
        <p className="font-semibold">
          {charged ? (
            <Trans>The payment came too late: nothing was booked or changed. Your money goes back to you.</Trans>
          ) : (
            <Trans>This need not be paid any more. Nothing was changed, and nothing was charged.</Trans>
          )}
        </p>
        <WayOut booking={booking} />
      </Notice>
    );
  return <HoldOver booking={booking} />;
}

/** From what cannot be paid any more: the trip as it is, or another search. */
function WayOut({ booking }: { booking: Booking }) {
  if (booking.status === 'held') return <SearchAgain booking={booking} />;
  return (
    <Link to="/trips/$id" params={{ id: booking.id }} className="btn btn-quiet mt-3">
      <Trans>To the trip</Trans>
    </Link>
  );
}

function Changed({ again }: { again: () => void }) {
  return (
    <Notice tone="note">
      <p className="font-semibold">
        <Trans>The total is another now. Nothing was charged.</Trans>
      </p>
      <button type="button" className="btn btn-quiet mt-3" onClick={again}>
        <Trans>Show the new total</Trans>
      </button>
    </Notice>
  );
}

/** Why a bank said no, as far as it says so. */
function Declined({ payment }: { payment: Payment }) {
  const { t } = useLingui();
  const reasons: Record<string, string> = {
    insufficient_funds: t`There is not enough money on the card.`,
    expired_card: t`The card has expired.`,
    incorrect_cvc: t`The security code is not right.`,
    not_received: t`The payment never reached the bank.`,
  };
  return (
    <Notice tone="bad">
      <p className="font-semibold">
        <Trans>The payment was declined. Nothing was charged, and your seats are still kept.</Trans>
      </p>
      <p>{reasons[payment.decline_code ?? ''] ?? t`The bank gave no reason. Another card may do.`}</p>
    </Notice>
  );
}

function Underway({ payment }: { payment: Payment }) {
  return (
    <Notice tone="note">
      {payment.status === 'requires_action' ? (
        <>
          <p className="font-semibold">
            <Trans>Your bank wants you to approve this payment.</Trans>
          </p>
          <a href={payment.action_url ?? '#'} className="btn btn-main mt-3">
            <Trans>Go to the bank's page</Trans>
          </a>
        </>
      ) : (
        <p className="font-semibold">
          <Trans>
            We are waiting for the bank. You may close this page: it settles by itself, and nothing is charged twice.
          </Trans>
        </p>
      )}
    </Notice>
  );
}
