/** The members of an entry, as the broker's script sees them. */
export type Fields = ReadonlyMap<string, unknown>;

export interface Entry {
  readonly pattern: string;
  readonly fields: Fields;
}

export interface ReadableRecord {
  readonly passhash: string;
  /** In their order, without entries that have no pattern. */
  readonly publish: readonly Entry[];
  readonly subscribe: readonly Entry[];
}

/**
 * Reads a record as the broker's script does, surprises included.
 *
 * @param record the parsed JSON
 * @returns undefined when the script fails on it, so that the client is refused whatever its password
 */
export function readRecord(record: unknown): ReadableRecord | undefined {
  if (!isTable(record) || Array.isArray(record)) return undefined;
  const { passhash } = record;
  const publish = readList(record.publish_acl);
  const subscribe = readList(record.subscribe_acl);
  if (typeof passhash !== 'string' || !publish || !subscribe) return undefined;
  return { passhash, publish, subscribe };
}

/** A missing list grants nothing. An object in place of the list is read like the list of its values. */
function readList(list: unknown): Entry[] | undefined {
  if (list === undefined) return [];
  if (!isTable(list)) return undefined;
  const entries: Entry[] = [];
  for (const item of Object.values(list)) {
    const fields = readFields(item);
    if (!fields) return undefined;
    const pattern = fields.get('pattern');
    if (typeof pattern === 'string') entries.push({ pattern, fields });
  }
  return entries;
}

/** One member of the wrong kind fails the whole record, not only its entry. */
function readFields(item: unknown): Fields | undefined {
  if (!isTable(item)) return undefined;
  if (Array.isArray(item)) return item.length === 0 ? new Map() : undefined;
  const fields = new Map(Object.entries(item).map(([name, value]) => [name, nullAsText(value)]));
  for (const [name, value] of fields) {
    const wanted = name === 'modifiers' ? isTable(value) : !isTable(value);
    if (!wanted || (name === 'pattern' && typeof value !== 'string')) return undefined;
  }
  return modifiersAreReadable(fields.get('modifiers')) ? fields : undefined;
}

/** The broker's JSON reader turns null into the text "null". */
const nullAsText = (value: unknown) => (value === null ? 'null' : value);

/** A list of modifiers holds pairs of topic and QoS; of what an object holds, the script asks nothing. */
function modifiersAreReadable(modifiers: unknown): boolean {
  return !Array.isArray(modifiers) || modifiers.every(isTable);
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
