import { useEffect } from 'react';

/** What the window is called while a screen is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Udaan` : 'Udaan';
  }, [title]);
}
