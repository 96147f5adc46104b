import { Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { useLocale, useProfile } from '../../api/hooks';
import { formatMoment } from '../../lib/time';
import { useTitle } from '../../lib/title';
import { Mark } from '../../ui/flight-line';
import { Icon } from '../../ui/icons';
import { More } from '../../ui/more';
import { Skeleton, Stale, Tag, Trouble, Waiting } from '../../ui/parts';

type Notification = Schemas['Notification'];

/** What travellers were told, the newest first. */
export default function Inbox() {
  const { t } = useLingui();
  const me = useProfile();
  useTitle(t`Inbox`);
  if (me.isPending && !me.isPaused) return <Waiting />;
  return (
    <div className="page max-w-3xl pt-8">
      <div className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <h1 className="display text-4xl">
          <Trans>Inbox</Trans>
        </h1>
        {me.data && (
          <Link to="/inbox/preferences" className="btn btn-quiet">
            <Trans>How we tell you</Trans>
          </Link>
        )}
      </div>
      {me.data ? <List /> : me.data === null ? <Stranger /> : <Trouble error={me.error} retry={() => me.refetch()} />}
    </div>
  );
}

function Stranger() {
  return (
    <div className="panel p-8 text-center">
      <Mark className="mx-auto mb-4 w-20 text-brand" />
      <p className="mb-5 text-soft">
        <Trans>Sign in to read what we told you about your trips.</Trans>
      </p>
      <Link to="/sign-in" search={{ next: '/inbox' }} className="btn btn-main">
        <Trans>Sign in</Trans>
      </Link>
    </div>
  );
}

function List() {
  const client = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: ['notifications', 'list'],
    queryFn: ({ pageParam }) =>
      ask(api.GET('/api/v1/notifications', { params: { query: { limit: 20, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const all = list.data?.pages.flatMap((page) => page.notifications) ?? [];
  const [newest] = all;
  const readAll = useMutation({
    // Up to the newest that was seen: what comes meanwhile stays new.
    mutationFn: (until: string) => ask(api.POST('/api/v1/notifications/read', { body: { until } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['notifications'] }),
  });
  const isNew = all.some((one) => !one.read_at);
  if (isLost(list)) return <Trouble error={list.error} retry={() => list.refetch()} />;
  if (list.isPending) return <Skeleton className="h-64" />;
  if (!newest) return <None />;
  return (
    <>
      <Stale of={list} />
      {readAll.error && <Trouble error={readAll.error} />}
      <button
        type="button"
        className="btn btn-quiet mb-4 w-full sm:w-auto"
        disabled={!isNew || readAll.isPending}
        onClick={() => readAll.mutate(newest.id)}
      >
        <Icon name="check" />
        {isNew ? <Trans>I have read all of it</Trans> : <Trans>Everything is read</Trans>}
      </button>
      <ul className="space-y-3">
        {all.map((one) => (
          <li key={one.id}>
            <One notification={one} />
          </li>
        ))}
      </ul>
      <More list={list}>
        <Trans>Show older ones</Trans>
      </More>
    </>
  );
}

function None() {
  return (
    <div className="panel p-8 text-center">
      <Mark className="mx-auto mb-4 w-20 text-brand" />
      <p className="text-soft">
        <Trans>Nothing yet. When something happens to a trip of yours, it stands here.</Trans>
      </p>
    </div>
  );
}

function One({ notification: one }: { notification: Notification }) {
  const { t } = useLingui();
  const locale = useLocale();
  const client = useQueryClient();
  const mark = useMutation({
    mutationFn: (read: boolean) =>
      ask(api.PATCH('/api/v1/notifications/{id}', { params: { path: { id: one.id } }, body: { read } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['notifications'] }),
  });
  const read = Boolean(one.read_at);
  return (
    <article className={`panel p-5 ${read ? '' : 'border-s-[5px] border-s-kesar'}`}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="text-lg">{one.title}</h2>
        {!read && (
          <Tag tone="note">
            <Trans>New</Trans>
          </Tag>
        )}
        {one.outdated && (
          <Tag>
            <Trans>Something later was told</Trans>
          </Tag>
        )}
      </div>
      <p className="text-sm text-soft">{formatMoment(one.created_at, locale)}</p>
      <p className={`mt-2 whitespace-pre-line ${one.outdated ? 'text-soft' : ''}`}>{one.text}</p>
      {mark.error && <Trouble error={mark.error} />}
      <div className="mt-3 flex flex-wrap gap-x-4">
        {one.booking_id && (
          <Link
            to="/trips/$id"
            params={{ id: one.booking_id }}
            className="link inline-flex min-h-11 items-center font-semibold"
            aria-label={t`To the trip: ${one.title}`}
            onClick={() => !read && mark.mutate(true)}
          >
            <Trans>To the trip</Trans>
          </Link>
        )}
        {one.ticket_id && (
          <Link
            to="/support/$id"
            params={{ id: one.ticket_id }}
            className="link inline-flex min-h-11 items-center font-semibold"
            aria-label={t`To your question: ${one.title}`}
            onClick={() => !read && mark.mutate(true)}
          >
            <Trans>To your question</Trans>
          </Link>
        )}
        {one.kind === 'price_drop' && (
          <Link
            to="/alerts"
            className="link inline-flex min-h-11 items-center font-semibold"
            aria-label={t`To the prices you watch: ${one.title}`}
            onClick={() => !read && mark.mutate(true)}
          >
            <Trans>To the prices you watch</Trans>
          </Link>
        )}
        <button
          type="button"
          className="link min-h-11"
          aria-label={read ? t`Mark as new: ${one.title}` : t`Mark as read: ${one.title}`}
          disabled={mark.isPending}
          onClick={() => mark.mutate(!read)}
        >
          {read ? <Trans>Mark as new</Trans> : <Trans>Mark as read</Trans>}
        </button>
      </div>
    </article>
  );
}
