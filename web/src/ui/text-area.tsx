import { Trans } from '@lingui/react/macro';
import { type TextareaHTMLAttributes, useId } from 'react';
import { Icon } from './icons';

interface TextAreaProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  label: string;
  help?: string;
  error?: string;
  maxLength: number;
  value: string;
}

/** Room for more than a line; it says how much is left once that is little. */
export function TextArea({ label, help, error, maxLength, value, ...area }: TextAreaProps) {
  const id = useId();
  const told = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ');
  const left = maxLength - value.length;
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm font-semibold">
        {label}
      </label>
      <textarea
        id={id}
        className="input min-h-36 py-3!"
        rows={5}
        maxLength={maxLength}
        aria-invalid={error ? true : undefined}
        aria-describedby={told || undefined}
        value={value}
        {...area}
      />
      <p className="mt-1 flex flex-wrap justify-between gap-x-4 text-sm text-soft">
        <span id={`${id}-help`}>{help}</span>
        <span role="status" className="figures">
          {left <= 200 && <Trans>{left} characters left</Trans>}
        </span>
      </p>
      {error && (
        <p id={`${id}-error`} className="mt-1 flex items-center gap-1 text-sm font-semibold text-bad">
          <Icon name="alert" className="size-4" />
          {error}
        </p>
      )}
    </div>
  );
}
