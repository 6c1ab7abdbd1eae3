import { isDeepStrictEqual } from 'node:util';
import { Failure } from '../../failure.js';
import type { CheckedRow } from '../bulk/row.js';
import { type Hashing, recordText } from '../bulk/settle.js';
import { formatRecord, readLossless, readStoredRecord, type StoredRecord, toPlain } from '../record-json.js';
import type { StoredValue } from '../store.js';
import type { Change } from './change.js';

/** What a desired record needs: a change, nothing, or it cannot be planned, for this reason. */
export type Decided = Change | 'unchanged' | { readonly why: string };

/**
 * Compares a desired record with what is there. Members of the record that no row names are kept, as `acl set` keeps them;
 * a password is compared by verifying it, and hashed only where it is another one.
 */
export async function decideRow(
  { key, credential, lists }: CheckedRow,
  stored: StoredValue | undefined,
  hashing: Hashing,
): Promise<Decided> {
  const obstacle = obstacleIn(stored);
  if (obstacle !== undefined) return { why: `${key}: ${obstacle}` };
  const found = stored?.kind === 'text' ? stored.text : null;
  // The usual case of what is in place, without reading it.
  if (credential.kind === 'passhash' && found === recordText(credential.passhash, lists)) return 'unchanged';
  const current = found === null ? undefined : readRecord(found);
  const passhash = await passhashFor(credential, current, hashing);
  if (typeof passhash !== 'string') return passhash;
  if (!current) return { key, found, write: recordText(passhash, lists) };
  const named = {
    passhash,
    subscribe_acl: readLossless(lists.subscribe).value,
    publish_acl: readLossless(lists.publish).value,
  };
  const wanted = { ...current, ...named };
  return isSame(current, wanted) ? 'unchanged' : { key, found, write: formatRecord(wanted) };
}

/** Why a value could not be brought back byte for byte, or undefined. */
export function obstacleIn(stored: StoredValue | undefined): string | undefined {
  if (!stored || stored.kind === 'text') return undefined;
  const what = stored.kind === 'not-utf8' ? 'is not UTF-8' : `is a Redis ${stored.type}`;
  return `what is there ${what}, which no plan can bring back; remove it first: vmqctl acl remove`;
}

/** Undefined for what is broken: nothing of it can be kept. */
function readRecord(text: string): StoredRecord | undefined {
  const reading = readStoredRecord(text);
  return reading.ok ? reading.record : undefined;
}

async function passhashFor(
  credential: CheckedRow['credential'],
  current: StoredRecord | undefined,
  { hash, verify }: Hashing,
): Promise<string | { readonly why: string }> {
  if (credential.kind === 'passhash') return credential.passhash;
  const present = typeof current?.passhash === 'string' ? current.passhash : undefined;
  if (credential.kind === 'kept')
    return (
      present ?? { why: `${credential.why ?? 'it has neither passhash nor password'}${NOTHING_TO_KEEP}` }
    );
  if (present !== undefined && (await verify(credential.password, present))) return present;
  try {
    return await hash(credential.password);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === 'data') return { why: thrown.message };
    throw thrown;
  }
}

const NOTHING_TO_KEEP = ', and there is no record whose passhash it could keep';

/** A list that is missing grants nothing, as an empty one does. */
const isSame = (current: StoredRecord, wanted: StoredRecord): boolean =>
  isDeepStrictEqual(toPlain({ ...EMPTY, ...current }), toPlain(wanted));

const EMPTY = { publish_acl: [], subscribe_acl: [] };
