import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { useProfile } from '../../api/hooks';
import { useLive } from '../../api/use-live';
import { laterPart } from '../../lib/later-part';
import type { Money } from '../../lib/money';
import type { Query } from '../../lib/search';
import { Icon } from '../../ui/icons';
import { Price, Skeleton } from '../../ui/parts';
import { history, type Subject, topicOf, type Watch, watches } from '../../ui/prices/watch';

const WatchSheet = laterPart(() => import('../../ui/prices/watch-sheet'));

interface PriceStripProps {
  query: Query;
  index: number;
  /** Asks for the list anew, when prices have moved under it. */
  refresh: () => void;
}

/** What the direct flights of the day cost one adult, whether that is much, and to be told when it falls. */
export default function PriceStrip({ query, index, refresh }: PriceStripProps) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const leg = query.legs[index] ?? { from: '', to: '', on: '' };
  const route = { origin: leg.from, destination: leg.to, date: leg.on, cabin: query.cabin };
  const known = useQuery(history(route));
  const me = useProfile().data;
  const mine = useQuery({ ...watches, enabled: Boolean(me) }).data?.watches;
  const price = known.data?.price ?? undefined;
  const { moved, settle } = useMoved(price);
  const currency = price?.currency ?? known.data?.days.at(-1)?.high?.currency;
  useLive(currency ? [topicOf(leg.from, leg.to, leg.on)] : [], () => void known.refetch());
  if (known.isPending && known.isFetching) return <Skeleton className="mt-4 h-[3.9rem]" />;
  // Without direct flights there is nothing to watch, nor between cities with several airports.
  if (!known.data || !currency) return null;
  const seats = query.adults + query.children;
  const watched = mine?.some((one) => covers(one, route));
  const words: Record<string, string> = {
    low: t`lower than usual`,
    usual: t`as usual`,
    high: t`higher than usual`,
  };
  const standing = known.data.standing && words[known.data.standing];
  return (
    <section
      aria-label={t`The price of this day`}
      className="mt-4 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-2xl border border-edge bg-card py-2 ps-4 pe-2"
    >
      <p className="min-w-0 flex-1 basis-32 text-sm">
        {price ? (
          <>
            <Trans>
              Direct from <Price money={price} short className="text-base font-semibold" />
            </Trans>
            <span className="block text-soft">
              <Trans>one adult</Trans>
              {standing && ` · ${standing}`}
            </span>
          </>
        ) : (
          <Trans>No direct flight to buy now</Trans>
        )}
      </p>
      {moved && (
        <button
          type="button"
          className="btn btn-quiet"
          onClick={() => {
            settle();
            refresh();
          }}
        >
          <Trans>Prices have changed: show them</Trans>
        </button>
      )}
      {watched && (
        <Link to="/alerts" className="btn btn-text">
          <Icon name="check" />
          <Trans>You watch it</Trans>
        </Link>
      )}
      <button type="button" className="btn btn-text" onClick={() => setOpen(true)}>
        <Icon name="bell" />
        {watched ? <Trans>How it was</Trans> : <Trans>Watch this price</Trans>}
      </button>
      {open && (
        <Suspense>
          <WatchSheet subject={{ ...route, seats, currency }} close={() => setOpen(false)} />
        </Suspense>
      )}
    </section>
  );
}

/** Whether a price is another than when the list was asked for: it is said, and moves nothing by itself. */
function useMoved(price: Money | undefined) {
  const [first, setFirst] = useState(price);
  if (!first && price) setFirst(price);
  return { moved: Boolean(first && first.amount !== price?.amount), settle: () => setFirst(price) };
}

const covers = (watch: Watch, { origin, destination, date, cabin }: Omit<Subject, 'seats' | 'currency'>): boolean =>
  !watch.flight_id &&
  watch.status !== 'over' &&
  watch.origin === origin &&
  watch.destination === destination &&
  watch.cabin === cabin &&
  watch.date <= date &&
  date <= watch.to_date;
