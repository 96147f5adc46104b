import { Trans } from '@lingui/react/macro';
import { type ReactNode, useId, useState } from 'react';

interface ConfirmProps {
  /** What the button says, and what a reader of the screen hears of it. */
  label: ReactNode;
  name?: string;
  /** What happens, asked in its place before it is done. */
  question: ReactNode;
  deed: ReactNode;
  busy: boolean;
  act: () => void;
  className?: string;
}

/** A button for what cannot be undone: it asks in its own place, and keeping is as near as doing. */
export function Confirm({ label, name, question, deed, busy, act, className = 'btn btn-quiet' }: ConfirmProps) {
  const [asking, setAsking] = useState(false);
  // Whoever leaves it is back at the button they came from.
  const [left, setLeft] = useState(false);
  const questionId = useId();
  if (!asking)
    return (
      <button
        type="button"
        className={className}
        aria-label={name}
        disabled={busy}
        // biome-ignore lint/a11y/noAutofocus: the button that was pressed is gone
        autoFocus={left}
        onClick={() => setAsking(true)}
      >
        {label}
      </button>
    );
  return (
    <div role="group" aria-labelledby={questionId} className="w-full rounded-2xl bg-sunk p-4">
      <p id={questionId} className="mb-3">
        {question}
      </p>
      <div className="flex flex-wrap gap-3">
        {/* The question is where the button was; so is the keyboard. */}
        <button
          type="button"
          className="btn btn-quiet flex-1"
          // biome-ignore lint/a11y/noAutofocus: the button that was pressed is gone
          autoFocus
          onClick={() => {
            setLeft(true);
            setAsking(false);
          }}
        >
          <Trans>Leave it</Trans>
        </button>
        <button
          type="button"
          className="btn btn-quiet flex-1 border-bad! text-bad!"
          disabled={busy}
          onClick={() => {
            setAsking(false);
            act();
          }}
        >
          {deed}
        </button>
      </div>
    </div>
  );
}
