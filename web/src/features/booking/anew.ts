import { hashKey, type QueryClient, type QueryKey } from '@tanstack/react-query';

/** What is going to be asked for. */
const wanted = new Set<string>();

/**
 * Asks for what is shown because something happened to it. An answer that is under way may be from before that: it is let come, and then asked for
 * once more, however often something happens meanwhile.
 */
export async function askAnew(client: QueryClient, queryKey: QueryKey): Promise<void> {
  const shown = { queryKey, exact: true, type: 'active' } as const;
  const ask = () => client.refetchQueries(shown, { cancelRefetch: false });
  const name = hashKey(queryKey);
  if (wanted.has(name)) return;
  wanted.add(name);
  // What is told of more than one topic at a time is one question.
  await Promise.resolve();
  if (client.isFetching(shown) > 0) await ask();
  wanted.delete(name);
  await ask();
}
