import { parseRecordKey, type RecordName } from '../key.js';
import { type RecordReading, readShownRecord, type StoredRecord } from '../record-json.js';
import { type Change, type ChangeKind, kindOf } from './change.js';
import { type EntryDifference, listDifferences } from './differences.js';

/** A change for people: nothing in it is secret. */
export interface ChangeDescription {
  readonly kind: ChangeKind;
  readonly key: string;
  readonly name: RecordName;
  /** Of the passhash only whether it differs. */
  readonly passhash: 'same' | 'changed' | 'added' | 'removed' | 'none';
  readonly publish: readonly EntryDifference[];
  readonly subscribe: readonly EntryDifference[];
  /** Members that the broker does not know, and that stay. */
  readonly kept: readonly string[];
  /** The same that go, or come. */
  readonly dropped: readonly string[];
  readonly gained: readonly string[];
  /** Why what is there is no record: then nothing of it stays. */
  readonly broken: string | null;
}

export function describeChange(change: Change): ChangeDescription {
  const before = reading(change.found);
  const after = reading(change.write);
  const [from, to] = [recordIn(before), recordIn(after)];
  const [old, next] = [others(from), others(to)];
  return {
    kind: kindOf(change),
    key: change.key,
    name: parseRecordKey(change.key) ?? { mountpoint: '', clientId: '', username: '' },
    passhash: passhashChange(from.passhash, to.passhash),
    publish: listDifferences(from.publish_acl, to.publish_acl),
    subscribe: listDifferences(from.subscribe_acl, to.subscribe_acl),
    kept: old.filter((member) => next.includes(member)),
    dropped: old.filter((member) => !next.includes(member)),
    gained: next.filter((member) => !old.includes(member)),
    broken: before?.ok === false ? before.reason : null,
  };
}

const reading = (text: string | null): RecordReading | undefined =>
  text === null ? undefined : readShownRecord(text);

const recordIn = (read: RecordReading | undefined): StoredRecord => (read?.ok ? read.record : {});

const KNOWN = ['passhash', 'publish_acl', 'subscribe_acl'];
const others = (record: StoredRecord) => Object.keys(record).filter((member) => !KNOWN.includes(member));

function passhashChange(from: unknown, to: unknown): ChangeDescription['passhash'] {
  if (from === undefined) return to === undefined ? 'none' : 'added';
  if (to === undefined) return 'removed';
  return from === to ? 'same' : 'changed';
}
