import { Trans } from '@lingui/react/macro';
import { useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Workbox } from 'workbox-window';
import { useProfile } from '../api/hooks';
import { renewPushes } from './push/server';

/** Pushes that somebody wanted here go on, and are nobody else's. */
function usePushes() {
  const owner = useProfile().data?.id;
  useEffect(() => {
    const may = 'Notification' in window && Notification.permission === 'granted';
    if (owner && may) void renewPushes(owner).catch(() => undefined);
  }, [owner]);
}

/** A new release waits until somebody wants it, and says nothing while a booking is under way. */
export default function Update() {
  const [waiting, setWaiting] = useState<Workbox>();
  const busy = useRouterState({ select: (state) => /^\/(book|payments)/.test(state.location.pathname) });
  useEffect(() => {
    if (!('serviceWorker' in navigator)) return;
    const worker = new Workbox('/sw.js');
    worker.addEventListener('waiting', () => setWaiting(worker));
    worker.addEventListener('controlling', (event) => event.isUpdate && location.reload());
    worker.register().catch(() => undefined);
  }, []);
  usePushes();
  if (!waiting || busy) return null;
  return (
    <div
      role="status"
      className="panel fixed inset-x-4 bottom-4 z-30 flex flex-wrap items-center gap-3 p-4 shadow-lift sm:start-auto sm:end-6"
    >
      <p className="flex-1 font-semibold">
        <Trans>A new version is ready.</Trans>
      </p>
      <button type="button" className="btn btn-quiet" onClick={() => setWaiting(undefined)}>
        <Trans>Later</Trans>
      </button>
      <button type="button" className="btn btn-main" onClick={() => waiting.messageSkipWaiting()}>
        <Trans>Use it now</Trans>
      </button>
    </div>
  );
}
