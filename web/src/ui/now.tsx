import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Schemas } from '../api/client';
import { flightStatus, useLocale } from '../api/hooks';
import { clock, clockBeside } from '../lib/time';
import { LiveChip } from './live-chip';
import { useFlightNames } from './names';
import { Skeleton, Tag } from './parts';

type Status = Schemas['FlightStatusView'];

/** How a state of a flight looks. */
export const TONES: Record<string, 'good' | 'bad' | 'note'> = {
  scheduled: 'good',
  boarding: 'note',
  delayed: 'bad',
  cancelled: 'bad',
};

/** A flight as it is now: what changes while somebody looks is marked and said once, and moves nothing. */
export default function Now({ id }: { id: string }) {
  const names = useFlightNames();
  const query = useQuery(flightStatus(id));
  const status = query.data;
  const locale = useLocale();
  const at = (scheduled: string, now: string) => clockBeside(scheduled, now, locale);
  const news = useChanges(status);
  // As tall as what comes.
  if (!status) return query.error ? null : <Skeleton className="mb-4 h-40" />;
  return (
    <div className="mb-4 rounded-2xl bg-sunk p-3 sm:p-4">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <p className="flex items-center gap-2 font-semibold">
          <span className="figures">{status.flight_number}</span>
          <Tag tone={TONES[status.status] ?? 'plain'}>{names[status.status] ?? status.status}</Tag>
        </p>
        <LiveChip at={query.dataUpdatedAt} />
      </div>
      <dl className="-mx-1 mt-3 grid grid-cols-3 gap-1">
        <Fact name={<Trans>Gate</Trans>} now={status.gate ?? '–'} marked={news.includes('gate')} />
        <Fact
          name={<Trans>Departs</Trans>}
          now={at(status.departs_at, status.estimated_departs_at)}
          marked={news.includes('time')}
        />
        <Fact
          name={<Trans>Arrives</Trans>}
          now={at(status.arrives_at, status.estimated_arrives_at)}
          marked={news.includes('arrival')}
        />
      </dl>
      <Told status={status} news={news} />
    </div>
  );
}

type News = 'gate' | 'time' | 'arrival' | 'status';

/** What is other than when it was seen first, for as long as it is shown. */
function useChanges(status: Status | undefined): News[] {
  const first = useRef<Status>(undefined);
  const [news, setNews] = useState<News[]>([]);
  useEffect(() => {
    if (!status) return;
    const before = first.current ?? status;
    first.current = before;
    const found: News[] = [];
    if (before.gate !== status.gate) found.push('gate');
    if (before.estimated_departs_at !== status.estimated_departs_at) found.push('time');
    if (before.estimated_arrives_at !== status.estimated_arrives_at) found.push('arrival');
    if (before.status !== status.status) found.push('status');
    setNews(found);
  }, [status]);
  return news;
}

interface FactProps {
  name: React.ReactNode;
  now: string;
  marked: boolean;
}

function Fact({ name, now, marked }: FactProps) {
  return (
    <div className={`min-w-0 rounded-xl px-1 py-1 sm:px-2 ${marked ? 'bg-kesar-tint text-kesar-ink' : ''}`}>
      <dt className={`text-sm ${marked ? '' : 'text-soft'}`}>{name}</dt>
      <dd className="figures text-xl font-semibold">{now}</dd>
    </div>
  );
}

/** The change in a sentence, else the schedule of a flight that is late: in a place that is there for either. */
function Told({ status, news }: { status: Status; news: News[] }) {
  const { t } = useLingui();
  const names = useFlightNames();
  const locale = useLocale();
  const [gate, departs] = [status.gate ?? '–', clockBeside(status.departs_at, status.estimated_departs_at, locale)];
  const arrives = clockBeside(status.arrives_at, status.estimated_arrives_at, locale);
  // An arrival alone may be later: a detour, or a slot at the other end.
  const moved = status.delay_minutes !== 0 || status.arrives_at !== status.estimated_arrives_at;
  const state = names[status.status] ?? status.status;
  const said = [
    news.includes('status') && state,
    news.includes('gate') && t`gate ${gate}`,
    news.includes('time') && t`departs ${departs}`,
    news.includes('arrival') && t`arrives ${arrives}`,
  ].filter(Boolean);
  return (
    <div className="mt-1 min-h-6 text-sm font-semibold">
      <p role="status">
        {said.length > 0 && (
          <>
            <Trans>New:</Trans> {status.flight_number}, {said.join(', ')}
          </>
        )}
      </p>
      {said.length === 0 && moved && (
        <p>
          <Trans>
            Scheduled {clock(status.departs_at)}, arriving {clock(status.arrives_at)}
          </Trans>
        </p>
      )}
    </div>
  );
}
