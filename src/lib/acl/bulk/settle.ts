import { isDeepStrictEqual } from 'node:util';
import { parseJson } from '../../admin/json.js';
import { Failure } from '../../failure.js';
import type { Secret } from '../../secret.js';
import { isObject } from '../record-json.js';
import type { AclStore, NewText, StoredValue } from '../store.js';
import type { ListTexts } from './lists.js';
import type { CheckedRow } from './row.js';

export type RowOutcome = 'written' | 'unchanged' | 'skipped' | 'failed';

/** What became of one row; why, where it was neither written nor there already. */
export interface SettledRow {
  readonly outcome: RowOutcome;
  readonly why?: string;
}

/** How passwords become hashes, and are compared with them. */
export interface Hashing {
  /** @throws Failure (data) for a password that bcrypt cannot take */
  hash(password: Secret): Promise<string>;
  verify(password: Secret, passhash: string): Promise<boolean>;
}

export interface SettleOptions {
  /** Leave records alone that are there. */
  readonly keepExisting: boolean;
  /** Decide, and write nothing. */
  readonly dryRun: boolean;
}

/**
 * Brings rows into the store, all that are to be written with one call.
 *
 * @param rows of different keys
 * @returns what became of each
 * @throws Failure: those of the store; then nobody can tell which of the rows were written
 */
export async function settleRows(
  rows: readonly CheckedRow[],
  store: Pick<AclStore, 'read' | 'putAll'>,
  hashing: Hashing,
  { keepExisting, dryRun }: SettleOptions,
): Promise<readonly SettledRow[]> {
  const stored = await store.read(rows.map(({ key }) => key));
  const texts = await Promise.all(
    rows.map((row, index) =>
      keepExisting && stored[index] ? SKIPPED : textFor(row, stored[index], hashing),
    ),
  );
  const changed = rows.flatMap(({ key }, index): NewText[] => {
    const text = texts[index];
    return typeof text === 'string' ? [{ key, text, existed: stored[index] !== undefined }] : [];
  });
  if (!dryRun) await store.putAll(changed);
  return texts.map((text) => (typeof text === 'object' ? text : { outcome: 'written' }));
}

const SKIPPED: SettledRow = { outcome: 'skipped', why: 'there is a record already' };
const UNCHANGED: SettledRow = { outcome: 'unchanged' };
const failed = (why: string): SettledRow => ({ outcome: 'failed', why });

/** The text that is to be written, or why none is. */
async function textFor(
  { credential, lists }: CheckedRow,
  stored: StoredValue | undefined,
  hashing: Hashing,
): Promise<string | SettledRow> {
  const current = stored?.kind === 'text' ? stored.text : undefined;
  const isNew = (passhash: string) => {
    const text = recordText(passhash, lists);
    return current !== undefined && isSame(current, text) ? UNCHANGED : text;
  };
  if (credential.kind === 'passhash') return isNew(credential.passhash);
  const passhash = current === undefined ? undefined : passhashIn(current);
  if (credential.kind === 'kept')
    return passhash === undefined
      ? failed(
          `${credential.why ?? 'it has neither passhash nor password'}, and there is no record whose passhash it could keep`,
        )
      : isNew(passhash);
  return await hashed(credential.password, passhash, isNew, hashing);
}

/** A password that is the right one already is not hashed again: each hash of it would be another one. */
async function hashed(
  password: Secret,
  passhash: string | undefined,
  isNew: (passhash: string) => string | SettledRow,
  { hash, verify }: Hashing,
): Promise<string | SettledRow> {
  if (passhash !== undefined && (await verify(password, passhash))) return isNew(passhash);
  try {
    return isNew(await hash(password));
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === 'data') return failed(thrown.message);
    throw thrown;
  }
}

/** The text of a record, its members in the order in which `acl set` has them. */
export const recordText = (passhash: string, { publish, subscribe }: ListTexts): string =>
  `{"passhash":${JSON.stringify(passhash)},"subscribe_acl":${subscribe},"publish_acl":${publish}}`;

/** Whether two texts say the same. */
function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  const read = parseJson(one);
  return read !== undefined && isDeepStrictEqual(read, parseJson(other));
}

function passhashIn(text: string): string | undefined {
  const record = parseJson(text);
  return isObject(record) && typeof record.passhash === 'string' ? record.passhash : undefined;
}
