import { Trans, useLingui } from '@lingui/react/macro';
import { type InputHTMLAttributes, type ReactNode, useId } from 'react';
import { isRefusal } from '../api/client';
import { useLocale } from '../api/hooks';
import { formatMoney, type Money } from '../lib/money';
import { formatMoment } from '../lib/time';
import { Icon, type IconName } from './icons';

export function Price({ money, short = false, className = '' }: { money: Money; short?: boolean; className?: string }) {
  return <span className={`figures whitespace-nowrap ${className}`}>{formatMoney(money, useLocale(), short)}</span>;
}

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  help?: string;
  error?: string;
}

/** A labelled field; what is wrong with it stands below it and is read with it. */
export function Field({ label, help, error, className = '', ...input }: FieldProps) {
  const id = useId();
  const told = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-semibold">
        {label}
      </label>
      <input
        id={id}
        className="input"
        aria-invalid={error ? true : undefined}
        aria-describedby={told || undefined}
        {...input}
      />
      {help && (
        <p id={`${id}-help`} className="mt-1 text-sm text-soft">
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="mt-1 flex items-center gap-1 text-sm font-semibold text-bad">
          <Icon name="alert" className="size-4" />
          {error}
        </p>
      )}
    </div>
  );
}

type Tone = 'bad' | 'good' | 'note';
const TONES: Record<Tone, string> = {
  bad: 'bg-bad-tint text-bad',
  good: 'bg-good-tint text-good',
  note: 'bg-kesar-tint text-kesar-ink',
};

export function Notice({ tone, children, icon = 'alert' }: { tone: Tone; children: ReactNode; icon?: IconName }) {
  return (
    <div role={tone === 'bad' ? 'alert' : 'status'} className={`flex gap-3 rounded-2xl p-4 ${TONES[tone]}`}>
      <Icon name={icon} className="mt-0.5 size-5" />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}

/** Why something did not work: the API's own words, or that it was not reached. */
export function Trouble({ error, retry }: { error: unknown; retry?: () => void }) {
  const said = isRefusal(error) ? error.detail || error.title : '';
  return (
    <Notice tone="bad">
      <p className="font-semibold">
        {said || <Trans>We could not reach Udaan. Check your connection; nothing was lost.</Trans>}
      </p>
      {retry && (
        <button type="button" className="btn btn-quiet mt-3" onClick={retry}>
          <Trans>Try again</Trans>
        </button>
      )}
    </Notice>
  );
}

interface StaleProps {
  of: {
    error: unknown;
    dataUpdatedAt: number;
    isFetching: boolean;
    isFetchNextPageError?: boolean;
    refetch: () => unknown;
  };
  /** Above a whole screen, which has its own sides. */
  page?: boolean;
}

/** Above what could not be asked anew and is shown as it was: said quietly, as nothing of it is lost. Without a network the page's frame says so. */
export function Stale({ of, page = false }: StaleProps) {
  const at = formatMoment(new Date(of.dataUpdatedAt).toISOString(), useLocale());
  // What failed to come after the list is said at its end.
  if (!of.error || of.isFetchNextPageError) return null;
  const notice = (
    <p role="status" className="panel mb-4 flex items-center justify-between gap-4 px-4 text-sm text-soft">
      <span className="py-2">
        <Trans>As it was {at}: we could not ask for the newest.</Trans>
      </span>
      <button type="button" className="link min-h-11 shrink-0" disabled={of.isFetching} onClick={() => of.refetch()}>
        <Trans>Try again</Trans>
      </button>
    </p>
  );
  return page ? <div className="page pt-4">{notice}</div> : notice;
}

export function Skeleton({ className }: { className: string }) {
  return (
    <div aria-hidden="true" className={`animate-[glow_1.6s_ease-in-out_infinite] rounded-2xl bg-sunk ${className}`} />
  );
}

/** A screen that waits for its first answer, as tall as what comes. */
export function Waiting() {
  const { t } = useLingui();
  return (
    <div className="page space-y-4 py-8">
      <p role="status" className="sr-only">
        {t`Loading`}
      </p>
      <Skeleton className="h-10 w-2/3" />
      <Skeleton className="h-44" />
      <Skeleton className="h-44" />
    </div>
  );
}

export function Tag({ children, tone = 'plain' }: { children: ReactNode; tone?: Tone | 'plain' }) {
  const look = tone === 'plain' ? 'bg-sunk text-ink' : TONES[tone];
  return (
    <span className={`inline-flex items-center gap-1 rounded-full px-2.5 py-0.5 text-sm font-semibold ${look}`}>
      {children}
    </span>
  );
}

interface StepperProps {
  label: string;
  help?: string;
  value: number;
  least: number;
  most: number;
  set: (value: number) => void;
}

/** A small number that is changed by its two buttons. */
export function Stepper({ label, help, value, least, most, set }: StepperProps) {
  const { t } = useLingui();
  const button =
    'grid size-11 place-items-center rounded-full border-[1.5px] border-field bg-card disabled:opacity-40 hover:not-disabled:bg-tint';
  return (
    <div role="group" aria-label={label} className="flex items-center justify-between gap-4 py-2">
      <div className="min-w-0">
        <p className="font-semibold">{label}</p>
        {help && <p className="text-sm text-soft">{help}</p>}
      </div>
      <div className="flex items-center gap-2">
        <button
          type="button"
          className={button}
          disabled={value <= least}
          onClick={() => set(value - 1)}
          aria-label={t`${label}: one fewer`}
        >
          <Icon name="minus" />
        </button>
        <output className="figures w-7 text-center text-lg font-semibold">{value}</output>
        <button
          type="button"
          className={button}
          disabled={value >= most}
          onClick={() => set(value + 1)}
          aria-label={t`${label}: one more`}
        >
          <Icon name="plus" />
        </button>
      </div>
    </div>
  );
}
