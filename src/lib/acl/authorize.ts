import type { RecordName } from './key.js';
import { DEFAULT_TOPIC_MAX_DEPTH, patternProblem, topicProblem } from './pattern.js';
import { type Entry, type Fields, readRecord } from './record-reading.js';

export type QoS = 0 | 1 | 2;

export interface PublishAction {
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly payloadBytes: number;
}

export interface SubscribeAction {
  readonly filter: string;
  readonly qos: QoS;
}

/** The largest payload in MQTT, in bytes. */
const LARGEST_PAYLOAD = 268_435_456;

/**
 * Whether a broker that accepted this client by this record lets it publish.
 *
 * @param record the parsed JSON of the record
 * @param who the client, with its own id also where the record is the one for any client
 */
export function mayPublish(record: unknown, who: RecordName, action: PublishAction): boolean {
  // Topics that begin with $ are the broker's own: it drops what clients publish there, whatever the record says.
  if (action.topic.startsWith('$') || topicProblem(action.topic)) return false;
  const entries = readRecord(record)?.publish ?? [];
  return entries.some((entry) => publishEntryAllows(entry, who, action));
}

/** Whether a broker that accepted this client by this record lets it subscribe to one filter. */
export function maySubscribe(record: unknown, who: RecordName, action: SubscribeAction): boolean {
  if (patternProblem(action.filter)) return false;
  const entries = readRecord(record)?.subscribe ?? [];
  const entry = entries.find((candidate) => subscribeEntryMatches(candidate, who, action));
  return entry !== undefined && !rewritesToNothing(entry.fields);
}

function publishEntryAllows({ pattern, fields }: Entry, who: RecordName, action: PublishAction): boolean {
  return (
    matches(action.topic, pattern, who) &&
    action.qos <= limit(fields, 'max_qos', 2) &&
    action.payloadBytes <= limit(fields, 'max_payload_size', LARGEST_PAYLOAD) &&
    (!action.retain || fields.get('allowed_retain') !== false)
  );
}

function subscribeEntryMatches(
  { pattern, fields }: Entry,
  who: RecordName,
  action: SubscribeAction,
): boolean {
  return matches(action.filter, pattern, who) && action.qos <= limit(fields, 'max_qos', 2);
}

/** What is no number in the range is ignored, so it permits everything. */
function limit(fields: Fields, name: string, highest: number): number {
  const value = fields.get(name);
  if (typeof value !== 'number') return highest;
  const whole = Math.trunc(value);
  return whole >= 0 && whole <= highest ? whole : highest;
}

/** A subscription that its modifiers give a QoS which MQTT does not have is not granted. */
function rewritesToNothing(fields: Fields): boolean {
  const modifiers = fields.get('modifiers');
  if (!Array.isArray(modifiers) || modifiers.length === 0) return false;
  return modifiers.every((item) => Array.isArray(item) && typeof item[1] === 'number' && item[1] > 2);
}

/**
 * Compares level by level. A subscriber's filter is treated as if it were a topic, wildcards and all, so the pattern
 * `a/+` permits a subscription to `a/#`.
 */
function matches(topic: string, pattern: string, who: RecordName): boolean {
  if (patternProblem(pattern, DEFAULT_TOPIC_MAX_DEPTH)) return false;
  const wanted = topic.split('/');
  const allowed = pattern.split('/').map((level) => substitute(level, who));
  for (const [index, level] of allowed.entries()) {
    if (level === '#' && index === allowed.length - 1) return true;
    if (index >= wanted.length) return false;
    if (level !== '+' && level !== wanted[index]) return false;
  }
  return wanted.length === allowed.length;
}

/** Only a whole level is replaced, after the pattern was checked: a client id of `+` becomes a wildcard. */
function substitute(level: string, { mountpoint, clientId, username }: RecordName): string {
  if (level === '%m') return mountpoint;
  if (level === '%c') return clientId;
  if (level === '%u') return username;
  return level;
}
