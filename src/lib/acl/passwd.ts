import type { Failure } from '../failure.js';
import { hasRecordForAnyClient, noSuchRecord } from './get.js';
import { type RecordName, recordKey } from './key.js';
import { withMember } from './member-text.js';
import { readStoredRecord, requireRecord } from './record-json.js';
import type { AclStore, Decision } from './store.js';

export interface PasswdRequest {
  readonly name: RecordName;
  readonly passhash: string;
  readonly dryRun: boolean;
}

export interface PasswdReport {
  readonly name: RecordName;
  readonly key: string;
  readonly outcome: 'changed' | 'unchanged';
  readonly dryRun: boolean;
  readonly passhash: string;
}

/**
 * Gives a record another passhash. Every other byte of it stays, and no change of another writer is lost.
 *
 * @param request with a passhash that the broker accepts
 * @throws Failure: those of the store; failed when there is no such record; data when it is broken
 */
export async function changePasshash(store: AclStore, request: PasswdRequest): Promise<PasswdReport> {
  const { name, passhash, dryRun } = request;
  const key = recordKey(name);
  const decide = (text: string | undefined): Decision & { readonly isMissing: boolean } => {
    if (text === undefined) return { write: undefined, isMissing: true };
    const record = requireRecord(key, readStoredRecord(text));
    const isSame = record.passhash === passhash;
    return { write: isSame ? undefined : withMember(text, 'passhash', passhash), isMissing: false };
  };
  const { write, isMissing } = dryRun ? decide(await store.get(key)) : await store.update(key, decide);
  if (isMissing) throw await noRecordToChange(store, name);
  return { name, key, outcome: write === undefined ? 'unchanged' : 'changed', dryRun, passhash };
}

/**
 * Whoever is to type a password should know first that it is of use.
 *
 * @throws Failure (failed) when there is no such record
 */
export async function requireExisting(store: AclStore, name: RecordName): Promise<void> {
  if (!(await store.exists(recordKey(name)))) throw await noRecordToChange(store, name);
}

const HOW_TO_MAKE_ONE = 'vmqctl acl set makes a record, with what its client may publish and subscribe to.';

const noRecordToChange = async (store: AclStore, name: RecordName): Promise<Failure> =>
  noSuchRecord(name, await hasRecordForAnyClient(store, name), HOW_TO_MAKE_ONE);
