import type { KnownLists, Lists } from '../lists.js';
import { FIELDS } from '../row.js';
import { usualRow } from '../usual.js';

/** Any YAML may have lines that look like these within what has several: there is nothing else in a usual item. */
const LINE = /^(?:- | {2})([a-z_]+): (?:"([!#-[\]-~]*)"|([A-Za-z$][\w./$-]*)|(\[[!-[\]-~]*\]))$/;
/** What is not text when nothing is around it. */
const WORDS: ReadonlySet<string> = new Set(['true', 'false', 'null']);
const KNOWN: ReadonlySet<string> = new Set(FIELDS);

/**
 * The usual item: a field on each line, its text in quotes or plain, its list as JSON, nothing escaped. Undefined is no
 * error: what does not fit is read in the general way, which is many times slower and finds the same of this one.
 */
export function readUsualItem(text: string, known: KnownLists, { publish, subscribe }: Lists) {
  const fields = readFields(text);
  if (!fields || fields.has('password')) return undefined;
  const [clientId, username, passhash] = ['client_id', 'username', 'passhash'].map((field) =>
    fields.get(field),
  );
  if (clientId === undefined || username === undefined || passhash === undefined) return undefined;
  return usualRow(
    {
      mountpoint: fields.get('mountpoint') ?? '',
      clientId,
      username,
      passhash,
      publish: fields.get('publish_acl') ?? publish ?? '[]',
      subscribe: fields.get('subscribe_acl') ?? subscribe ?? '[]',
    },
    known,
  );
}

function readFields(text: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const [index, line] of text.split('\n').entries()) {
    const [, field = '', quoted, plain, list] = LINE.exec(line) ?? [];
    if (!KNOWN.has(field) || fields.has(field) || (index === 0) !== line.startsWith('-')) return undefined;
    if (field.endsWith('_acl') ? list === undefined : list !== undefined) return undefined;
    if (plain !== undefined && WORDS.has(plain)) return undefined;
    fields.set(field, quoted ?? plain ?? list ?? '');
  }
  return fields;
}
