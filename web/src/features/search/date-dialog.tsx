import { type CalendarDate, parseDate } from '@internationalized/date';
import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import {
  Button,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  Heading,
  I18nProvider,
  RangeCalendar,
} from 'react-aria-components';
import { calendar, useLocale } from '../../api/hooks';
import { localeTag } from '../../lib/i18n';
import { formatMoney, type Money } from '../../lib/money';
import type { Query } from '../../lib/search';
import { addDays, formatDay, today } from '../../lib/time';
import { Sheet } from '../../ui/dialog';
import { Icon } from '../../ui/icons';

interface DateDialogProps {
  query: Query;
  leg: number;
  isReturn: boolean;
  close: () => void;
  choose: (on: string, back?: string) => void;
}

/** So far ahead flights are sold. */
const DAYS = 330;

const WIDE = matchMedia('(min-width: 48rem)');
const watchWidth = (changed: () => void) => {
  WIDE.addEventListener('change', changed);
  return () => WIDE.removeEventListener('change', changed);
};

/** A day, or two for a return trip, with the lowest price of each where it is known. */
export default function DateDialog({ query, leg, isReturn, close, choose }: DateDialogProps) {
  const { t } = useLingui();
  const locale = useLocale();
  const months = useSyncExternalStore(watchWidth, () => WIDE.matches) ? 2 : 1;
  const least = leg > 0 && query.legs[leg - 1]?.on ? (query.legs[leg - 1]?.on as string) : today();
  const [on, setOn] = useState(query.legs[leg]?.on ?? '');
  const [back, setBack] = useState(isReturn ? (query.legs[1]?.on ?? '') : '');
  const [month, setMonth] = useState((on || least).slice(0, 7));
  const prices = usePrices(query, leg, month, months);
  const ready = on !== '' && (!isReturn || back !== '');
  const shared = {
    'aria-label': isReturn ? t`Dates of the trip` : t`Date of the flight`,
    minValue: parseDate(least),
    maxValue: parseDate(addDays(today(), DAYS)),
    visibleDuration: { months },
    selectionAlignment: 'start' as const,
    // Whoever turns to another month gets there with the focus of the calendar.
    onFocusChange: (day: CalendarDate) => setMonth(day.toString().slice(0, 7)),
  };
  return (
    <Sheet
      title={isReturn ? t`When there, when back?` : t`When?`}
      close={close}
      wide={months === 2}
      footer={
        <div className="flex flex-wrap items-center gap-3">
          <p className="flex-1 font-semibold">
            {on && formatDay(on, locale)} {back && `– ${formatDay(back, locale)}`}
          </p>
          <button
            type="button"
            className="btn btn-main"
            disabled={!ready}
            onClick={() => choose(on, back || undefined)}
          >
            <Trans>Take these dates</Trans>
          </button>
        </div>
      }
    >
      <I18nProvider locale={localeTag(locale)}>
        {isReturn ? (
          <RangeCalendar
            {...shared}
            defaultValue={on && back ? { start: parseDate(on), end: parseDate(back) } : null}
            onChange={(range) => {
              setOn(range?.start.toString() ?? '');
              setBack(range?.end.toString() ?? '');
            }}
          >
            <Months months={months} prices={prices} />
          </RangeCalendar>
        ) : (
          <Calendar
            {...shared}
            defaultValue={on ? parseDate(on) : null}
            onChange={(day) => setOn((day as CalendarDate | null)?.toString() ?? '')}
          >
            <Months months={months} prices={prices} />
          </Calendar>
        )}
      </I18nProvider>
      <p className="mt-4 text-sm text-soft">
        <Trans>Prices are the lowest of each day for all travellers, one way.</Trans> {prices.currency}
      </p>
    </Sheet>
  );
}

interface Prices {
  of: Map<string, Money>;
  lowest: number;
  currency: string | undefined;
}

/** Prices are asked for so many days at a time, of those that are seen. */
const PART = 62;

