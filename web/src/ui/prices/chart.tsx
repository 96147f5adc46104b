import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { type PointerEvent, useState } from 'react';
import { isLost, type Schemas } from '../../api/client';
import { useLocale } from '../../api/hooks';
import { formatMoney } from '../../lib/money';
import { formatDay } from '../../lib/time';
import { Price, Skeleton, Stale, Tag, Trouble } from '../parts';
import { amountOn, dayAt, type Line, lineOf, pathOf, ticksOf } from './history';
import { history, type Route } from './watch';

type History = Schemas['PriceHistory'];

/** What the direct flights of a route and day cost until now: a line for the eye, a sentence and a table for everybody. */
export default function PriceChart({ route }: { route: Route }) {
  const query = useQuery(history(route));
  if (isLost(query)) return <Trouble error={query.error} retry={() => query.refetch()} />;
  if (!query.data) return <Skeleton className="h-72" />;
  return (
    <div className="space-y-3">
      <Stale of={query} />
      <Shown history={query.data} />
    </div>
  );
}

function Shown({ history }: { history: History }) {
  const locale = useLocale();
  const now = new Date().toISOString().slice(0, 10);
  // A flight that has left costs nothing any more.
  const [until = now] = [now, history.date].sort();
  const line = lineOf(history.days, until);
  const since = history.days[0]?.day;
  return (
    <figure className="space-y-3">
      <figcaption>
        <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          {history.price ? (
            <Price money={history.price} short className="text-3xl font-bold" />
          ) : (
            <span className="text-xl font-semibold">
              <Trans>Nothing to buy now</Trans>
            </span>
          )}
          <Standing standing={history.standing} />
        </p>
        <p className="mt-1 text-sm text-soft">
          <Said history={history} line={line} />
        </p>
      </figcaption>
      {line ? (
        <Drawn line={line} usual={history.usual ?? undefined} />
      ) : (
        <p className="rounded-2xl bg-sunk p-5 text-center text-soft">
          {since ? (
            <Trans>We know this price since {formatDay(since, locale, 'date')}. The line begins a day later.</Trans>
          ) : (
            <Trans>No direct flight of this day was on sale yet.</Trans>
          )}
        </p>
      )}
      {line && <Table history={history} />}
    </figure>
  );
}

/** How a price compares with what it usually was, in words. */
export function Standing({ standing }: { standing: History['standing'] }) {
  if (standing === 'low')
    return (
      <Tag tone="good">
        <Trans>lower than usual</Trans>
      </Tag>
    );
  if (standing === 'high')
    return (
      <Tag tone="note">
        <Trans>higher than usual</Trans>
      </Tag>
    );
  if (standing !== 'usual') return null;
  return (
    <Tag>
      <Trans>as usual</Trans>
    </Tag>
  );
}

function Said({ history, line }: { history: History; line: Line | undefined }) {
  const locale = useLocale();
  const money = (amount: number, currency: string) => formatMoney({ amount, currency }, locale, true);
  const { usual } = history;
  return (
    <>
      <Trans>One adult, on the direct flights of {formatDay(history.date, locale)}.</Trans>{' '}
      {line && line.least < line.most && (
        <Trans>
          Since {formatDay(line.first, locale, 'number')} between {money(line.least, line.currency)} and{' '}
          {money(line.most, line.currency)}.
        </Trans>
      )}
      {line && line.least === line.most && <Trans>It has not changed since {formatDay(line.first, locale)}.</Trans>}{' '}
      {usual && (
        <Trans>
          Usually {formatMoney(usual.low, locale, true)} to {formatMoney(usual.high, locale, true)}.
        </Trans>
      )}
    </>
  );
}

interface DrawnProps {
  line: Line;
  usual: Schemas['UsualPrice'] | undefined;
}

