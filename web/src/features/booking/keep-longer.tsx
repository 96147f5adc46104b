import { Plural, Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, type Schemas } from '../../api/client';
import { booking as bookingQuery, useKeepBooking } from '../../api/hooks';
import { keyFor } from '../../lib/idempotency';
import { Trouble } from '../../ui/parts';
import { useStill } from '../../ui/still';
import { settled } from './payment';

type Booking = Schemas['BookingView'];

function useExtend(booking: Booking, done: () => void) {
  const client = useQueryClient();
  const keepBooking = useKeepBooking();
  return useMutation({
    mutationFn: async () => {
      const key = keyFor(`extend ${booking.id}`, {});
      const params = { path: { id: booking.id }, header: key.header };
      const view = await ask(api.POST('/api/v1/bookings/{id}/extend', { params }));
      key.done();
      return view;
    },
    onSuccess: (view) => {
      keepBooking(view);
      done();
    },
    onError: () => client.invalidateQueries({ queryKey: bookingQuery(booking.id).queryKey }),
  });
}

interface KeepLongerProps {
  booking: Booking;
  isNear: boolean;
  minutes: number;
  /** The button is gone. */
  done: () => void;
}

/** That a hold ends soon, more time for whoever wants it, and that they have it. */
export default function KeepLonger({ booking, isNear, minutes, done }: KeepLongerProps) {
  const extend = useExtend(booking, done);
  // A payment that is under way keeps the seats by itself.
  const isShown = isNear && booking.payments.every(settled);
  const canExtend = booking.available_actions.includes('extend');
  const ready = useStill(isShown ? 'ends' : '');
  return (
    <>
      {isShown && (
        <div className="panel flex flex-wrap items-center gap-3 p-4 shadow-lift">
          <p className="min-w-40 flex-1 font-semibold">
            {canExtend ? (
              <Trans>Your seats are kept for less than two more minutes. Do you need longer?</Trans>
            ) : (
              <Trans>Your seats are kept for less than two more minutes, and free again after that.</Trans>
            )}
          </p>
          {canExtend && (
            <button
              type="button"
              className="btn btn-quiet"
              disabled={!ready || extend.isPending}
              onClick={() => extend.mutate()}
            >
              <Trans>Keep them longer</Trans>
            </button>
          )}
        </div>
      )}
      {!isNear && extend.isSuccess && minutes > 0 && (
        <p className="font-semibold">
          <Plural
            value={minutes}
            one="Your seats are kept for # more minute."
            other="Your seats are kept for # more minutes."
          />
        </p>
      )}
      {extend.error && <Trouble error={extend.error} />}
    </>
  );
}
