import { Trans } from '@lingui/react/macro';
import { useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { Workbox } from 'workbox-window';
import { hasPass } from '../api/client';
import { useProfile } from '../api/hooks';
import { renewPushes } from './push/server';
import { useStill } from './still';

/** Pushes that somebody wanted here go on, and are nobody else's. */
function usePushes() {
  const owner = useProfile().data?.id;
  useEffect(() => {
    const may = 'Notification' in window && Notification.permission === 'granted';
    if (owner && may) void renewPushes(owner).catch(() => undefined);
  }, [owner]);
}

/** Where somebody buys, chooses, changes, gives back or checks in: what they press next is at the lower edge, and must not be covered. */
const BUSY = /^\/(book|payments|results|trips\/[^/]+\/(change|cancel|check-in|passes))/;

/**
 * A new release waits until somebody wants it, and says nothing while a booking is under way. Where it was wanted in another window, this one
 * goes over to it with the next step: what is typed here stays until then, and the next step's files are those of the new one.
 */
export default function Update() {
  const [waiting, setWaiting] = useState<Workbox>();
  const [isReplaced, setReplaced] = useState(false);
  const wanted = useRef(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const at = useRef(path);
  useEffect(() => {
    if (!('serviceWorker' in navigator)) return;
    const worker = new Workbox('/sw.js');
    worker.addEventListener('waiting', () => setWaiting(worker));
    worker.addEventListener('controlling', ({ isUpdate }) => {
      if (!isUpdate) return;
      if (wanted.current) location.reload();
      setWaiting(undefined);
      setReplaced(true);
    });
    worker.register().catch(() => undefined);
  }, []);
  useEffect(() => {
    // A booking that was opened with a code would be shut by it, also one that is looked at again later.
    if (isReplaced && at.current !== path && !hasPass()) location.reload();
    at.current = path;
  }, [isReplaced, path]);
  usePushes();
  const shown = waiting && !BUSY.test(path);
  const ready = useStill(shown ? 'update' : '');
  if (!shown) return null;
  return (
    <div
      role="status"
      className="panel fixed inset-x-4 bottom-4 z-30 flex flex-wrap items-center gap-3 p-4 shadow-lift sm:start-auto sm:end-6"
    >
      <p className="flex-1 font-semibold">
        <Trans>A new version is ready.</Trans>
      </p>
      <button type="button" className="btn btn-quiet" disabled={!ready} onClick={() => setWaiting(undefined)}>
        <Trans>Later</Trans>
      </button>
      <button
        type="button"
        className="btn btn-main"
        disabled={!ready}
        onClick={() => {
          wanted.current = true;
          waiting.messageSkipWaiting();
        }}
      >
        <Trans>Use it now</Trans>
      </button>
    </div>
  );
}
