import { useLingui } from '@lingui/react/macro';
import { useId } from 'react';
import { Icon } from '../../ui/icons';

export const STARS = [1, 2, 3, 4, 5] as const;

/** What a number of stars means. */
export function useStarWords(): Record<number, string> {
  const { t } = useLingui();
  return { 1: t`Bad`, 2: t`Not good`, 3: t`All right`, 4: t`Good`, 5: t`Very good` };
}

const Star = ({ full, className }: { full: boolean; className: string }) => (
  <Icon name="star" className={`${className} ${full ? 'fill-kesar text-kesar' : 'text-field'}`} />
);

/** Stars that were given. */
export function Stars({ value }: { value: number }) {
  const { t } = useLingui();
  const words = useStarWords();
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden="true" className="inline-flex">
        {STARS.map((one) => (
          <Star key={one} full={one <= value} className="size-5" />
        ))}
      </span>
      <span className="font-semibold">{t`${value} of 5: ${words[value] ?? ''}`}</span>
    </span>
  );
}

interface StarsInputProps {
  label: string;
  help?: string;
  name: string;
  value: number | undefined;
  /** Given where it may be left out: what that is called. */
  none?: string;
  error?: string;
  set: (value: number | undefined) => void;
}

/** One to five stars, each with its word: a group of radio buttons, so that arrows and Tab do what they do everywhere. */
export function StarsInput({ label, help, name, value, none, error, set }: StarsInputProps) {
  const { t } = useLingui();
  const id = useId();
  const words = useStarWords();
  const told = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ');
  const ring =
    'cursor-pointer rounded-xl has-focus-visible:outline-3 has-focus-visible:outline-offset-0 has-focus-visible:outline-ring';
  return (
    <fieldset aria-describedby={told || undefined}>
      <legend className="font-semibold">{label}</legend>
      {help && (
        <p id={`${id}-help`} className="text-sm text-soft">
          {help}
        </p>
      )}
      <div className="mt-1 flex flex-wrap items-center gap-x-1">
        {STARS.map((one) => (
          <label key={one} className={`grid size-12 place-items-center ${ring}`}>
            <input
              type="radio"
              name={name}
              value={one}
              className="sr-only"
              aria-label={t`${one} of 5: ${words[one] ?? ''}`}
              checked={value === one}
              onChange={() => set(one)}
            />
            <Star full={value !== undefined && one <= value} className="size-8" />
          </label>
        ))}
        <span aria-hidden="true" className="ms-2 font-semibold">
          {value && words[value]}
        </span>
        {none && (
          <label
            className={`ms-auto inline-flex min-h-11 items-center px-3 text-sm text-soft has-checked:font-semibold has-checked:text-ink ${ring}`}
          >
            <input
              type="radio"
              name={name}
              className="me-2 size-4 accent-brand"
              checked={value === undefined}
              onChange={() => set(undefined)}
            />
            {none}
          </label>
        )}
      </div>
      {error && (
        <p id={`${id}-error`} className="mt-1 flex items-center gap-1 text-sm font-semibold text-bad">
          <Icon name="alert" className="size-4" />
          {error}
        </p>
      )}
    </fieldset>
  );
}
