import type { ReactNode } from 'react';

interface MoreProps {
  /** A list that comes page by page. */
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  /** What more there is to show. */
  children: ReactNode;
}

/** The button below a list that has another page. */
export function More({ list, children }: MoreProps) {
  if (!list.hasNextPage) return null;
  return (
    <button
      type="button"
      className="btn btn-quiet mx-auto mt-5 flex"
      disabled={list.isFetchingNextPage}
      onClick={() => list.fetchNextPage()}
    >
      {children}
    </button>
  );
}