/** The line of the price, drawn as the line of the flight is. What the finger is on is said above it. */
function Drawn({ line, usual }: DrawnProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const [at, setAt] = useState<number>();
  const ticks = ticksOf(
    Math.min(line.least, usual?.low.amount ?? line.least),
    Math.max(line.most, usual?.high.amount ?? 0),
  );
  const range: [number, number] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const height = (amount: number) => ((amount - range[0]) / (range[1] - range[0])) * 100;
  const money = (amount: number) => formatMoney({ amount, currency: line.currency }, locale, true);
  const day = at ?? line.days - 1;
  const amount = amountOn(line, day);
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const part = (event.clientX - box.left) / box.width;
    const along = document.dir === 'rtl' ? 1 - part : part;
    setAt(Math.min(line.days - 1, Math.max(0, Math.floor(along * line.days))));
  };
  return (
    <div aria-hidden="true" className="figures rounded-2xl border border-edge bg-card px-3 pt-3 pb-2">
      <p className="mb-3 flex min-h-6 justify-between gap-3 text-sm">
        <span className="text-soft">{formatDay(dayAt(line, day), locale)}</span>
        <b className="font-semibold">{amount === null ? t`nothing to buy` : money(amount)}</b>
      </p>
      <div className="flex gap-2">
        <div className="relative w-12 shrink-0 text-end text-xs text-soft">
          {ticks.map((tick) => (
            <span
              key={tick}
              className="absolute end-0 translate-y-1/2 whitespace-nowrap"
              style={{ bottom: `${height(tick)}%` }}
            >
              {money(tick)}
            </span>
          ))}
        </div>
        <div
          className="relative h-40 flex-1 touch-pan-y sm:h-48"
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setAt(undefined)}
        >
          <svg
            viewBox="0 0 100 100"
            preserveAspectRatio="none"
            aria-hidden="true"
            className="absolute inset-0 size-full overflow-visible rtl:-scale-x-100"
          >
            {usual && (
              <rect
                x="0"
                width="100"
                y={100 - height(usual.high.amount)}
                height={Math.max(height(usual.high.amount) - height(usual.low.amount), 0.8)}
                className="fill-tint"
              />
            )}
            {ticks.map((tick) => (
              <path
                key={tick}
                d={`M0 ${100 - height(tick)}H100`}
                className="stroke-edge"
                strokeWidth="1"
                vectorEffect="non-scaling-stroke"
              />
            ))}
            <path
              d={pathOf(line, range)}
              fill="none"
              className="stroke-kesar"
              strokeWidth="3"
              strokeLinejoin="round"
              strokeLinecap="round"
              vectorEffect="non-scaling-stroke"
            />
          </svg>
          {at !== undefined && (
            <span
              className="absolute inset-y-0 w-px bg-field"
              style={{ insetInlineStart: `${((day + 0.5) / line.days) * 100}%` }}
            />
          )}
          {amount !== null && (
            <span
              className="absolute -ms-[7px] -mb-[7px] size-3.5 rounded-full border-[3px] border-card bg-kesar shadow-sm"
              style={{
                insetInlineStart: `${at === undefined ? 100 : ((day + 0.5) / line.days) * 100}%`,
                bottom: `${height(amount)}%`,
              }}
            />
          )}
        </div>
      </div>
      <p className="ms-14 mt-2 flex justify-between gap-3 text-xs text-soft">
        <span>{formatDay(line.first, locale, 'number')}</span>
        {usual && (
          <span className="inline-flex items-center gap-1.5">
            <span className="h-2.5 w-4 rounded-sm border border-edge bg-tint" />
            <Trans>usual</Trans>
          </span>
        )}
        <span>{formatDay(dayAt(line, line.days - 1), locale, 'number')}</span>
      </p>
    </div>
  );
}

/** The same to be read: every day on which it changed, the newest first. */
function Table({ history }: { history: History }) {
  const { t } = useLingui();
  const locale = useLocale();
  const cell = (money: Schemas['Money'] | null | undefined) => (money ? formatMoney(money, locale, true) : '–');
  return (
    <details className="rounded-2xl border border-edge px-4">
      <summary className="flex min-h-11 items-center text-sm font-semibold">
        <Trans>The days on which it changed</Trans>
      </summary>
      {/* A long list scrolls, also by the keyboard. */}
      <div
        role="group"
        aria-label={t`The days on which it changed`}
        className="max-h-72 overflow-auto pb-3"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached
        tabIndex={0}
      >
        <table className="figures w-full text-sm">
          <thead className="text-start text-soft">
            <tr>
              <th scope="col" className="py-1 text-start font-normal">
                <Trans>Day</Trans>
              </th>
              <th scope="col" className="py-1 text-end font-normal">
                <Trans>Lowest</Trans>
              </th>
              <th scope="col" className="py-1 text-end font-normal">
                <Trans>Highest</Trans>
              </th>
              <th scope="col" className="py-1 text-end font-normal">
                <Trans>Last</Trans>
              </th>
            </tr>
          </thead>
          <tbody>
            {history.days.toReversed().map((one) => (
              <tr key={one.day} className="border-t border-edge">
                <th scope="row" className="py-1.5 text-start font-normal">
                  {formatDay(one.day, locale)}
                </th>
                <td className="text-end">{cell(one.low)}</td>
                <td className="text-end">{cell(one.high)}</td>
                <td className="text-end font-semibold">{cell(one.last)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
