import { Failure } from '../failure.js';
import { ANY_CLIENT, type RecordName, recordKey } from './key.js';
import { readShownRecord, requireRecord, type StoredRecord } from './record-json.js';
import { recordProblems } from './schema.js';
import type { AclStore } from './store.js';

export interface RecordReport {
  readonly name: RecordName;
  readonly key: string;
  /** With its passhash, and with ordinary numbers. */
  readonly record: StoredRecord;
  /** What the broker would not read as it is meant, each beginning with the field. */
  readonly problems: readonly string[];
}

/**
 * Reads one record.
 *
 * @throws Failure: those of the store; failed when there is no such record; data when it is broken
 */
export async function getRecord(store: AclStore, name: RecordName): Promise<RecordReport> {
  const key = recordKey(name);
  const text = await store.get(key);
  if (text === undefined) throw noSuchRecord(name, await hasRecordForAnyClient(store, name));
  const record = requireRecord(key, readShownRecord(text));
  return { name, key, record, problems: recordProblems(record) };
}

/** Whether a client without a record of its own would be judged by the record for any client. */
export async function hasRecordForAnyClient(store: AclStore, name: RecordName): Promise<boolean> {
  if (name.clientId === ANY_CLIENT) return false;
  return await store.exists(recordKey({ ...name, clientId: ANY_CLIENT }));
}

/** @param otherwise what to do where there is no record for any client either */
export function noSuchRecord(
  name: RecordName,
  hasFallback: boolean,
  otherwise = 'vmqctl acl list shows the records.',
): Failure {
  const key = recordKey(name);
  return new Failure('failed', 'no_such_record', `there is no record ${key}`, {
    hint: hasFallback
      ? `This client is judged by the record for any client: --client-id '${ANY_CLIENT}'.`
      : otherwise,
    details: { key },
  });
}
