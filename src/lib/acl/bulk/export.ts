import { isDeepStrictEqual } from 'node:util';
import { Failure } from '../../failure.js';
import type { RecordName } from '../key.js';
import { byKey, fits, identify, type ListFilter } from '../list.js';
import { readStoredRecord } from '../record-json.js';
import type { AclStore, StoredValue } from '../store.js';
import { KnownLists, type Lists, type ListTexts } from './lists.js';
import { checkRow } from './row.js';
import { recordText } from './settle.js';
import { usualRow } from './usual.js';

/** A record as a row that an import makes the same record of. */
export interface ExportedRow {
  readonly name: RecordName;
  readonly passhash: string;
  readonly lists: ListTexts;
}

export interface KeyedRow extends ExportedRow {
  readonly key: string;
}

/** What an import could not make of any row. */
export interface LeftOut {
  readonly key: string;
  readonly why: string;
}

export interface ExportPage {
  readonly rows: readonly KeyedRow[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Reads the records page by page. Each is held against what an import would write of it: what would not be the same is
 * left out, and told.
 *
 * @throws Failure: those of the store, and interrupted when the signal is aborted
 */
export async function* exportRecords(
  store: Pick<AclStore, 'scan' | 'read'>,
  filter: ListFilter,
  given: Lists,
  signal: AbortSignal,
): AsyncGenerator<ExportPage> {
  const known = new KnownLists(given);
  for await (const keys of store.scan()) {
    if (signal.aborted)
      throw new Failure('interrupted', 'interrupted', 'interrupted: the export is not complete');
    const found = keys.map(identify);
    const wanted = found.filter((one) => 'name' in one).filter(({ name }) => fits(name, filter));
    wanted.sort(byKey);
    const values = await store.read(wanted.map(({ key }) => key));
    const read = wanted.flatMap(
      ({ key, name }, index) => rowOf(key, name, values[index], given, known) ?? [],
    );
    const strays = found.filter((one) => 'reason' in one).map(({ key, reason }) => ({ key, why: reason }));
    yield {
      rows: read.filter((one) => 'lists' in one),
      leftOut: [...read.filter((one) => 'why' in one), ...strays].sort(byKey),
    };
  }
}

/** Undefined for a record that is gone since its key was seen. */
function rowOf(
  key: string,
  name: RecordName,
  value: StoredValue | undefined,
  given: Lists,
  known: KnownLists,
): KeyedRow | LeftOut | undefined {
  if (!value) return undefined;
  if (value.kind === 'not-utf8') return { key, why: 'it is not UTF-8' };
  if (value.kind === 'wrong-type') return { key, why: `it is a Redis ${value.type}, not a string` };
  const row = readUsual(value.text, name, known) ?? readRow(value.text, name, given);
  return typeof row === 'string' ? { key, why: row } : { key, ...row };
}

/** As an import writes it. */
const USUAL = /^\{"passhash":"([^"\\]*)","subscribe_acl":(\[[^\]]*\]),"publish_acl":(\[[^\]]*\])\}$/;

/** Undefined is no error: what does not fit is read in the general way, many times slower. */
function readUsual(text: string, name: RecordName, known: KnownLists): ExportedRow | undefined {
  const [, passhash = '', subscribe = '', publish = ''] = USUAL.exec(text) ?? [];
  const { mountpoint, clientId, username } = name;
  const row = usualRow({ mountpoint, clientId, username, passhash, publish, subscribe }, known);
  return row && { name, passhash, lists: row.lists };
}

const MEMBERS: ReadonlySet<string> = new Set(['passhash', 'publish_acl', 'subscribe_acl']);

/** The row for the text of a record, or why there is none. */
function readRow(text: string, name: RecordName, given: Lists): ExportedRow | string {
  const reading = readStoredRecord(text);
  if (!reading.ok) return reading.reason;
  const { record } = reading;
  const more = Object.keys(record).find((member) => !MEMBERS.has(member));
  if (more !== undefined) return `it has a member that no row has: ${JSON.stringify(more)}`;
  const { mountpoint, clientId, username } = name;
  const checked = checkRow({ mountpoint, client_id: clientId, username, ...record }, given);
  if (!checked.ok) return checked.why;
  const { credential, lists } = checked.row;
  if (credential.kind !== 'passhash') return 'it has no passhash';
  if (credential.relabelled)
    return 'its passhash would become $2a$, the only label that the broker reads: vmqctl acl lint --fix does that';
  const { passhash } = credential;
  return isSame(text, recordText(passhash, lists)) ? { name, passhash, lists } : 'an import would change it';
}

/** A list that is missing grants nothing, as an empty one does. */
const isSame = (stored: string, written: string): boolean =>
  isDeepStrictEqual({ publish_acl: [], subscribe_acl: [], ...JSON.parse(stored) }, JSON.parse(written));
