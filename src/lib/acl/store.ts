/** What a key holds. `wrong-type` is anything but a string, such as a Redis list. */
export type StoredValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'not-utf8' }
  | { readonly kind: 'wrong-type'; readonly type: string };

export interface ScannedKey {
  /** With U+FFFD where it is not UTF-8. */
  readonly key: string;
  readonly isUtf8: boolean;
}

/** A decision about one key: what to write, or nothing. */
export interface Decision {
  readonly write: string | undefined;
}

/** What a key is to hold. */
export interface NewText {
  readonly key: string;
  readonly text: string;
  /** Whether there was something under the key a moment ago. */
  readonly existed: boolean;
}

/** One text for another; null where there is none. */
export interface Exchange {
  readonly key: string;
  readonly found: string | null;
  readonly write: string | null;
}

/** `already`: it held what was to be written; `moved`: it held something else, and was left alone. */
export type ExchangeOutcome = 'written' | 'already' | 'moved';

/** Records of different keys, in the bytes that Redis is sent. */
export interface PackedRecords {
  readonly count: number;
  /** A command that has the key and the text of each as its arguments. */
  asCommand(name: string): Buffer;
}

/**
 * Where the records are. All methods throw a Failure: unreachable, credentials, data (a value that is not text),
 * failed (the store refuses), unknown (it may or may not have been written).
 */
export interface AclStore {
  /** The text of a record, or undefined. */
  get(key: string): Promise<string | undefined>;

  exists(key: string): Promise<boolean>;

  /**
   * Reads, decides and writes as if nobody else were there: when the key changes in between, nothing is written and
   * `decide` is asked again, so it must be pure. What it throws ends the update with nothing written.
   *
   * @returns the decision that counted
   */
  update<D extends Decision>(key: string, decide: (current: string | undefined) => D): Promise<D>;

  /** Writes, whatever is there. Returns whether there was something. */
  put(key: string, text: string): Promise<boolean>;

  /**
   * Writes all of them, whatever is there, each whole or not at all. A record that was there keeps its time to live.
   *
   * @param records of different keys
   * @param inPlace keys of records that were found as they are to be: where replicas are waited for, these count, too
   */
  putAll(records: readonly NewText[], inPlace?: readonly string[]): Promise<void>;

  /**
   * Writes all of them if there is none of them yet.
   *
   * @param records of different keys
   * @returns false where there is one of them, or where that cannot be done at once: then nothing was written
   */
  createAll(records: readonly Pick<NewText, 'key' | 'text'>[]): Promise<boolean>;

  /** The same of records that are packed already. */
  createPacked(records: PackedRecords): Promise<boolean>;

  /**
   * Writes each of them where it holds what was found, byte for byte, and leaves it alone where it does not. A record
   * that was there keeps its time to live.
   *
   * @param exchanges of different keys
   * @throws Failure: where some were settled before, `details.settled` says how many hold what was to be written
   */
  exchange(exchanges: readonly Exchange[]): Promise<readonly ExchangeOutcome[]>;

  /** Gives a record another key, with its time to live, unless there is something under that key. */
  rename(from: string, to: string): Promise<'renamed' | 'taken' | 'gone'>;

  /** Whether there was something to remove. */
  remove(key: string): Promise<boolean>;

  /**
   * All keys that begin with `[`, page by page. It does not block the store, so what changes meanwhile may be seen
   * or not, and a key may come up twice while the store grows or shrinks.
   */
  scan(): AsyncGenerator<readonly ScannedKey[]>;

  /** What each of the keys holds, or undefined for one that is gone. */
  read(keys: readonly string[]): Promise<readonly (StoredValue | undefined)[]>;

  /**
   * The same of strings alone, with one question: what is no string seems not to be there.
   */
  readStrings(keys: readonly string[]): Promise<readonly (StoredValue | undefined)[]>;

  close(): void;
}