/** The lowest price of each day that is seen: the months from this one on, and what was seen with them. */
function usePrices(query: Query, leg: number, month: string, months: number): Prices {
  const days = (to: string) => Math.round((Date.parse(to) - Date.parse(today())) / 86_400_000);
  const first = Math.max(0, days(`${month}-01`));
  const part = Math.floor(first / PART);
  const from = (index: number) =>
    calendar(query, leg, Math.min(PART, DAYS + 1 - index * PART), addDays(today(), index * PART));
  const isMore = first + months * 31 > (part + 1) * PART && (part + 1) * PART <= DAYS;
  const answer = useQuery(from(part)).data;
  const next = from(part + 1);
  const more = useQuery({ ...next, enabled: isMore && next.enabled }).data;
  const of = new Map<string, Money>();
  for (const day of [...(answer?.days ?? []), ...(more?.days ?? [])]) if (day.price) of.set(day.date, day.price);
  return {
    of,
    lowest: Math.min(...[...of.values()].map((money) => money.amount)),
    currency: [...of.values()][0]?.currency,
  };
}

function Months({ months, prices }: { months: number; prices: Prices }) {
  const { t } = useLingui();
  const turn = 'grid size-11 place-items-center rounded-full hover:bg-sunk disabled:opacity-30';
  return (
    <>
      <div className="mb-2 flex items-center justify-between">
        <Button slot="previous" className={turn} aria-label={t`Earlier`}>
          <Icon name="back" className="size-5 rtl:-scale-x-100" />
        </Button>
        <Heading className="text-lg" />
        <Button slot="next" className={turn} aria-label={t`Later`}>
          <Icon name="next" className="size-5 rtl:-scale-x-100" />
        </Button>
      </div>
      <div className="flex items-start gap-8">
        {Array.from({ length: months }, (_, index) => (
          <CalendarGrid
            key={index}
            offset={{ months: index }}
            weekdayStyle="short"
            className="w-full table-fixed border-separate border-spacing-x-0"
          >
            <CalendarGridHeader>
              {(day) => <CalendarHeaderCell className="pb-1 text-sm font-normal text-soft">{day}</CalendarHeaderCell>}
            </CalendarGridHeader>
            <CalendarGridBody>{(date) => <Day date={date} prices={prices} />}</CalendarGridBody>
          </CalendarGrid>
        ))}
      </div>
    </>
  );
}

/** A day says its price to the ear too: React Aria names the cell by its date alone. */
function Day({ date, prices }: { date: CalendarDate; prices: Prices }) {
  const { t } = useLingui();
  const locale = useLocale();
  const money = prices.of.get(date.toString());
  const price = money && formatMoney({ ...money, amount: roundUp(money) }, locale, true);
  const isLowest = money?.amount === prices.lowest;
  const said = price && (isLowest ? t`${price}, the lowest` : price);
  // A cell is too narrow for what tells some currencies from others: there it is said, and stands below the calendar.
  const seen = price && (price.length > 6 ? price.replace(/^[^\d]+/, '') : price);
  return (
    <CalendarCell
      date={date}
      className="group/day my-0.5 grid min-h-13 cursor-pointer content-center rounded-xl text-center outline-none data-disabled:cursor-default data-disabled:opacity-35 data-focus-visible:outline-3 data-focus-visible:outline-ring data-hovered:bg-tint data-outside-month:hidden data-selected:bg-tint data-selection-end:bg-brand data-selection-end:text-on-brand data-selection-start:bg-brand data-selection-start:text-on-brand [&[data-selected]:not([data-selection-start]):not([data-selection-end])]:rounded-none"
      // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the cell's role is among its own properties.
      render={(dom) => <div {...dom} aria-label={said ? `${dom['aria-label']}, ${said}` : dom['aria-label']} />}
    >
      {({ formattedDate, isSelectionStart, isSelectionEnd, isDisabled }) => (
        <>
          <span className="leading-tight font-semibold">{formattedDate}</span>
          {price && !isDisabled && (
            <span
              className={`figures text-xs leading-tight ${isSelectionStart || isSelectionEnd ? '' : isLowest ? 'font-bold text-good underline' : 'text-soft'}`}
            >
              {seen}
            </span>
          )}
        </>
      )}
    </CalendarCell>
  );
}

/** To whole units, never below the price: a cell is narrow. */
function roundUp({ amount, currency }: Money): number {
  const places =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0;
  const unit = 10 ** places;
  return Math.ceil(amount / unit) * unit;
}
