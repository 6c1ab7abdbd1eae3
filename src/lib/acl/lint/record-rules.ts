import type { Broker } from '../authorize/broker.js';
import { readLeniently } from '../authorize/broker-json.js';
import { passhashOf, readLists } from '../authorize/record.js';
import type { RecordName } from '../key.js';
import { adoptPasshash, isUsablePasshash } from '../passhash.js';
import { isObject } from '../record-json.js';
import { LIST_OF } from '../schema.js';
import { entryRemarks } from './entry-rules.js';
import type { Remark } from './finding.js';

/** What the broker makes of a record that is not what it says. */
export function recordRemarks(text: string, name: RecordName | undefined, broker: Broker): readonly Remark[] {
  const notJson: string[] = [];
  const json = readLeniently(text, (what) => notJson.push(what));
  if (!json.ok) return [unreadable(json.reason)];
  const lenient = notJson.length > 0 ? [lenientJson(notJson)] : [];
  if (!isObject(json.value)) return [...lenient, unreadable('it is not a JSON object')];
  const passhash = passhashRemarks(json.value, text);
  const lists = readLists(json.value, broker);
  if (!lists.ok) return [...lenient, ...passhash, refused(lists.field, lists.problem)];
  return [
    ...lenient,
    ...passhash,
    ...listRemarks(json.value),
    ...lists.lists.publish.flatMap((entry) =>
      entryRemarks(entry, 'publish', rawEntry(json.value, entry.field), name),
    ),
    ...lists.lists.subscribe.flatMap((entry) =>
      entryRemarks(entry, 'subscribe', rawEntry(json.value, entry.field), name),
    ),
    ...sharedRemarks(lists.lists.subscribe.flatMap(({ levels }) => (levels ? [levels] : []))),
  ];
}

const unreadable = (reason: string): Remark => ({
  rule: 'unreadable',
  severity: 'error',
  message: `${reason}: the broker refuses the client, and does not look at the record for any client`,
  fix: 'Write it anew: vmqctl acl set --replace.',
});

const lenientJson = (what: readonly string[]): Remark => ({
  rule: 'lenient-json',
  severity: 'warning',
  message: `the broker reads it although it is not plain JSON (${[...new Set(what)].join(', ')}); other tools will not`,
  fix: 'Write it anew: vmqctl acl set --replace.',
});

const refused = (field: string, problem: string): Remark => ({
  rule: 'refused',
  severity: 'error',
  field,
  message: `${problem}: the broker's script fails on it, and the client is refused`,
  fix: 'Correct this member; one wrong member spoils the whole record.',
});

function passhashRemarks(record: unknown, text: string): readonly Remark[] {
  const passhash = passhashOf(record);
  if (passhash === undefined) return [badPasshash('is missing or no string')];
  if (isUsablePasshash(passhash)) return [];
  const relabelled = relabel(passhash);
  if (relabelled === undefined) return [badPasshash('is no bcrypt hash that the broker can use')];
  const label = passhash.slice(0, 4);
  const isRepairable = text.split(passhash).length === 2;
  return [
    {
      ...badPasshash(`has the label ${label}, which the broker does not read`),
      rule: 'passhash-label',
      fix: `Change ${label} to $2a$: up to 254 bytes of password the hash is the same.`,
      ...(isRepairable ? { repair: { kind: 'relabel', from: passhash, to: relabelled } } : {}),
    },
  ];
}

function relabel(passhash: string): string | undefined {
  const relabelled = passhash.replace(/^\$2[by]\$/, () => '$2a$');
  return isUsablePasshash(relabelled) ? adoptPasshash(passhash).passhash : undefined;
}

const badPasshash = (problem: string): Remark => ({
  rule: 'passhash',
  severity: 'error',
  field: 'passhash',
  message: `${problem}: the client is refused`,
  fix: 'Set the password again: vmqctl acl set --password-from.',
});

function listRemarks(record: Readonly<Record<string, unknown>>): readonly Remark[] {
  return Object.values(LIST_OF).flatMap((field): Remark[] => {
    const list = record[field];
    if (list === undefined) {
      const message = 'is missing, which grants nothing';
      return [{ rule: 'no-list', severity: 'info', field, message, fix: 'Write [] where that is meant.' }];
    }
    if (Array.isArray(list)) return [];
    const message =
      'is an object: the broker reads its values as entries, in the order of their names, and checks less';
    return [{ rule: 'list-is-object', severity: 'warning', field, message, fix: 'Make it a list.' }];
  });
}

/** The entry as it is written, found by its place such as `publish_acl[0]`. */
function rawEntry(record: unknown, field: string): unknown {
  const [, list = '', place = ''] = /^(\w+)[.[](.*?)\]?$/s.exec(field) ?? [];
  const entries = isObject(record) ? record[list] : undefined;
  return (entries as Readonly<Record<string, unknown>> | undefined)?.[place];
}

function sharedRemarks(patterns: readonly (readonly string[])[]): readonly Remark[] {
  const mayShare = patterns.some(([first]) => first === '$share' || first === '#' || first === '+');
  if (patterns.length === 0 || mayShare) return [];
  const message =
    'permits no shared subscription: $share/GROUP/TOPIC is compared as it stands, with its first two levels';
  const fix = 'If the client is to share subscriptions, add $share/+/TOPIC for each topic.';
  return [{ rule: 'no-share', severity: 'info', field: LIST_OF.subscribe, message, fix }];
}
