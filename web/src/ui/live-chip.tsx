import { Trans } from '@lingui/react/macro';
import { useEffect, useState } from 'react';
import { useLocale } from '../api/hooks';
import { useLiveState } from '../api/use-live';
import { formatAgo } from '../lib/time';

const DOTS = { live: 'bg-good', reconnecting: 'bg-kesar', polling: 'bg-kesar', offline: 'bg-bad' } as const;

/** How news comes, and when it came last. It says so in words; it takes its place and moves nothing. */
export function LiveChip({ at }: { at: number }) {
  const locale = useLocale();
  const state = useLiveState();
  const now = useClock();
  const ago = formatAgo(Math.max(0, now - at) / 1000, locale);
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-sm text-soft">
      <span className="inline-flex items-center gap-1.5 font-semibold">
        <span aria-hidden="true" className={`size-2 rounded-full ${DOTS[state]}`} />
        {state === 'live' && <Trans>Live</Trans>}
        {state === 'reconnecting' && <Trans>Reconnecting</Trans>}
        {state === 'polling' && <Trans>Looked up every half minute</Trans>}
        {state === 'offline' && <Trans>Offline</Trans>}
      </span>
      <span className="figures">
        <Trans>updated {ago}</Trans>
      </span>
    </p>
  );
}

/** The time, second by second. */
function useClock(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
