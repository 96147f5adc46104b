import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { formatMoment } from '../../lib/time';
import { Mark } from '../../ui/flight-line';
import { Icon } from '../../ui/icons';
import { More } from '../../ui/more';
import { OwnScreen } from '../../ui/own-screen';
import { Skeleton, Stale, Tag, Trouble } from '../../ui/parts';
import { TONES, useCategories, useStates } from './words';

/** What I asked, the newest first. */
export default function Tickets() {
  const { t } = useLingui();
  return (
    <OwnScreen title={t`Your questions`}>
      {() => (
        <>
          <p className="flex flex-wrap gap-3">
            <Link to="/support/new" className="btn btn-main">
              <Icon name="plus" />
              <Trans>Ask us</Trans>
            </Link>
            <Link to="/help" className="btn btn-quiet">
              <Trans>What is asked often</Trans>
            </Link>
          </p>
          <List />
        </>
      )}
    </OwnScreen>
  );
}

function List() {
  const list = useInfiniteQuery({
    queryKey: ['tickets'],
    queryFn: ({ pageParam }) =>
      ask(api.GET('/api/v1/support/tickets', { params: { query: { limit: 20, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  if (isLost(list)) return <Trouble error={list.error} retry={() => list.refetch()} />;
  if (!list.data) return <Skeleton className="h-48" />;
  const all = list.data.pages.flatMap((page) => page.tickets);
  if (all.length === 0)
    return (
      <div className="panel p-8 text-center text-soft">
        <Mark className="mx-auto mb-4 w-20 text-brand" />
        <Trans>You have asked nothing yet. Answers come here and by mail.</Trans>
      </div>
    );
  return (
    <>
      <Stale of={list} />
      <ul className="space-y-3">
        {all.map((one) => (
          <li key={one.id}>
            <One ticket={one} />
          </li>
        ))}
      </ul>
      <More list={list}>
        <Trans>Show older ones</Trans>
      </More>
    </>
  );
}

function One({ ticket }: { ticket: Schemas['Ticket'] }) {
  const locale = useLocale();
  const categories = useCategories();
  const states = useStates();
  return (
    <Link to="/support/$id" params={{ id: ticket.id }} className="panel block p-5 hover:border-brand">
      <span className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <span className="text-lg font-semibold">{ticket.subject}</span>
        <Tag tone={TONES[ticket.status] ?? 'plain'}>{states[ticket.status] ?? ticket.status}</Tag>
      </span>
      <span className="block text-sm text-soft">
        {categories[ticket.category] ?? ticket.category} ·{' '}
        <Plural value={ticket.messages} one="# message" other="# messages" /> ·{' '}
        {formatMoment(ticket.changed_at, locale)}
      </span>
    </Link>
  );
}
