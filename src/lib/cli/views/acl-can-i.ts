import type { Action, Decision } from '../../acl/authorize/decision.js';
import type { Drift } from '../../acl/authorize/drift.js';
import { type EntryVerdict, entryVerdicts, lookUpText, why } from '../../acl/authorize/explain.js';
import { ANY_CLIENT, parseRecordKey } from '../../acl/key.js';
import { cell, type Note, note, type View } from '../view.js';

/**
 * The document `vmqctl.acl-can-i/1`, and the entries that were gone through as a table.
 *
 * @param drifts what the nodes have cached that were asked
 */
export function canIView(decision: Decision, drifts: readonly Drift[] = []): View {
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
      cached: drifts.map((drift) => cachedMember(drift, decision)),
    },
    ...(verdicts.length > 0 ? { table: entryTable(verdicts) } : {}),
    above: [
      headline(decision),
      ...connect.lookUps.map((lookUp) => note(`${lookUp.key}: ${lookUpText(lookUp)}`, 'dim')),
    ],
    below: [
      ...verdicts.flatMap(ignoredNotes),
      ...changeNotes(decision),
      ...passwordNotes(decision),
      ...drifts.map((drift) => driftNote(drift, decision)),
    ],
  };
}

/** What the node decides now, in the words of a decision. */
const decidedBy = ({ outcome }: Drift, decision: Decision): Decision | undefined =>
  outcome && { ...decision, outcome, allowed: outcome.allowed };

function cachedMember(drift: Drift, decision: Decision) {
  const now = decidedBy(drift, decision);
  return {
    node: drift.node,
    state: drift.state,
    lists: drift.lists,
    decision: now ? (now.allowed ? 'allow' : 'deny') : null,
    why: now ? why(now) : (drift.why ?? null),
  };
}

function driftNote(drift: Drift, decision: Decision): Note {
  const { node, state, lists } = drift;
  if (state === 'unreachable')
    return note(`warning: what ${node} has cached is not known: ${drift.why}`, 'warning');
  if (state === 'same') return note(`${node} has the same rights cached.`, 'dim');
  if (state === 'not_cached')
    return note(`${node} has not cached this client: its next login reads Redis.`, 'dim');
  if (state === 'no_cache')
    return note(`warning: ${node} caches no user records: is vmq_diversity on there?`, 'warning');
  const now = decidedBy(drift, decision);
  const verdict = now ? ` Now it ${now.allowed ? 'allows' : 'denies'} this: ${why(now)}.` : '';
  const what = lists.length > 0 ? `other rights (${lists.join(', ')})` : 'rights that Redis has no more';
  return note(`warning: ${node} has ${what} cached, until the client connects again.${verdict}`, 'warning');
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
