import type { RecordName } from './key.js';
import type { StoredRecord } from './record-json.js';

/** A record as it is listed. */
export interface ListedRecord {
  readonly name: RecordName;
  readonly key: string;
  /** With its passhash, and with ordinary numbers; undefined when it is broken. */
  readonly record: StoredRecord | undefined;
  /** All of it but the passhash, where others have the same: the same object for each of them. */
  readonly shared?: StoredRecord | undefined;
  /** What the broker would not read as it is meant, or why the record is broken. */
  readonly problems: readonly string[];
}
