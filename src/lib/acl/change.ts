import { Failure } from '../failure.js';
import type { AclEntry } from './entry.js';
import { isObject, type StoredRecord } from './record-json.js';

/** What becomes of one list. `add` leaves other entries alone and changes only the named fields of one with the same pattern. */
export interface ListChange {
  readonly how: 'replace' | 'add';
  readonly entries: readonly AclEntry[];
}

/** What is to be different in a record. What is not named stays. */
export interface RecordChange {
  readonly passhash?: string | undefined;
  readonly publish?: ListChange | undefined;
  readonly subscribe?: ListChange | undefined;
}

/**
 * Checks that a change names something, and everything when it is to replace a record.
 *
 * @param passwordComes whether the password will still be asked for
 * @throws Failure (usage)
 */
export function assertNamed(change: RecordChange, replace: boolean, passwordComes: boolean): void {
  const { passhash, publish, subscribe } = change;
  if (replace) assertAllNamed(change, passwordComes);
  if (replace || passhash !== undefined || publish || subscribe) return;
  throw new Failure('usage', 'nothing_to_change', 'nothing is named that is to be set', {
    hint: 'Name it: --publish, --subscribe, --add-publish, --add-subscribe, --no-publish, --no-subscribe or --password-from.',
  });
}

function assertAllNamed({ passhash, publish, subscribe }: RecordChange, passwordComes: boolean): void {
  const missing = [
    passhash === undefined && !passwordComes ? '--password-from' : '',
    publish?.how === 'replace' ? '' : '--publish or --no-publish',
    subscribe?.how === 'replace' ? '' : '--subscribe or --no-subscribe',
  ].filter(Boolean);
  if (missing.length === 0) return;
  throw new Failure(
    'usage',
    'not_all_named',
    `--replace keeps nothing of the old record, so this is missing: ${missing.join('; ')}`,
  );
}

/**
 * The record after a change. A list that is not named in a new record is empty: it grants nothing.
 *
 * @param current undefined when there is no record yet
 * @throws Failure: usage when a new record has no passhash, data when entries are to be added to what is no list
 */
export function applyChange(current: StoredRecord | undefined, change: RecordChange): StoredRecord {
  const passhash = change.passhash ?? current?.passhash;
  if (!current && passhash === undefined) throw passwordNeeded();
  const before: StoredRecord = current ?? { passhash, subscribe_acl: [], publish_acl: [] };
  return {
    ...before,
    ...(change.passhash === undefined ? {} : { passhash }),
    ...(change.subscribe
      ? { subscribe_acl: changeList(before.subscribe_acl, change.subscribe, 'subscribe') }
      : {}),
    ...(change.publish ? { publish_acl: changeList(before.publish_acl, change.publish, 'publish') } : {}),
  };
}

export const passwordNeeded = (why = 'there is no such record yet, and a new one needs a password') =>
  new Failure('usage', 'password_needed', why, {
    hint: 'Say where it is: --password-from file:PATH, env:NAME, command:LINE, keyring:SERVICE/ACCOUNT or stdin.',
  });

function changeList(
  current: unknown,
  { how, entries }: ListChange,
  action: 'publish' | 'subscribe',
): readonly unknown[] {
  if (how === 'replace') return entries;
  if (current !== undefined && !Array.isArray(current)) {
    throw new Failure(
      'data',
      'not_a_list',
      `${action}_acl of the record is not a list, so nothing can be added to it`,
      {
        hint: `Give the whole list: --${action} ENTRY, once for each entry.`,
      },
    );
  }
  return entries.reduce<readonly unknown[]>(addEntry, current ?? []);
}

function addEntry(list: readonly unknown[], entry: AclEntry): readonly unknown[] {
  const at = list.findIndex((known) => isObject(known) && known.pattern === entry.pattern);
  const known = list[at];
  return isObject(known) ? list.with(at, { ...known, ...entry }) : [...list, entry];
}
