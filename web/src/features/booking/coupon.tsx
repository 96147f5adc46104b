import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { useKeepBooking } from '../../api/hooks';
import { keyFor } from '../../lib/idempotency';
import { Field, Price, Trouble } from '../../ui/parts';
import type { Booking } from './frame';

/** Codes that take something off: those that are mine to use, and one that is typed. */
export function Coupon({ booking }: { booking: Booking }) {
  const { t } = useLingui();
  const keepBooking = useKeepBooking();
  const [typed, setTyped] = useState('');
  const mine =
    useQuery({ queryKey: ['coupons'], queryFn: () => ask(api.GET('/api/v1/coupons/mine')), retry: false }).data
      ?.promotions ?? [];
  const path = { id: booking.id };
  const use = useMutation({
    mutationFn: async (code: string) => {
      const key = keyFor(`coupon ${booking.id}`, code);
      const view = await ask(
        api.POST('/api/v1/bookings/{id}/coupon', { params: { path, header: key.header }, body: { code } }),
      );
      key.done();
      return view;
    },
    onSuccess: (view) => {
      keepBooking(view);
      setTyped('');
    },
  });
  const drop = useMutation({
    mutationFn: (code: string) =>
      ask(api.DELETE('/api/v1/bookings/{id}/coupon', { params: { path, query: { code } } })),
    onSuccess: keepBooking,
  });
  if (booking.status !== 'held') return null;
  return (
    <div className="border-t border-edge py-2 text-sm">
      {booking.promotions.map((one) => (
        <p key={one.code} className="flex items-center justify-between gap-2 font-semibold text-good">
          <span>{one.name}</span>
          <span className="flex items-center gap-2">
            −<Price money={one.discount} />
            <button type="button" className="link min-h-9 font-normal" onClick={() => drop.mutate(one.code)}>
              <Trans>Take off</Trans>
            </button>
          </span>
        </p>
      ))}
      <details>
        <summary className="flex min-h-10 items-center font-semibold text-brand">
          <Trans>Have a code?</Trans>
        </summary>
        <div className="space-y-3 pt-1 pb-3">
          {use.error && <Trouble error={use.error} />}
          <form
            className="space-y-2"
            onSubmit={(event) => {
              event.preventDefault();
              if (typed.trim()) use.mutate(typed.trim());
            }}
          >
            <Field
              label={t`Promotion code`}
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
            <button type="submit" className="btn btn-quiet w-full" disabled={use.isPending}>
              <Trans>Use it</Trans>
            </button>
          </form>
          {mine.length > 0 && (
            <ul className="space-y-1">
              {mine.map((one) => (
                <li key={one.code}>
                  <button
                    type="button"
                    className="link min-h-9 text-start"
                    disabled={use.isPending}
                    onClick={() => use.mutate(one.code)}
                  >
                    {one.code}: {one.terms.name}
                  </button>
                </li>
              ))}
            </ul>
          )}
        </div>
      </details>
    </div>
  );
}
