import { Trans, useLingui } from '@lingui/react/macro';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { useTitle } from '../../lib/title';
import { Icon } from '../../ui/icons';
import { Skeleton, Trouble } from '../../ui/parts';

const preferences = queryOptions({
  queryKey: ['notification-preferences'],
  queryFn: () => ask(api.GET('/api/v1/notifications/preferences')),
  retry: false,
});

/** Which news comes by mail too. What whoever flies is owed stands there as well, and says that it cannot be turned off. */
export default function Preferences() {
  const { t } = useLingui();
  const query = useQuery(preferences);
  useTitle(t`What is mailed`);
  return (
    <div className="page max-w-3xl pt-6">
      <Link to="/inbox" className="mb-3 inline-flex min-h-11 items-center gap-1 font-semibold text-brand">
        <Icon name="back" className="size-5 rtl:-scale-x-100" />
        <Trans>Inbox</Trans>
      </Link>
      <h1 className="display text-4xl">
        <Trans>What is mailed</Trans>
      </h1>
      <p className="mt-2 mb-5 max-w-prose text-soft">
        <Trans>Everything stands in your inbox. Choose what comes by e-mail as well.</Trans>
      </p>
      {isLost(query) ? (
        <Trouble error={query.error} retry={() => query.refetch()} />
      ) : query.data ? (
        <ul className="panel divide-y divide-edge px-5">
          {query.data.preferences.map((one) => (
            <li key={one.kind}>
              <Choice preference={one} />
            </li>
          ))}
        </ul>
      ) : (
        <Skeleton className="h-96" />
      )}
    </div>
  );
}

function useKinds(): Record<string, string> {
  const { t } = useLingui();
  return {
    booking_confirmed: t`A booking is confirmed, or its tickets were exchanged`,
    payment: t`A payment went through, or was declined`,
    refund: t`Money is on its way back`,
    schedule_change: t`The schedule of a flight changed`,
    delay: t`A flight is delayed, or on time after all`,
    cancellation: t`A flight or a booking was cancelled`,
    gate: t`There is a gate, or another one`,
    check_in_open: t`Check-in has opened`,
    check_in_reminder: t`A reminder before check-in closes`,
    support_answer: t`We answered a question of yours`,
    price_drop: t`What you watch costs less`,
    announcement: t`We have something to announce`,
  };
}

function Choice({ preference: one }: { preference: Schemas['NotificationPreference'] }) {
  const kinds = useKinds();
  const client = useQueryClient();
  // It moves with the finger, and back when the change is refused.
  const [on, setOn] = useState(one.email);
  const change = useMutation({
    mutationFn: (email: boolean) =>
      ask(api.PATCH('/api/v1/notifications/preferences', { body: { preferences: [{ kind: one.kind, email }] } })),
    // Two presses arrive in the order they were made.
    scope: { id: `mailed ${one.kind}` },
    onError: () => setOn(one.email),
    onSuccess: (all) => client.setQueryData(preferences.queryKey, all),
  });
  return (
    <>
      <label className={`flex min-h-16 items-center gap-4 py-3 ${one.email_fixed ? '' : 'cursor-pointer'}`}>
        <span className="me-auto">
          <span className="block font-semibold">{kinds[one.kind] ?? one.kind}</span>
          {one.email_fixed && (
            <span className="block text-sm text-soft">
              <Trans>Always mailed: whoever flies must know.</Trans>
            </span>
          )}
        </span>
        <span aria-hidden="true" className="text-sm text-soft">
          {on ? <Trans>Mailed</Trans> : <Trans>Inbox only</Trans>}
        </span>
        <input
          type="checkbox"
          className="size-6 shrink-0 accent-brand"
          checked={on}
          disabled={one.email_fixed}
          onChange={(event) => {
            setOn(event.target.checked);
            change.mutate(event.target.checked);
          }}
        />
      </label>
      {change.error && <Trouble error={change.error} />}
    </>
  );
}
