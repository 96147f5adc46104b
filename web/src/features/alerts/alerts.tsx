import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { isLost } from '../../api/client';
import { useLive } from '../../api/use-live';
import { Mark } from '../../ui/flight-line';
import { Gone } from '../../ui/gone';
import { OwnScreen } from '../../ui/own-screen';
import { Skeleton, Stale, Trouble } from '../../ui/parts';
import { dayThatCounts, inOrder, topicOf, watches } from '../../ui/prices/watch';
import { WatchCard } from './watch-card';

/** The prices that somebody watches. */
export default function Alerts() {
  const { t } = useLingui();
  return (
    <OwnScreen
      title={t`Prices you watch`}
      intro={
        <Trans>
          We tell you when one of them falls as far as you wish. What one adult pays on direct flights counts.
        </Trans>
      }
    >
      {() => <List />}
    </OwnScreen>
  );
}

/** So many topics leave room for the others of the page (`live.topics`). */
const LIVE_MOST = 40;

function List() {
  const client = useQueryClient();
  const query = useQuery(watches);
  const [gone, setGone] = useState<{ name: string; at: number }>();
  const all = inOrder(query.data?.watches ?? []);
  const running = all.filter((one) => one.status !== 'over');
  const topics = [...new Set(running.map((one) => topicOf(one.origin, one.destination, dayThatCounts(one))))].slice(
    0,
    LIVE_MOST,
  );
  // What was told also changes how a watch stands.
  useLive(topics.length > 0 ? ['inbox', ...topics] : [], () => {
    void client.invalidateQueries({ queryKey: watches.queryKey });
    void client.invalidateQueries({ queryKey: ['price-history'] });
  });
  if (isLost(query)) return <Trouble error={query.error} retry={() => query.refetch()} />;
  if (!query.data) return <Skeleton className="h-64" />;
  const name = gone?.name;
  const goneNow = gone && (
    <Gone key={gone.at}>
      <Trans>You watch {name} no more.</Trans>
    </Gone>
  );
  if (all.length === 0)
    return (
      <>
        {goneNow}
        <None />
      </>
    );
  const [count, most] = [all.length, query.data.most];
  return (
    <>
      <Stale of={query} />
      {goneNow}
      <ul className="space-y-4">
        {all.map((one) => (
          <li key={one.id}>
            <WatchCard watch={one} gone={(name) => setGone({ name, at: Date.now() })} />
          </li>
        ))}
      </ul>
      {count > most - 5 && (
        <p className="text-sm text-soft">
          <Trans>
            You watch {count} of {most} prices. Delete what you need no more.
          </Trans>
        </p>
      )}
    </>
  );
}

function None() {
  return (
    <div className="panel p-8 text-center">
      <Mark className="mx-auto mb-4 w-20 text-brand" />
      <h2 className="text-xl">
        <Trans>You watch nothing yet</Trans>
      </h2>
      <p className="mx-auto mt-2 mb-5 max-w-md text-soft">
        <Trans>Search for flights and press “Watch this price”. Your own fare you watch on the page of its trip.</Trans>
      </p>
      <Link to="/" className="btn btn-main">
        <Trans>Search for flights</Trans>
      </Link>
    </div>
  );
}
