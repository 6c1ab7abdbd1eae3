import type { ListedRecord, StrayKey } from '../../acl/list.js';
import { maskPasshash } from '../../acl/passhash.js';
import { isObject } from '../../acl/record-json.js';
import type { RecordShape } from '../record-stream.js';
import { cell } from '../view.js';
import { parts, shownRecord } from './acl-record.js';

/** A cell of the table has the first patterns of a list, and the first problem; the other formats have all of them. */
const PATTERNS_SHOWN = 4;

/** A list of records, each line by itself; the document is `vmqctl.acl-list/1`. */
export const listShape: RecordShape<ListedRecord> = {
  columns: ['Mountpoint', 'Client id', 'Username', 'Passhash', 'May publish', 'May subscribe', 'Problems'],
  row: ({ name, record, problems }) => [
    ...parts(name),
    passhash(record?.passhash),
    patterns(record?.publish_acl),
    patterns(record?.subscribe_acl),
    cell(shortened(problems, 1).join('; '), 'warning'),
  ],
  csvColumns: ['mountpoint', 'client_id', 'username', 'passhash', 'publish_acl', 'subscribe_acl', 'problems'],
  csvRow: ({ name, record, problems }) => [
    ...parts(name),
    passhash(record?.passhash),
    json(record?.publish_acl),
    json(record?.subscribe_acl),
    problems.join('; '),
  ],
  schema: 'vmqctl.acl-list/1',
  member: 'records',
  entry: ({ name, key, record, problems }) => ({
    key,
    ...name,
    record: record === undefined ? null : shownRecord(record, false),
    problems,
  }),
};

export const strayText = ({ key, reason }: StrayKey): string => `${key} is not a record: ${reason}`;

const passhash = (value: unknown): string => (value === undefined ? '' : maskPasshash(value));

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
