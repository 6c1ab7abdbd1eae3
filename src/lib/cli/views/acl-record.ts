import type { RecordReport } from '../../acl/get.js';
import type { RecordName } from '../../acl/key.js';
import { costOf, maskPasshash } from '../../acl/passhash.js';
import type { PasswdReport } from '../../acl/passwd.js';
import { isObject, type StoredRecord } from '../../acl/record-json.js';
import type { RemoveReport } from '../../acl/remove.js';
import type { SetReport } from '../../acl/set.js';
import type { BounceOutcome } from '../acl-bounce.js';
import { type Note, note, type Table, type View } from '../view.js';
import { bounceMembers, bounceNotes } from './acl-bounce.js';

/** The broker reads a record when a client connects, and never again. */
const UNTIL_RECONNECT = 'A client that is connected keeps the rights it has until it connects again.';

/** The old password lets nobody in any more, and throws nobody out. */
const UNTIL_LOGIN =
  'A client that is connected stays connected; it needs the new password when it connects again.';

/** The document `vmqctl.acl-record/1`, and the entries as a table. */
export function recordView(report: RecordReport, reveal: boolean): View {
  return {
    document: { schema: 'vmqctl.acl-record/1', ...recordMembers(report, reveal) },
    table: entryTable(report.record),
    above: [note(report.key), passhashNote(report.record, reveal)],
    below: problemNotes(report.problems),
  };
}

/**
 * The document `vmqctl.acl-set/1`, and the entries as a table.
 *
 * @param remarks about how the command was understood
 * @param sessions null where no client was to be disconnected
 */
export function setView(report: SetReport, remarks: readonly string[], sessions: BounceOutcome | null): View {
  const { outcome, dryRun, record, problems } = report;
  const takesEffect = outcome !== 'unchanged' && !dryRun && !sessions;
  const notes = [...remarks, ...(takesEffect ? [UNTIL_RECONNECT] : [])];
  return {
    document: {
      schema: 'vmqctl.acl-set/1',
      outcome,
      dryRun,
      ...recordMembers(report, false),
      notes,
      sessions: sessions && bounceMembers(sessions),
    },
    table: entryTable(record),
    above: [
      note(`${said(outcome, dryRun)} ${report.key}`, dryRun ? 'plain' : 'good'),
      passhashNote(record, false),
    ],
    below: [
      ...problemNotes(problems),
      ...silenceNotes(record),
      ...notes.map((text) => note(text, 'dim')),
      ...(sessions ? bounceNotes(sessions) : []),
    ],
  };
}

/** The document `vmqctl.acl-remove/1`. @param sessions null where no client was to be disconnected */
export function removeView(
  { name, key, dryRun, existed, fallback }: RemoveReport,
  sessions: BounceOutcome | null,
): View {
  const outcome = existed ? 'removed' : 'unchanged';
  const remains = 'The record for any client (*) still lets this user in with this client id.';
  return {
    document: {
      schema: 'vmqctl.acl-remove/1',
      outcome,
      dryRun,
      key,
      ...name,
      anyClientRecord: fallback,
      sessions: sessions && bounceMembers(sessions),
    },
    table: {
      columns: ['Mountpoint', 'Client id', 'Username', 'Outcome'],
      rows: [[...parts(name), existed ? said('removed', dryRun) : 'gone already']],
    },
    below: [
      ...(fallback ? [note(remains, 'warning')] : []),
      ...(dryRun || sessions ? [] : [note(UNTIL_RECONNECT, 'dim')]),
      ...(sessions ? bounceNotes(sessions) : []),
    ],
  };
}

/** The document `vmqctl.acl-passwd/1`. `remarks` are about how the command was understood. */
export function passwdView(report: PasswdReport, remarks: readonly string[]): View {
  const { name, key, outcome, dryRun, passhash } = report;
  const takesEffect = outcome === 'changed' && !dryRun;
  const notes = [...remarks, ...(takesEffect ? [UNTIL_LOGIN] : [])];
  return {
    document: {
      schema: 'vmqctl.acl-passwd/1',
      outcome,
      dryRun,
      key,
      ...name,
      passhash: maskPasshash(passhash),
      notes,
    },
    above: [
      note(`${said(outcome, dryRun)} ${key}`, dryRun ? 'plain' : 'good'),
      passhashNote({ passhash }, false),
    ],
    below: notes.map((text) => note(text, 'dim')),
  };
}

const DRY = {
  created: 'would create',
  changed: 'would change',
  replaced: 'would replace',
  removed: 'would remove',
};

const said = (outcome: SetReport['outcome'] | 'removed', dryRun: boolean): string =>
  dryRun && outcome !== 'unchanged' ? DRY[outcome] : outcome;

export const parts = ({ mountpoint, clientId, username }: RecordName) => [mountpoint, clientId, username];

function recordMembers({ name, key, record, problems }: RecordReport, reveal: boolean) {
  return { key, ...name, record: shownRecord(record, reveal), problems };
}

/** The record without salt and hash, unless they are asked for. */
export const shownRecord = (record: StoredRecord, reveal: boolean): StoredRecord =>
  reveal || record.passhash === undefined ? record : { ...record, passhash: maskPasshash(record.passhash) };

function passhashNote({ passhash }: StoredRecord, reveal: boolean): Note {
  if (passhash === undefined) return note('passhash: none', 'warning');
  const cost = typeof passhash === 'string' ? costOf(passhash) : undefined;
  const text = reveal ? String(passhash) : maskPasshash(passhash);
  return note(`passhash: ${text}${cost === undefined ? '' : ` (bcrypt, cost ${cost})`}`, 'dim');
}

const problemNotes = (problems: readonly string[]) =>
  problems.map((text) => note(`warning: ${text}`, 'warning'));

/** A record that grants nothing is seldom meant. */
function silenceNotes({ publish_acl, subscribe_acl }: StoredRecord): Note[] {
  const grants = (list: unknown) => list !== undefined && !(Array.isArray(list) && list.length === 0);
  const may = [grants(publish_acl), grants(subscribe_acl)];
  if (may.every(Boolean)) return [];
  const what = may.some(Boolean)
    ? `not ${may[0] ? 'subscribe' : 'publish'} to anything`
    : 'neither publish nor subscribe';
  return [note(`This client may ${what}.`, 'warning')];
}

const FIELDS = ['pattern', 'max_qos', 'max_payload_size', 'allowed_retain', 'modifiers'] as const;

function entryTable(record: StoredRecord): Table {
  return {
    columns: ['Action', 'Pattern', 'Max QoS', 'Max payload', 'Retain', 'Modifiers'],
    rows: [...entryRows('publish', record.publish_acl), ...entryRows('subscribe', record.subscribe_acl)],
  };
}

function entryRows(action: string, list: unknown): string[][] {
  if (list === undefined) return [];
  const entries: unknown[] = Array.isArray(list) ? list : [list];
  return entries.map((entry) => {
    if (!isObject(entry)) return [action, text(entry), '', '', '', ''];
    return [action, ...FIELDS.map((field) => text(entry[field]))];
  });
}

/** Empty for a field that is not there. */
function text(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
