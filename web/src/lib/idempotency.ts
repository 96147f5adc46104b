const keys = new Map<string, string>();

/**
 * The key of a thing to be done: the same for the same thing, so that pressing twice or trying again after a lost answer does it once.
 * `done` forgets it: the next time the same is wanted, it is wanted again.
 */
export function keyFor(operation: string, body: unknown): { header: { 'Idempotency-Key': string }; done: () => void } {
  const what = `${operation} ${JSON.stringify(body)}`;
  const key = keys.get(what) ?? crypto.randomUUID();
  keys.set(what, key);
  return { header: { 'Idempotency-Key': key }, done: () => keys.delete(what) };
}
