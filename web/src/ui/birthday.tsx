import { Trans, useLingui } from '@lingui/react/macro';
import { type ReactNode, useId } from 'react';
import { isDay } from '../lib/time';

/** A date as it is typed, part by part. */
export interface TypedDate {
  day: string;
  month: string;
  year: string;
}

/** `2010-05-17`, or what is no date. */
export const dayTyped = ({ year, month, day }: TypedDate): string =>
  `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;

interface BirthdayProps {
  date: TypedDate;
  /** Whether what is missing or wrong is told by now. */
  asked: boolean;
  set: (part: Partial<TypedDate>) => void;
  autofill: boolean;
}

/** When somebody was born. */
export function Birthday(props: BirthdayProps) {
  return (
    <DateFields
      {...props}
      legend={<Trans>Date of birth</Trans>}
      hint={<Trans>A date that exists, like 17 5 1990</Trans>}
      className="mt-4"
    />
  );
}

interface DateFieldsProps extends BirthdayProps {
  legend: ReactNode;
  /** What is told of a date that is none. */
  hint: ReactNode;
  className?: string;
}

/** A date in three fields: quicker to type than a calendar that begins today. */
export function DateFields({ date, asked, set, autofill, legend, hint, className }: DateFieldsProps) {
  const { t } = useLingui();
  const id = useId();
  const wrong = asked && !isDay(dayTyped(date));
  const parts = [
    ['day', t`Day`, 2, 'bday-day'],
    ['month', t`Month`, 2, 'bday-month'],
    ['year', t`Year`, 4, 'bday-year'],
  ] as const;
  return (
    <fieldset className={className} aria-describedby={wrong ? id : undefined}>
      <legend className="mb-1 text-sm font-semibold">{legend}</legend>
      <div className="flex max-w-xs gap-3">
        {parts.map(([part, name, length, auto]) => (
          <label key={part} className={length === 4 ? 'flex-[1.4]' : 'flex-1'}>
            <span className="block text-sm text-soft">{name}</span>
            <input
              className="input"
              inputMode="numeric"
              maxLength={length}
              autoComplete={autofill ? auto : 'off'}
              aria-invalid={wrong || undefined}
              value={date[part]}
              onChange={(event) => set({ [part]: event.target.value.replaceAll(/\D/g, '') })}
            />
          </label>
        ))}
      </div>
      {wrong && (
        <p id={id} className="mt-1 text-sm font-semibold text-bad">
          {hint}
        </p>
      )}
    </fieldset>
  );
}
