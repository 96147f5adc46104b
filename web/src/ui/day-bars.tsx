import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useLayoutEffect, useRef } from 'react';
import { calendar, useLocale } from '../api/hooks';
import { formatMoney } from '../lib/money';
import type { Query } from '../lib/search';
import { formatDay } from '../lib/time';
import { Skeleton } from './parts';

interface DayBarsProps {
  query: Query;
  index: number;
  choose: (day: string) => void;
  /** No day before this one can be chosen. */
  from?: string;
  /** The trip has other flights, which these prices know nothing of: it is said. */
  isPart?: boolean;
}

/** A month of prices, a bar for each day: the taller, the dearer. The bar is for the eye, the price stands on it for everybody. */
export function DayBars({ query, index, choose, from = '', isPart = false }: DayBarsProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const chosen = query.legs[index]?.on ?? '';
  const row = useRef<HTMLUListElement>(null);
  // A day that was looked at stays in the middle; the list is of its days, and does not move while one is chosen from it.
  const center = useRef(chosen);
  const around = { ...query, legs: query.legs.map((leg, at) => (at === index ? { ...leg, on: center.current } : leg)) };
  const { data, isPending } = useQuery(calendar(around, index));
  useLayoutEffect(() => {
    const at = data && row.current?.querySelector<HTMLElement>('[aria-current]');
    if (at && row.current) row.current.scrollLeft = at.offsetLeft - row.current.clientWidth / 2 + at.clientWidth / 2;
  }, [data]);
  if (isPending) return <Skeleton className="mt-4 h-32" />;
  const prices = (data?.days ?? []).flatMap((day) => (day.price ? [day.price.amount] : []));
  if (prices.length < 2) return null;
  const [least, most] = [Math.min(...prices), Math.max(...prices)];
  return (
    <section aria-label={t`Lowest price of each day`} className="mt-4">
      {isPart && (
        <p className="mb-1 text-sm text-soft">
          <Trans>By day, this flight alone</Trans>
        </p>
      )}
      <ul
        ref={row}
        className="relative flex items-end gap-1 overflow-x-auto rounded-2xl border border-edge bg-card p-2 [scrollbar-width:thin]"
      >
        {data?.days.map((day) => {
          const current = day.date === chosen;
          const lowest = day.price?.amount === least;
          const height = day.price ? 12 + ((day.price.amount - least) / Math.max(most - least, 1)) * 40 : 4;
          const price = day.price && formatMoney(day.price, locale, true);
          return (
            <li key={day.date} className="shrink-0">
              <button
                type="button"
                disabled={!day.price || day.date < from}
                aria-current={current ? 'date' : undefined}
                onClick={() => choose(day.date)}
                className="flex h-28 min-w-16 flex-col items-center justify-end rounded-xl px-0.5 pb-1 text-center hover:bg-tint disabled:opacity-40 aria-[current]:bg-tint aria-[current]:font-semibold"
              >
                <span className={`figures text-xs ${lowest ? 'font-bold text-good' : ''}`}>
                  {price ?? '–'}
                  {lowest && (
                    <span className="sr-only">
                      {' '}
                      <Trans>the lowest</Trans>
                    </span>
                  )}
                </span>
                <span
                  aria-hidden="true"
                  className={`my-1 w-7 rounded-t-md ${current ? 'bg-kesar' : lowest ? 'bg-good' : 'bg-field/60'}`}
                  style={{ height }}
                />
                <span className="text-xs leading-tight">
                  <span className="sr-only">{formatDay(day.date, locale, 'long')}</span>
                  <span aria-hidden="true">
                    {formatDay(day.date, locale, 'weekday')}
                    <br />
                    {formatDay(day.date, locale, 'number')}
                  </span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
