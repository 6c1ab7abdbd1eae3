import { Failure } from '../../failure.js';
import { Secret } from '../../secret.js';
import { didYouMean } from '../../suggest.js';
import { assertUsableName, type RecordName, recordKey } from '../key.js';
import { adoptPasshash } from '../passhash.js';
import type { StoredRecord } from '../record-json.js';
import { type Lists, type ListTexts, listTexts } from './lists.js';

/** What a row has instead of a password that is hashed: nothing, where the record that is there keeps its own. */
export type Credential =
  | { readonly kind: 'passhash'; readonly passhash: string; readonly relabelled: boolean }
  | { readonly kind: 'password'; readonly password: Secret }
  | {
      readonly kind: 'kept';
      /** Why it has none of its own, where that says more than that none is there. */
      readonly why?: string;
    };

/** A row that was checked: nothing of it hinders that it is written. */
export interface CheckedRow {
  readonly key: string;
  readonly credential: Credential;
  /** The JSON of the lists. */
  readonly lists: ListTexts;
}

/** One row of an input: what it says, or why it cannot be used. */
export type RowReading =
  | { readonly ok: true; readonly row: CheckedRow }
  | { readonly ok: false; readonly why: string };

/** Undefined for what is no row. */
export type ReadRow = (text: string) => RowReading | undefined;

export const FIELDS = [
  'mountpoint',
  'client_id',
  'username',
  'passhash',
  'password',
  'publish_acl',
  'subscribe_acl',
] as const;
const KNOWN: ReadonlySet<string> = new Set(FIELDS);

/**
 * Checks what a row says. Of a list an item is an entry, or the text of its pattern.
 *
 * @param fields numbers with all their digits (see readStoredRecord)
 */
export function checkRow(fields: StoredRecord, given: Lists): RowReading {
  try {
    return check(fields, given);
  } catch (thrown) {
    // What can just be parsed may have more levels than can be walked through.
    if (thrown instanceof RangeError) return no('it is nested too deeply');
    throw thrown;
  }
}

function check(fields: StoredRecord, given: Lists): RowReading {
  const name = readName(fields);
  if (typeof name === 'string') return no(name);
  const credential = readCredential(fields);
  if (typeof credential === 'string') return no(credential);
  const lists = listTexts(fields, given);
  if (typeof lists === 'string') return no(lists);
  return { ok: true, row: { key: recordKey(name), credential, lists } };
}

const no = (why: string): RowReading => ({ ok: false, why });

function readName(fields: StoredRecord): RecordName | string {
  const unknown = Object.keys(fields).find((field) => !KNOWN.has(field));
  if (unknown !== undefined) return `${unknown} is no field of a row${didYouMean(unknown, FIELDS)}`;
  const { mountpoint = '', client_id: clientId, username } = fields;
  for (const [field, value] of Object.entries({ mountpoint, client_id: clientId, username })) {
    if (value === undefined) return `${field} is missing`;
    if (typeof value !== 'string') return `${field} must be a string`;
    if (HALF_CHARACTER.test(value)) return `${field} ${HAS_HALF}`;
  }
  const name = { mountpoint, clientId, username } as RecordName;
  return told(() => {
    assertUsableName(name);
    return name;
  });
}

function readCredential({ passhash, password }: StoredRecord): Credential | string {
  if (passhash !== undefined && password !== undefined) return 'it has both a passhash and a password';
  if (passhash !== undefined && typeof passhash !== 'string') return 'passhash must be a string';
  if (passhash !== undefined) return told(() => ({ kind: 'passhash', ...adoptPasshash(passhash) }));
  if (password === undefined) return { kind: 'kept' };
  if (typeof password !== 'string') return 'password must be a string';
  if (HALF_CHARACTER.test(password)) return `password ${HAS_HALF}`;
  return { kind: 'password', password: new Secret(password) };
}

/** JSON can spell half of a pair of surrogates, and no text of MQTT can have it. */
const HALF_CHARACTER = /\p{Surrogate}/u;
const HAS_HALF = 'has half of a character, which no client can send';

/** What it gives, or why not. */
function told<Value>(read: () => Value): Value | string {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message;
    throw thrown;
  }
}
