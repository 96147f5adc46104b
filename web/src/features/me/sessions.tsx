import { Trans, useLingui } from '@lingui/react/macro';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { deviceOf } from '../../lib/device';
import { formatMoment } from '../../lib/time';
import { Confirm } from '../../ui/confirm';
import { OwnScreen } from '../../ui/own-screen';
import { Skeleton, Stale, Tag, Trouble } from '../../ui/parts';

type Session = Schemas['SessionView'];

const sessions = queryOptions({
  queryKey: ['sessions'],
  queryFn: () => ask(api.GET('/api/v1/me/sessions')),
});

/** Every device and program that is let in, and how to end that. */
export default function Sessions() {
  const { t } = useLingui();
  return (
    <OwnScreen
      title={t`Where you are signed in`}
      intro={<Trans>If you do not know one of these, end it and set a new password.</Trans>}
    >
      {() => <List />}
    </OwnScreen>
  );
}

function List() {
  const client = useQueryClient();
  const list = useQuery(sessions);
  const again = () => client.invalidateQueries({ queryKey: sessions.queryKey });
  const end = useMutation({
    mutationFn: (id: string) => ask(api.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } })),
    onSettled: again,
  });
  const others = (list.data?.sessions ?? []).filter((one) => !one.current);
  const endAll = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/me/sessions')),
    onSettled: again,
  });
  if (isLost(list)) return <Trouble error={list.error} retry={() => list.refetch()} />;
  if (!list.data) return <Skeleton className="h-64" />;
  const all = [...list.data.sessions].sort((one, other) => Number(other.current) - Number(one.current));
  return (
    <>
      <Stale of={list} />
      {(end.error ?? endAll.error) && <Trouble error={end.error ?? endAll.error} />}
      <ul className="panel divide-y divide-edge px-5">
        {all.map((one) => (
          <li key={one.id} className="py-4">
            <One session={one} busy={end.isPending} end={() => end.mutate(one.id)} />
          </li>
        ))}
      </ul>
      {others.length > 0 ? (
        <Confirm
          label={<Trans>End all others</Trans>}
          question={<Trans>Everywhere but here, whoever is signed in has to sign in again.</Trans>}
          deed={<Trans>End all others</Trans>}
          busy={endAll.isPending}
          act={() => endAll.mutate()}
        />
      ) : (
        <p className="text-soft">
          <Trans>Nowhere else.</Trans>
        </p>
      )}
    </>
  );
}

function One({ session, busy, end }: { session: Session; busy: boolean; end: () => void }) {
  const { t } = useLingui();
  const locale = useLocale();
  const { browser, system } = deviceOf(session.agent);
  const name =
    session.kind === 'browser' && browser
      ? system
        ? t`${browser} on ${system}`
        : browser
      : session.client_id
        ? t`Program ${session.client_id}`
        : session.agent || t`A program`;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="me-auto min-w-0">
        <p className="flex flex-wrap items-center gap-2 font-semibold">
          <span className="break-all">{name}</span>
          {session.current && (
            <Tag tone="good">
              <Trans>This one</Trans>
            </Tag>
          )}
        </p>
        <p className="text-sm text-soft">
          <Trans>
            Last used {formatMoment(session.seen_at, locale)}, signed in {formatMoment(session.started_at, locale)} from{' '}
            {session.address}
          </Trans>
        </p>
      </div>
      {!session.current && (
        <button type="button" className="btn btn-quiet" aria-label={t`End ${name}`} disabled={busy} onClick={end}>
          <Trans>End</Trans>
        </button>
      )}
    </div>
  );
}
