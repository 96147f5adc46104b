/**
 * Times of flights come as RFC 3339 with the airport's offset. What is shown is what stands in them: the clock on the airport's wall.
 * The browser's own zone never comes in.
 */
import { localeTag } from './i18n';

const DAY_MS = 86_400_000;

/** `2026-12-05T05:55:00-05:00` → `05:55`. */
export const clock = (time: string): string => time.slice(11, 16);

/** A moment on the clock that another time was read from: `2026-12-05T10:15:00Z` beside `2026-12-05T05:55:00-05:00` → `…T05:15:00-05:00`. */
export function onClockOf(local: string, moment: string): string {
  const [, sign, hours, minutes] = /([+-])(\d{2}):(\d{2})$/.exec(local) ?? [];
  if (!sign) return moment;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
  return new Date(Date.parse(moment) + offset).toISOString().slice(0, 19) + local.slice(-6);
}

/** `2026-12-05T05:55:00-05:00` → `2026-12-05`. */
export const dayOf = (time: string): string => time.slice(0, 10);

/** Minutes since midnight on the airport's clock. */
export const minuteOfDay = (time: string): number => Number(time.slice(11, 13)) * 60 + Number(time.slice(14, 16));

const utc = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** Whole days from one local date to another. */
export const daysBetween = (from: string, to: string): number => Math.round((utc(to) - utc(from)) / DAY_MS);

export const addDays = (day: string, days: number): string =>
  new Date(utc(day) + days * DAY_MS).toISOString().slice(0, 10);

/** Minutes between two moments. */
export const minutesBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 60_000);

/** Today where the traveller is. */
export function today(): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** Whether a text is a date that exists. */
export function isDay(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(utc(text)) && new Date(utc(text)).toISOString().startsWith(text)
  );
}

type DayStyle = 'short' | 'long' | 'date' | 'weekday' | 'number';

const STYLES: Record<DayStyle, Intl.DateTimeFormatOptions> = {
  short: { weekday: 'short', day: 'numeric', month: 'short' },
  long: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  date: { day: 'numeric', month: 'long', year: 'numeric' },
  weekday: { weekday: 'short' },
  number: { day: 'numeric', month: 'short' },
};

export function formatDay(day: string, locale: string, style: DayStyle = 'short'): string {
  return new Intl.DateTimeFormat(localeTag(locale), { ...STYLES[style], timeZone: 'UTC' }).format(utc(day));
}

/** `2026-06` → June 2026. */
export const formatMonth = (month: string, locale: string): string =>
  new Intl.DateTimeFormat(localeTag(locale), { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    utc(`${month}-01`),
  );

/** The day of a time, where it is not the day of another one that is shown. */
export const dayBeside = (shown: string, time: string, locale: string): string | undefined =>
  dayOf(shown) === dayOf(time) ? undefined : formatDay(dayOf(time), locale, 'number');

/** A time beside another one, whose day is shown: `23:30`, or `23 Nov, 23:30` where it is not of that day. */
export const clockBeside = (shown: string, time: string, locale: string): string =>
  [dayBeside(shown, time, locale), clock(time)].filter(Boolean).join(', ');

/** A moment on the traveller's own clock: holds and the like. Another year than this one is said. */
export function formatMoment(moment: string, locale: string, now = new Date()): string {
  const at = new Date(moment);
  return new Intl.DateTimeFormat(localeTag(locale), {
    day: 'numeric',
    month: 'short',
    // Of another year, it says so: a list of sign-ins goes back far.
    ...(at.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const }),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at);
}

/** So many seconds ago, in the coarsest unit that is not zero: `12 sec. ago`. */
export function formatAgo(seconds: number, locale: string): string {
  const format = new Intl.RelativeTimeFormat(localeTag(locale), { style: 'short', numeric: 'always' });
  if (seconds < 60) return format.format(-Math.max(0, Math.floor(seconds)), 'second');
  if (seconds < 3600) return format.format(-Math.floor(seconds / 60), 'minute');
  return format.format(-Math.floor(seconds / 3600), 'hour');
}

/** 135 → `2h 15m`, or `2 घं॰ 15 मि॰`. */
export function formatMinutes(minutes: number, locale: string): string {
  const unit = (value: number, name: 'hour' | 'minute') =>
    new Intl.NumberFormat(localeTag(locale), {
      style: 'unit',
      unit: name,
      unitDisplay: locale === 'en' ? 'narrow' : 'short',
    }).format(value);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return unit(rest, 'minute');
  return rest === 0 ? unit(hours, 'hour') : `${unit(hours, 'hour')} ${unit(rest, 'minute')}`;
}
