import { Trans, useLingui } from '@lingui/react/macro';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { OwnScreen } from '../../ui/own-screen';
import { Skeleton, Stale, Trouble } from '../../ui/parts';

const preferences = queryOptions({
  queryKey: ['notification-preferences'],
  queryFn: () => ask(api.GET('/api/v1/notifications/preferences')),
  retry: false,
});

/** Which news comes by mail too. What whoever flies is owed stands there as well, and says that it cannot be turned off. */
export default function Preferences() {
  const { t } = useLingui();
  return (
    <OwnScreen
      title={t`What is mailed`}
      intro={<Trans>Everything stands in your inbox. Choose what comes by e-mail as well.</Trans>}
      back={{ to: '/inbox', text: t`Inbox` }}
    >
      {() => <List />}
    </OwnScreen>
  );
}

function List() {
  const query = useQuery(preferences);
  if (isLost(query)) return <Trouble error={query.error} retry={() => query.refetch()} />;
  if (!query.data) return <Skeleton className="h-96" />;
  return (
    <>
      <Stale of={query} />
      <ul className="panel divide-y divide-edge px-5">
        {query.data.preferences.map((one) => (
          <li key={one.kind}>
            <Choice preference={one} />
          </li>
        ))}
      </ul>
    </>
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
    onSuccess: (all) => client.setQueryData(preferences.queryKey, all),
  });
  // What another tab or an earlier press has made of it shows when nothing is on its way.
  const { isPending } = change;
  useEffect(() => {
    if (!isPending) setOn(one.email);
  }, [isPending, one.email]);
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
