import type { Action, Decision } from '../../acl/authorize/decision.js';
import { type EntryVerdict, entryVerdicts, lookUpText, why } from '../../acl/authorize/explain.js';
import { ANY_CLIENT, parseRecordKey } from '../../acl/key.js';
import { cell, type Note, note, type View } from '../view.js';

/** The document `vmqctl.acl-can-i/1`, and the entries that were gone through as a table. */
export function canIView(decision: Decision): View {
  const { connect, outcome, allowed, broker, client, action } = decision;
  const verdicts = entryVerdicts(decision);
  return {
    document: {
      schema: 'vmqctl.acl-can-i/1',
      decision: allowed ? 'allow' : 'deny',
      reason: outcome?.reason ?? connect.reason,
      why: why(decision),
      action,
      brokerVersion: broker.version,
      protocolVersion: client.protocol,
      key: connect.key ?? null,
      anyClientRecord: isAnyClient(connect.key),
      entry: outcome?.entry?.field ?? null,
      field: outcome?.field ?? connect.field ?? null,
      passwordChecked: connect.passwordChecked,
      lookUps: connect.lookUps.map(({ key, outcome: result }) => ({ key, outcome: result })),
      entries: verdicts.map(({ entry, pattern, decides, verdict }) => ({
        entry: entry.field,
        pattern: entry.pattern ?? null,
        forThisClient: pattern ?? null,
        decides,
        verdict,
        ignored: entry.ignored,
      })),
    },
    ...(verdicts.length > 0 ? { table: entryTable(verdicts) } : {}),
    above: [
      headline(decision),
      ...connect.lookUps.map((lookUp) => note(`${lookUp.key}: ${lookUpText(lookUp)}`, 'dim')),
    ],
    below: [...verdicts.flatMap(ignoredNotes), ...changeNotes(decision), ...passwordNotes(decision)],
  };
}

function headline(decision: Decision): Note {
  const answer = decision.allowed ? 'allowed' : 'denied';
  return note(`${answer}: ${said(decision.action)}: ${why(decision)}`, decision.allowed ? 'good' : 'bad');
}

function said(action: Action): string {
  if (action.type === 'connect') return 'connect';
  if (action.type === 'subscribe')
    return `subscribe to ${action.filters.map(({ filter }) => filter).join(', ')}`;
  return `publish to ${action.topic}`;
}

const isAnyClient = (key: string | undefined): boolean =>
  key !== undefined && parseRecordKey(key)?.clientId === ANY_CLIENT;

const entryTable = (verdicts: readonly EntryVerdict[]) => ({
  columns: ['Entry', 'Pattern', 'For this client', 'Verdict'],
  rows: verdicts.map(({ entry, pattern, decides, verdict }) => [
    entry.field,
    entry.pattern ?? '',
    pattern ?? '',
    cell(decides ? `${verdict}; decides` : verdict, decides ? 'plain' : 'dim'),
  ]),
});

/** An entry that permits more than it seems to. */
const ignoredNotes = ({ entry }: EntryVerdict): Note[] =>
  entry.ignored.map((what) => note(`warning: ${entry.field}.${what}: it has no effect`, 'warning'));

function changeNotes({ outcome }: Decision): Note[] {
  const { changes, rewrites } = outcome?.allowed ? (outcome.entry ?? {}) : {};
  const changed = Object.keys(changes ?? {});
  if (changed.length > 0)
    return [note(`The modifiers of ${outcome?.entry?.field} change: ${changed.join(', ')}.`)];
  if (!rewrites) return [];
  const topics = rewrites.map(({ topic, qos }) => `${topic} (QoS ${qos})`);
  return [note(`The client is subscribed to ${topics.join(', ') || 'nothing'} instead.`)];
}

const passwordNotes = ({ connect }: Decision): Note[] =>
  connect.acl && !connect.passwordChecked
    ? [note('The password is taken to be right; --password-from checks it.', 'dim')]
    : [];
