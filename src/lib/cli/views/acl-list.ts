import type { RecordName } from '../../acl/key.js';
import type { StrayKey } from '../../acl/list.js';
import { LIST_FIELDS, type ListField } from '../../acl/list-fields.js';
import { readColumns } from '../../acl/list-filter.js';
import type { ListedRecord } from '../../acl/listed-record.js';
import { maskPasshash } from '../../acl/passhash.js';
import { isObject, type StoredRecord } from '../../acl/record-json.js';
import { Failure } from '../../failure.js';
import type { RecordShape } from '../record-shape.js';
import type { Format } from '../render.js';
import { cell } from '../view.js';
import { parts, shownRecord } from './acl-record.js';

/** A cell of the table has the first patterns of a list, and the first problem; the other formats have all of them. */
const PATTERNS_SHOWN = 4;

/** A list of records, each line by itself; the document is `vmqctl.acl-list/1`. */
export const listShape: RecordShape<ListedRecord> = {
  columns: ['Mountpoint', 'Client id', 'Username', 'Passhash', 'May publish', 'May subscribe', 'Problems'],
  row: ({ name, record, shared, problems }) => [
    ...parts(name),
    passhash(record?.passhash),
    ...(shared ? sharedCells(shared) : listCells(record)),
    cell(shortened(problems, 1).join('; '), 'warning'),
  ],
  csvColumns: LIST_FIELDS,
  csvRow: ({ name, record, shared, problems }) => [
    ...parts(name),
    passhash(record?.passhash),
    ...(shared ? sharedCsvCells(shared) : csvListCells(record)),
    problems.join('; '),
  ],
  schema: 'vmqctl.acl-list/1',
  member: 'records',
  entry,
  entryJson: (item) => {
    const { shared, record, key, name, problems } = item;
    if (!shared) return JSON.stringify(entry(item));
    return `{${namesJson(key, name)},"record":{"passhash":"${maskPasshash(record?.passhash)}"${sharedJson(shared)},"problems":${JSON.stringify(problems)}}`;
  },
};

function entry({ name: { mountpoint, clientId, username }, key, record, problems }: ListedRecord) {
  const shown = record === undefined ? null : shownRecord(record, false);
  return { key, mountpoint, clientId, username, record: shown, problems };
}

/**
 * How records are listed.
 *
 * @param columns what the operator wants to see, where it is not everything
 * @throws Failure (usage) for columns that there are not, or in a format that has none
 */
export function shapeOf(columns: string | undefined, format: Format): RecordShape<ListedRecord> {
  if (columns === undefined) return listShape;
  if (format === 'table' || format === 'csv') return pickColumns(readColumns(columns));
  throw new Failure(
    'usage',
    'useless_flag',
    `--columns: of no use with --format ${format}, which has no columns`,
  );
}

/** Some of the columns, in the order that is asked for. */
function pickColumns(fields: readonly ListField[]): RecordShape<ListedRecord> {
  const places = fields.map((field) => LIST_FIELDS.indexOf(field));
  const pick = <T>(all: readonly T[]): T[] => places.flatMap((place) => all[place] ?? []);
  return {
    ...listShape,
    columns: pick(listShape.columns),
    row: (item) => pick(listShape.row(item)),
    csvColumns: pick(listShape.csvColumns),
    csvRow: (item) => pick(listShape.csvRow(item)),
  };
}

export const strayText = ({ key, reason }: StrayKey): string => `${key} is not a record: ${reason}`;

const passhash = (value: unknown): string => (value === undefined ? '' : maskPasshash(value));

const listCells = (record: StoredRecord | undefined): readonly string[] => [
  patterns(record?.publish_acl),
  patterns(record?.subscribe_acl),
];
const csvListCells = (record: StoredRecord | undefined): readonly string[] => [
  json(record?.publish_acl),
  json(record?.subscribe_acl),
];

/** What is made of that which records share, made once. */
function remembered<T>(make: (shared: StoredRecord) => T): (shared: StoredRecord) => T {
  const made = new WeakMap<StoredRecord, T>();
  return (shared) => {
    const found = made.get(shared);
    if (found !== undefined) return found;
    const text = make(shared);
    made.set(shared, text);
    return text;
  };
}
const sharedCells = remembered(listCells);
const sharedCsvCells = remembered(csvListCells);
/** What JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** The members of an entry that say whose record it is. */
function namesJson(key: string, { mountpoint, clientId, username }: RecordName): string {
  if (PLAIN.test(`${mountpoint}${clientId}${username}`)) {
    const quoted = `[\\"${mountpoint}\\",\\"${clientId}\\",\\"${username}\\"]`;
    return `"key":"${quoted}","mountpoint":"${mountpoint}","clientId":"${clientId}","username":"${username}"`;
  }
  return JSON.stringify({ key, mountpoint, clientId, username }).slice(1, -1);
}

/** With what comes between it and a member before it. */
const sharedJson = remembered((shared) => {
  const text = JSON.stringify(shared).slice(1);
  return text === '}' ? text : `,${text}`;
});

const json = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));

function patterns(list: unknown): string {
  if (!Array.isArray(list)) return list === undefined ? '' : '?';
  return shortened(list.map(pattern), PATTERNS_SHOWN).join(', ');
}

function shortened(texts: readonly string[], most: number): string[] {
  const rest = texts.length - most;
  return rest > 0 ? [...texts.slice(0, most), `and ${rest} more`] : [...texts];
}

/** With a mark where the entry says more than its pattern. */
function pattern(entry: unknown): string {
  if (!isObject(entry) || typeof entry.pattern !== 'string') return '?';
  return Object.keys(entry).length > 1 ? `${entry.pattern} {…}` : entry.pattern;
}
