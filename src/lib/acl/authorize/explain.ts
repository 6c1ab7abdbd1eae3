import type { ActionDecision, PublishAction } from './action.js';
import { covers, type Entry } from './client-acl.js';
import type { ConnectDecision, LookUp } from './connect.js';
import type { Decision } from './decision.js';

/** One line: why the broker decides so. It names members of the record, and shows no secret. */
export function why({ connect, outcome, action }: Decision): string {
  if (!outcome) return whyConnect(connect);
  const about = outcome.filter && action.type === 'subscribe' && action.filters.length > 1;
  return `${about ? `${outcome.filter.filter}: ` : ''}${whyAction(outcome)}`;
}

/** The same of a login alone. */
export function whyConnect({ reason, field, problem, key, passwordChecked }: ConnectDecision): string {
  switch (reason) {
    case 'accepted':
      return `${key} lets the client in${passwordChecked ? '' : ', if the password is right'}`;
    case 'malformed':
      return `${problem}, so the broker ends the connection`;
    case 'client_id_refused':
      return `the client id ${problem}`;
    case 'no_credentials':
      return `${problem}, and the broker's script refuses whoever has none`;
    case 'no_record':
      return 'there is no record that the broker finds';
    case 'not_json':
      return `the broker cannot read the record: ${problem}`;
    case 'wrong_password':
      return 'the password is not the one of the record';
    case 'bad_passhash':
    case 'broken_record':
      return `${field} ${problem}: the broker's script fails on it and refuses the client`;
  }
}

function whyAction({ reason, entry, field, problem }: ActionDecision): string {
  switch (reason) {
    case 'granted':
      return `${entry?.field} (${entry?.pattern}) grants it`;
    case 'forbidden_by_field':
      return `${entry?.field} (${entry?.pattern}) covers the topic, but its ${field} forbids it`;
    case 'not_covered':
      return 'no entry covers the topic';
    case 'reserved_topic':
      return 'the broker drops whatever is published to a topic that begins with $';
    case 'invalid_topic':
      return `the topic ${problem}, so the broker ends the connection`;
    case 'refused_by_modifiers':
      return `the modifiers of ${entry?.field} subscribe the client with a QoS that it is not granted`;
    case 'mixed_modifiers':
      return `${entry?.field} has modifiers and another filter is granted without: the broker fails and ends the connection`;
  }
}

/** What the broker did with one key. */
export function lookUpText({ outcome, problem }: LookUp): string {
  switch (outcome) {
    case 'found':
      return 'found';
    case 'missing':
      return 'no record';
    case 'error':
      return `not used: ${problem}`;
    case 'contains_space':
      return 'never found: the broker splits its question at every space';
  }
}

/** What one entry is to the decision. */
export interface EntryVerdict {
  readonly entry: Entry;
  /** As it is for this client. */
  readonly pattern: string | undefined;
  readonly decides: boolean;
  readonly verdict: string;
}

/** All entries of the list that was gone through, in its order. */
export function entryVerdicts({ connect, action, outcome }: Decision): readonly EntryVerdict[] {
  if (!connect.acl || !outcome || action.type === 'connect') return [];
  const topic = action.type === 'publish' ? action.topic : (outcome.filter?.filter ?? '');
  const decidingIndex = connect.acl[action.type].findIndex(({ field }) => field === outcome.entry?.field);
  return connect.acl[action.type].map((entry, index) => ({
    entry,
    pattern: entry.levels?.join('/') ?? entry.pattern,
    decides: index === decidingIndex,
    verdict: verdict(entry, topic.split('/'), action.type === 'publish' ? action : outcome.filter),
  }));
}

function verdict(
  entry: Entry,
  topic: readonly string[],
  asked: { readonly qos: number } | PublishAction | undefined,
): string {
  if (!entry.levels) return `never matches: ${entry.neverMatches}`;
  if (!covers(entry.levels, topic)) return 'does not cover the topic';
  const obstacles = asked ? obstaclesOf(entry, asked) : [];
  return obstacles.length === 0 ? 'permits it' : `forbids it: ${obstacles.join(', ')}`;
}

function obstaclesOf(entry: Entry, asked: { readonly qos: number } | PublishAction): string[] {
  const obstacles = asked.qos > entry.maxQos ? [`max_qos ${entry.maxQos} < ${asked.qos}`] : [];
  if (!('payloadBytes' in asked)) return obstacles;
  if (asked.payloadBytes > entry.maxPayloadSize)
    obstacles.push(`max_payload_size ${entry.maxPayloadSize} < ${asked.payloadBytes}`);
  if (asked.retain && !entry.allowedRetain) obstacles.push('allowed_retain false');
  return obstacles;
}
