import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask, isLost, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { formatDay, formatMonth } from '../../lib/time';
import { Sheet } from '../../ui/dialog';
import { Icon } from '../../ui/icons';
import { More } from '../../ui/more';
import { Skeleton, Stale, Trouble } from '../../ui/parts';

/** What travellers think of a flight number: the average, how the stars are spread, and their words. */
export default function ReviewSheet({ number, close }: { number: string; close: () => void }) {
  const { t } = useLingui();
  const list = useInfiniteQuery({
    queryKey: ['reviews', number],
    queryFn: ({ pageParam }) =>
      ask(api.GET('/api/v1/reviews', { params: { query: { flight_number: number, limit: 10, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const all = list.data?.pages[0]?.all;
  return (
    <Sheet title={t`What travellers say of ${number}`} close={close}>
      {isLost(list) ? (
        <Trouble error={list.error} retry={() => list.refetch()} />
      ) : !all ? (
        <Skeleton className="h-72" />
      ) : (
        <div className="space-y-6">
          <Stale of={list} />
          <Tally all={all} />
          <ul className="divide-y divide-edge border-t border-edge">
            {list.data?.pages
              .flatMap((page) => page.reviews)
              .map((one) => (
                <li key={one.id} className="py-4">
                  <One review={one} />
                </li>
              ))}
          </ul>
          <More list={list}>
            <Trans>Show older ones</Trans>
          </More>
        </div>
      )}
    </Sheet>
  );
}

const useTenths = () => {
  const locale = useLocale();
  return (value: number) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
};

/** Bars from five stars down, as wide as their part of all. */
function Tally({ all }: { all: Schemas['ReviewTally'] }) {
  const { t } = useLingui();
  const tenths = useTenths();
  const most = Math.max(...all.histogram, 1);
  const parts: [string, number | null | undefined][] = [
    [t`Crew`, all.crew],
    [t`Comfort`, all.comfort],
    [t`Punctuality`, all.punctuality],
  ];
  return (
    <div className="grid gap-x-8 gap-y-5 sm:grid-cols-[auto_1fr]">
      <div>
        <p className="flex items-center gap-2">
          <span className="figures text-5xl font-bold">{all.average ? tenths(all.average) : '–'}</span>
          <Icon name="star" className="size-9 fill-kesar text-kesar" />
        </p>
        <p className="mt-1 text-sm text-soft">
          <Plural value={all.count} one="of 5, from # review" other="of 5, from # reviews" />
        </p>
      </div>
      <ol className="space-y-1">
        {[...all.histogram].reverse().map((count, index) => (
          <li key={5 - index} className="grid grid-cols-[2.5rem_1fr_2.5rem] items-center gap-2 text-sm">
            <span className="inline-flex items-center gap-1">
              <span aria-hidden="true">{5 - index}</span>
              <Icon name="star" className="size-4 text-kesar" />
              <span className="sr-only">
                <Plural value={5 - index} one="# star" other="# stars" />
              </span>
            </span>
            <span aria-hidden="true" className="h-2.5 rounded-full bg-sunk">
              <span className="block h-full rounded-full bg-kesar" style={{ width: `${(count / most) * 100}%` }} />
            </span>
            <span className="figures text-end">{count}</span>
          </li>
        ))}
      </ol>
      <dl className="flex flex-wrap gap-x-6 gap-y-1 sm:col-span-2">
        {parts.map(
          ([name, value]) =>
            value && (
              <div key={name} className="flex gap-2">
                <dt className="text-soft">{name}</dt>
                <dd className="figures font-semibold">{tenths(value)}</dd>
              </div>
            ),
        )}
      </dl>
    </div>
  );
}

function One({ review }: { review: Schemas['Review'] }) {
  const { t } = useLingui();
  const locale = useLocale();
  const { stars, comment, language } = review.opinion;
  return (
    <article>
      <p className="flex flex-wrap items-center gap-x-3 text-sm text-soft">
        <span className="inline-flex items-center gap-1 font-semibold text-ink">
          <Icon name="star" className="size-4 fill-kesar text-kesar" />
          {t`${stars} of 5`}
        </span>
        <span>
          <Trans>flown in {formatMonth(review.flown_in, locale)}</Trans>
        </span>
        {review.edited && (
          <span>
            <Trans>changed since</Trans>
          </span>
        )}
      </p>
      {comment && (
        <p className="mt-1 whitespace-pre-line" lang={language}>
          {comment}
        </p>
      )}
      <Report review={review.id} on={formatDay(review.written_on, locale, 'date')} />
    </article>
  );
}

const REASONS = ['offensive', 'personal_data', 'spam', 'off_topic'] as const;

/** Asks staff to look at a review. */
function Report({ review, on }: { review: string; on: string }) {
  const { t } = useLingui();
  const [asking, setAsking] = useState(false);
  const words: Record<(typeof REASONS)[number], string> = {
    offensive: t`It insults somebody`,
    personal_data: t`It tells who somebody is`,
    spam: t`It advertises`,
    off_topic: t`It is not about the flight`,
  };
  const report = useMutation({
    mutationFn: (reason: Schemas['Wrong']) =>
      ask(api.POST('/api/v1/review-reports', { body: { review_id: review, reason } })),
  });
  if (report.isSuccess)
    return (
      <p role="status" className="mt-2 text-sm font-semibold text-good">
        <Trans>Thank you. We look at it.</Trans>
      </p>
    );
  if (!asking)
    return (
      <button
        type="button"
        className="link mt-1 min-h-11 text-sm"
        aria-label={t`Report the review of ${on}`}
        onClick={() => setAsking(true)}
      >
        <Trans>Report</Trans>
      </button>
    );
  return (
    <div role="group" aria-label={t`What is wrong with it?`} className="mt-2 space-y-2 rounded-2xl bg-sunk p-4">
      <p className="font-semibold">
        <Trans>What is wrong with it?</Trans>
      </p>
      {report.error && <Trouble error={report.error} />}
      <div className="flex flex-wrap gap-2">
        {REASONS.map((reason, index) => (
          <button
            key={reason}
            type="button"
            className="btn btn-quiet"
            // biome-ignore lint/a11y/noAutofocus: the button that was pressed is gone
            autoFocus={index === 0}
            disabled={report.isPending}
            onClick={() => report.mutate(reason)}
          >
            {words[reason]}
          </button>
        ))}
        <button type="button" className="btn btn-text" onClick={() => setAsking(false)}>
          <Trans>Nothing, leave it</Trans>
        </button>
      </div>
    </div>
  );
}
