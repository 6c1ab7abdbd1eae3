import { Failure } from '../failure.js';
import { canonicalKey, parseRecordKey, type RecordName } from './key.js';
import { type RecordReading, readShownRecord, type StoredRecord } from './record-json.js';
import { recordProblems } from './schema.js';
import type { AclStore, ScannedKey, StoredValue } from './store.js';

/** What records must be like to be listed; what is undefined does not matter. */
export type ListFilter = { readonly [Part in keyof RecordName]?: string | undefined };

export interface ListedRecord {
  readonly name: RecordName;
  readonly key: string;
  /** With its passhash, and with ordinary numbers; undefined when it is broken. */
  readonly record: StoredRecord | undefined;
  /** What the broker would not read as it is meant, or why the record is broken. */
  readonly problems: readonly string[];
}

/** A key that looks like that of a record, and that the broker never asks for. */
export interface StrayKey {
  readonly key: string;
  readonly reason: string;
}

export interface ListPage {
  readonly records: readonly ListedRecord[];
  readonly strays: readonly StrayKey[];
}

/**
 * Lists the records page by page, each page in the order of its keys. It holds one page in memory at a time, so a
 * record may come up twice while the store is growing.
 *
 * @throws Failure: those of the store, and interrupted when the signal is aborted
 */
export async function* listRecords(
  store: AclStore,
  filter: ListFilter,
  signal: AbortSignal,
): AsyncGenerator<ListPage> {
  for await (const keys of store.scan()) {
    if (signal.aborted) throw interrupted();
    const found = keys.map(identify);
    const wanted = found
      .filter((one) => 'name' in one)
      .filter(({ name }) => fits(name, filter))
      .sort(byKey);
    const values = await store.read(wanted.map(({ key }) => key));
    const records = wanted.map(({ key, name }, index) => listed(key, name, values[index]));
    yield {
      records: records.filter((record) => record !== undefined),
      strays: found.filter((one) => 'reason' in one).sort(byKey),
    };
  }
}

const interrupted = () => new Failure('interrupted', 'interrupted', 'interrupted: the list is not complete');

export const byKey = (one: { key: string }, other: { key: string }) => (one.key < other.key ? -1 : 1);

export function identify({ key, isUtf8 }: ScannedKey): { key: string; name: RecordName } | StrayKey {
  if (!isUtf8) return { key, reason: 'it is not UTF-8' };
  const name = parseRecordKey(key);
  if (name) return { key, name };
  const canonical = canonicalKey(key);
  if (canonical) return { key, reason: `the broker asks for ${canonical}` };
  return { key, reason: 'it is no list of mountpoint, client id and username' };
}

export function fits(name: RecordName, filter: ListFilter): boolean {
  return (['mountpoint', 'clientId', 'username'] as const).every(
    (part) => filter[part] === undefined || filter[part] === name[part],
  );
}

/** Undefined for a record that is gone since its key was seen. */
function listed(key: string, name: RecordName, value: StoredValue | undefined): ListedRecord | undefined {
  if (!value) return undefined;
  const reading = readValue(value);
  if (!reading.ok) return { name, key, record: undefined, problems: [`broken: ${reading.reason}`] };
  return { name, key, record: reading.record, problems: recordProblems(reading.record) };
}

function readValue(value: StoredValue): RecordReading {
  if (value.kind === 'text') return readShownRecord(value.text);
  if (value.kind === 'not-utf8') return { ok: false, reason: 'it is not UTF-8' };
  return { ok: false, reason: `it is a Redis ${value.type}, not a string` };
}
