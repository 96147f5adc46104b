import { useEffect } from 'react';

/** Keeps the screen from going dark while `on`, where the browser can; it lets go of a page that is not seen, so it is asked again. */
export function useAwake(on: boolean): void {
  useEffect(() => {
    if (!on || !('wakeLock' in navigator)) return;
    let held: WakeLockSentinel | undefined;
    let ended = false;
    const hold = async () => {
      if (document.visibilityState !== 'visible') return;
      // A device that saves its battery says no.
      const lock = await navigator.wakeLock.request('screen').catch(() => undefined);
      if (ended) void lock?.release();
      else held = lock;
    };
    void hold();
    document.addEventListener('visibilitychange', hold);
    return () => {
      ended = true;
      document.removeEventListener('visibilitychange', hold);
      void held?.release();
    };
  }, [on]);
}
