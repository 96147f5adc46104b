import { Trans, useLingui } from '@lingui/react/macro';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { OwnScreen } from '../../ui/own-screen';
import { Skeleton, Stale, Trouble } from '../../ui/parts';
import { Browsers } from './browsers';

const preferences = queryOptions({
  queryKey: ['notification-preferences'],
  queryFn: () => ask(api.GET('/api/v1/notifications/preferences')),
  retry: false,
});

/** Which news comes by mail and by push too. What whoever flies is owed stands there as well, and says that its mails cannot be turned off. */
export default function Preferences() {
  const { t } = useLingui();
  return (
    <OwnScreen
      title={t`How we tell you`}
      intro={<Trans>Everything stands in your inbox. Choose what comes by e-mail and on your screen as well.</Trans>}
      back={{ to: '/inbox', text: t`Inbox` }}
    >
      {(me) => (
        <>
          <Browsers owner={me.id} />
          <List />
        </>
      )}
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

type Way = 'email' | 'push';

function Choice({ preference: one }: { preference: Schemas['NotificationPreference'] }) {
  const { t } = useLingui();
  const kinds = useKinds();
  const kind = kinds[one.kind] ?? one.kind;
  return (
    <div role="group" aria-label={kind} className="flex min-h-16 flex-wrap items-center gap-x-6 gap-y-1 py-3">
      <p className="me-auto basis-60 sm:basis-auto">
        <span className="block font-semibold">{kind}</span>
        {one.email_fixed && (
          <span className="block text-sm text-soft">
            <Trans>Always mailed: whoever flies must know.</Trans>
          </span>
        )}
      </p>
      <Switch of={one} way="email" fixed={one.email_fixed} label={t`E-mail`} />
      <Switch of={one} way="push" label={t`Screen`} />
    </div>
  );
}

interface SwitchProps {
  of: Schemas['NotificationPreference'];
  way: Way;
  label: string;
  fixed?: boolean;
}

function Switch({ of: one, way, label, fixed = false }: SwitchProps) {
  const client = useQueryClient();
  // It moves with the finger, and back when the change is refused.
  const [on, setOn] = useState(one[way]);
  const change = useMutation({
    mutationFn: (wanted: boolean) =>
      ask(
        api.PATCH('/api/v1/notifications/preferences', {
          body: { preferences: [{ kind: one.kind, [way]: wanted }] },
        }),
      ),
    // Two presses arrive in the order they were made.
    scope: { id: `${way} ${one.kind}` },
    onSuccess: (all) => client.setQueryData(preferences.queryKey, all),
  });
  // What another tab or an earlier press has made of it shows when nothing is on its way.
  const { isPending } = change;
  useEffect(() => {
    if (!isPending) setOn(one[way]);
  }, [isPending, one, way]);
  return (
    <>
      <label className={`inline-flex min-h-11 items-center gap-2 ${fixed ? '' : 'cursor-pointer'}`}>
        <input
          type="checkbox"
          className="size-6 shrink-0 accent-brand"
          checked={on}
          disabled={fixed}
          onChange={(event) => {
            setOn(event.target.checked);
            change.mutate(event.target.checked);
          }}
        />
        <span className={fixed ? 'text-soft' : ''}>{label}</span>
      </label>
      {change.error && (
        <div className="basis-full">
          <Trouble error={change.error} />
        </div>
      )}
    </>
  );
}
