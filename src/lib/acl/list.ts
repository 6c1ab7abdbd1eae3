import { ahead } from '../ahead.js';
import { Failure } from '../failure.js';
import { canonicalKey, parseRecordKey, type RecordName } from './key.js';
import { KnownRecords } from './known-records.js';
import { type Condition, isWanted, mayBeWanted } from './list-filter.js';
import type { ListedRecord } from './listed-record.js';
import type { AclStore, ScannedKey, StoredValue } from './store.js';

/** What records must be like to be listed; what is undefined does not matter. */
export type ListFilter = { readonly [Part in keyof RecordName]?: string | undefined };

/** A key that looks like that of a record, and that the broker never asks for. */
export interface StrayKey {
  readonly key: string;
  readonly reason: string;
}

interface NamedKey {
  readonly key: string;
  readonly name: RecordName;
}

export interface ListPage {
  readonly records: readonly ListedRecord[];
  readonly strays: readonly StrayKey[];
}

/**
 * Lists the records page by page, each page in the order of its keys. It holds a few pages in memory, so a
 * record may come up twice while the store is growing.
 *
 * @param conditions all of which a record meets that is listed
 * @throws Failure: those of the store, and interrupted when the signal is aborted
 */
export async function* listRecords(
  store: AclStore,
  filter: ListFilter,
  signal: AbortSignal,
  conditions: readonly Condition[] = [],
): AsyncGenerator<ListPage> {
  const known = new KnownRecords();
  for await (const page of ahead(readPages(store, filter, conditions))) {
    if (signal.aborted) throw interrupted();
    yield toPage(page, conditions, known);
  }
}

interface ReadPage {
  readonly wanted: readonly NamedKey[];
  readonly values: readonly (StoredValue | undefined)[];
  readonly strays: readonly StrayKey[];
}

async function* readPages(
  store: AclStore,
  filter: ListFilter,
  conditions: readonly Condition[],
): AsyncGenerator<ReadPage> {
  for await (const keys of ahead(store.scan())) {
    const wanted: NamedKey[] = [];
    const strays: StrayKey[] = [];
    for (const key of keys) {
      const found = identify(key);
      if ('reason' in found) strays.push(found);
      else if (fits(found.name, filter) && mayBeWanted(found.name, conditions)) wanted.push(found);
    }
    wanted.sort(byKey);
    strays.sort(byKey);
    const values = await store.read(wanted.map(({ key }) => key));
    yield { wanted, values, strays };
  }
}

function toPage(
  { wanted, values, strays }: ReadPage,
  conditions: readonly Condition[],
  known: KnownRecords,
): ListPage {
  const records: ListedRecord[] = [];
  for (const [index, { key, name }] of wanted.entries()) {
    const record = listed(key, name, values[index], known);
    if (record && isWanted(record, conditions)) records.push(record);
  }
  return { records, strays };
}

const interrupted = () => new Failure('interrupted', 'interrupted', 'interrupted: the list is not complete');

export const byKey = (one: { key: string }, other: { key: string }) => (one.key < other.key ? -1 : 1);

export function identify({ key, isUtf8 }: ScannedKey): NamedKey | StrayKey {
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
function listed(
  key: string,
  name: RecordName,
  value: StoredValue | undefined,
  known: KnownRecords,
): ListedRecord | undefined {
  if (!value) return undefined;
  const read = value.kind === 'text' ? known.read(value.text) : { reason: notText(value) };
  if ('reason' in read) return { name, key, record: undefined, problems: [`broken: ${read.reason}`] };
  return { name, key, ...read };
}

const notText = (value: Exclude<StoredValue, { kind: 'text' }>): string =>
  value.kind === 'not-utf8' ? 'it is not UTF-8' : `it is a Redis ${value.type}, not a string`;
