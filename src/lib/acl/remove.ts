import { hasRecordForAnyClient, noSuchRecord } from './get.js';
import { type RecordName, recordKey } from './key.js';
import type { AclStore } from './store.js';

export interface RemoveReport {
  readonly name: RecordName;
  readonly key: string;
  readonly dryRun: boolean;
  /** False where a command that was cut short had removed it. */
  readonly existed: boolean;
  /** The user can still log in with this client id, by the record for any client. */
  readonly fallback: boolean;
}

/**
 * Removes one record, broken or not.
 *
 * @param mayBeGone whether it is no failure that there is none, as a command that was cut short may have removed it
 * @throws Failure: those of the store; failed when there is no such record
 */
export async function removeRecord(
  store: AclStore,
  name: RecordName,
  dryRun: boolean,
  mayBeGone = false,
): Promise<RemoveReport> {
  const key = recordKey(name);
  const fallback = await hasRecordForAnyClient(store, name);
  const existed = dryRun ? await store.exists(key) : await store.remove(key);
  if (!existed && !mayBeGone) throw noSuchRecord(name, fallback);
  return { name, key, dryRun, existed, fallback };
}
