import { type Action, LIST_OF } from '../schema.js';
import type { Broker } from './broker.js';
import { readBrokerJson } from './broker-json.js';
import { type ReadEntry, readEntry } from './entry-reading.js';
import { isList, isTable, kindOf, ScriptError } from './values.js';

/** The lists of a record, each in the order in which the broker goes through it. */
export interface ReadLists {
  readonly publish: readonly ReadEntry[];
  readonly subscribe: readonly ReadEntry[];
}

export type ListsReading =
  | { readonly ok: true; readonly lists: ReadLists }
  | { readonly ok: false; readonly field: string; readonly problem: string };

/** The text of a record as the broker reads it. */
export type BrokerRecord =
  | {
      readonly ok: true;
      /** Undefined where it is none that the script can compare with something. */
      readonly passhash: string | undefined;
      readonly lists: ListsReading;
    }
  | { readonly ok: false; readonly reason: string };

export function readRecord(text: string, broker: Broker): BrokerRecord {
  const json = readBrokerJson(text);
  if (!json.ok) return json;
  return { ok: true, passhash: passhashOf(json.value), lists: readLists(json.value, broker) };
}

/** Texts that are remembered. */
const MOST_KNOWN = 1000;

/** The same, for who reads few records over and over for one broker. */
export function rememberedReading(): typeof readRecord {
  const known = new Map<string, BrokerRecord>();
  let latest: Broker | undefined;
  return (text, broker) => {
    if (broker !== latest || known.size > MOST_KNOWN) known.clear();
    latest = broker;
    const record = known.get(text) ?? readRecord(text, broker);
    known.set(text, record);
    return record;
  };
}

/** The passhash, where the record is one whose passhash the script can compare with something. */
export function passhashOf(record: unknown): string | undefined {
  if (!isTable(record) || isList(record)) return undefined;
  return typeof record.passhash === 'string' ? record.passhash : undefined;
}

/** Reads the lists of a record as the broker's script does once the password is right, surprises included. */
export function readLists(record: unknown, broker: Broker): ListsReading {
  try {
    const publish = readList(record, 'publish', broker);
    return { ok: true, lists: { publish, subscribe: readList(record, 'subscribe', broker) } };
  } catch (error) {
    if (error instanceof ScriptError) return { ok: false, field: error.field, problem: error.problem };
    throw error;
  }
}

/** A missing list grants nothing. An object in its place is read like the list of its values, in the order of their names. */
function readList(record: unknown, action: Action, broker: Broker): ReadEntry[] {
  const name = LIST_OF[action];
  const list = isTable(record) && !isList(record) ? record[name] : undefined;
  if (list === undefined) return [];
  if (!isTable(list)) throw new ScriptError(name, `is ${kindOf(list)}, not a list`);
  if (isList(list)) {
    return list.map((item, index) => readEntry(item, action, `${name}[${index}]`, true, broker));
  }
  const items = Object.entries(list).sort(byBytes);
  return items.map(([key, item]) => readEntry(item, action, `${name}.${key}`, false, broker));
}

const byBytes = ([one]: [string, unknown], [other]: [string, unknown]) =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));
