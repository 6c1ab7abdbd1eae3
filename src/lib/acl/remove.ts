import { hasRecordForAnyClient, noSuchRecord } from './get.js';
import { type RecordName, recordKey } from './key.js';
import type { AclStore } from './store.js';

export interface RemoveReport {
  readonly name: RecordName;
  readonly key: string;
  readonly dryRun: boolean;
  /** The user can still log in with this client id, by the record for any client. */
  readonly fallback: boolean;
}

/**
 * Removes one record, broken or not.
 *
 * @throws Failure: those of the store; failed when there is no such record
 */
export async function removeRecord(
  store: AclStore,
  name: RecordName,
  dryRun: boolean,
): Promise<RemoveReport> {
  const key = recordKey(name);
  const fallback = await hasRecordForAnyClient(store, name);
  const existed = dryRun ? await store.exists(key) : await store.remove(key);
  if (!existed) throw noSuchRecord(name, fallback);
  return { name, key, dryRun, fallback };
}
