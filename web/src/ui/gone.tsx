import { type ReactNode, useEffect, useRef } from 'react';

/** Says that something is there no more. The keyboard goes on from it: the button that was pressed went too. */
export function Gone({ children }: { children: ReactNode }) {
  const said = useRef<HTMLParagraphElement>(null);
  useEffect(() => said.current?.focus(), []);
  return (
    <p ref={said} role="status" tabIndex={-1} className="font-semibold text-good outline-none">
      {children}
    </p>
  );
}
