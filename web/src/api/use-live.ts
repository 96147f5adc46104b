import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { profile, useProfile } from './hooks';
import { Live } from './live';
import { forgetAnswers } from './owner';

const address = () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/live`;

/** The page's one socket. It opens when somebody listens. */
const live = new Live({
  connect: () => new WebSocket(address(), ['udaan.v1']),
  chance: Math.random,
  isOnline: () => navigator.onLine,
  isVisible: () => !document.hidden,
});
// Until it is known who looks.
live.setSignedIn(false);
addEventListener('online', () => live.networkChanged());
addEventListener('offline', () => live.networkChanged());
document.addEventListener('visibilitychange', () => live.visibilityChanged());

/** A session has ended: perhaps because somebody signed in anew, in another tab, and perhaps somebody else. */
async function askWho(client: QueryClient): Promise<void> {
  const before = client.getQueryData(profile.queryKey);
  await client.invalidateQueries({ queryKey: profile.queryKey });
  const now = client.getQueryData(profile.queryKey);
  if (before && now && before.id !== now.id) forgetAnswers(client);
  live.setSignedIn(Boolean(now));
}

/** Calls `changed` when something happened to one of the topics, or may have. */
export function useLive(topics: string[], changed: (topic: string) => void): void {
  const client = useQueryClient();
  const told = useEffectEvent(changed);
  const all = topics.join(' ');
  const me = useProfile().data;
  useEffect(() => {
    if (me !== undefined) live.setSignedIn(me !== null);
  }, [me]);
  useEffect(() => {
    live.onSignedOut = () => void askWho(client);
    const names = all === '' ? [] : all.split(' ');
    const ends = names.map((name) => live.listen(name, () => told(name)));
    return () => {
      for (const end of ends) end();
    };
  }, [all, client]);
}

export const useLiveState = () => useSyncExternalStore(live.watch, () => live.state);
