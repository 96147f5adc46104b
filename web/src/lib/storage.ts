/** Small things kept in the browser. A private window may refuse; then nothing is kept, and nothing breaks. */
export function recall<T>(key: string, store: Storage = localStorage): T | undefined {
  try {
    const text = store.getItem(`udaan.${key}`);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

export function keep(key: string, value: unknown, store: Storage = localStorage): void {
  try {
    if (value === undefined) store.removeItem(`udaan.${key}`);
    else store.setItem(`udaan.${key}`, JSON.stringify(value));
  } catch {
    // Nothing is kept.
  }
}
