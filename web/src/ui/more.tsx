import type { ReactNode } from 'react';
import { Trouble } from './parts';

interface MoreProps {
  /** A list that comes page by page. */
  list: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    error: unknown;
    fetchNextPage: () => unknown;
  };
  /** What more there is to show. */
  children: ReactNode;
}

/** The button below a list that has another page, and why that did not come. */
export function More({ list, children }: MoreProps) {
  if (!list.hasNextPage) return null;
  return (
    <>
      {list.isFetchNextPageError && (
        <div className="mt-5">
          <Trouble error={list.error} />
        </div>
      )}
      <button
        type="button"
        className="btn btn-quiet mx-auto mt-5 flex"
        disabled={list.isFetchingNextPage}
        onClick={() => list.fetchNextPage()}
      >
        {children}
      </button>
    </>
  );
}
