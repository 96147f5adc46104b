import { Trans, useLingui } from '@lingui/react/macro';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTitle } from '../../lib/title';
import { settled, usePayment } from './payment';

/** Where a bank's page sends people back to. What it says of itself is not believed: the server is asked. */
export default function Back() {
  const { t } = useLingui();
  const { id = '' } = useParams({ strict: false });
  const navigate = useNavigate();
  const payment = usePayment({ id });
  useTitle(t`Payment`);
  useEffect(() => {
    // What became of the booking, the page of its payment tells: money that came too late bought nothing.
    if (payment && settled(payment))
      void navigate({
        to: '/bookings/$id/pay',
        params: { id: payment.booking_id },
        search: { payment: payment.id },
        replace: true,
      });
  }, [payment, navigate]);
  return (
    <div className="page max-w-xl py-16 text-center">
      <h1 className="display text-3xl">
        <Trans>Asking the bank …</Trans>
      </h1>
      <p role="status" className="mt-3 text-soft">
        <Trans>This takes a moment. You may close this page: it settles by itself, and nothing is charged twice.</Trans>
      </p>
    </div>
  );
}
