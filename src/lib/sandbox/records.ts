/** Where user records come from: the broker's Redis, or a map in a test. */
export interface RecordSource {
  /** @returns the value of a key, or null when there is none. @throws when the source does not answer */
  get(key: string): Promise<string | null>;
  close(): Promise<void>;
}

export function recordsFrom(entries: ReadonlyMap<string, string>): RecordSource {
  return { get: async (key) => entries.get(key) ?? null, close: async () => {} };
}
