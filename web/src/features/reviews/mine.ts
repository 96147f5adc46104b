import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, ask } from '../../api/client';

/** What I wrote, the newest first, and the flights that I can write of. */
export const myReviews = infiniteQueryOptions({
  queryKey: ['my-reviews'],
  queryFn: ({ pageParam }) =>
    ask(api.GET('/api/v1/me/reviews', { params: { query: { limit: 20, cursor: pageParam } } })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});
