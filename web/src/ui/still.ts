import { useEffect, useState } from 'react';

/** What comes up under a finger is not pressed by it. */
const STILL_MS = 500;

/** Whether what came up has stood for a moment, as it is named by `what`: another name has come up anew, and nothing with none. */
export function useStill(what: string): boolean {
  const [stood, setStood] = useState<string>();
  useEffect(() => {
    if (what === '') return;
    const timer = setTimeout(() => setStood(what), STILL_MS);
    return () => {
      clearTimeout(timer);
      setStood(undefined);
    };
  }, [what]);
  return what !== '' && stood === what;
}
