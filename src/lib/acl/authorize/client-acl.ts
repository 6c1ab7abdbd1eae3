import type { RecordName } from '../key.js';
import type { ReadEntry } from './entry-reading.js';
import type { ReadLists } from './record.js';

/** An entry for one client: its levels are those of the client. */
export type Entry = ReadEntry;

/**
 * What a broker holds for one client from its login on, and all that it decides its publishing and subscribing by. It is
 * made of a record; what a node has kept since an earlier login has the same form.
 */
export interface ClientAcl {
  readonly publish: readonly Entry[];
  readonly subscribe: readonly Entry[];
}

/** Puts the client's own names into the patterns, as the broker does at the login. */
export const forClient = ({ publish, subscribe }: ReadLists, who: RecordName): ClientAcl => ({
  publish: publish.map((entry) => substituted(entry, who)),
  subscribe: subscribe.map((entry) => substituted(entry, who)),
});

/**
 * Only a whole level is replaced, and only after the pattern was checked: a client id of `+`, or of `#` in the last level,
 * becomes a wildcard, and one with a slash in it stays a single level, which no topic has.
 */
function substituted(entry: Entry, who: RecordName): Entry {
  if (!entry.levels?.some((level) => level.charAt(0) === '%')) return entry;
  return { ...entry, levels: entry.levels.map((level) => substitute(level, who)) };
}

function substitute(level: string, { mountpoint, clientId, username }: RecordName): string {
  if (level === '%m') return mountpoint;
  if (level === '%c') return clientId;
  if (level === '%u') return username;
  return level;
}

/**
 * Whether a pattern covers a topic, level by level. What a client wants to subscribe to is treated as if it were a topic,
 * wildcards and all, so `a/+` covers `a/#`.
 */
export function covers(pattern: readonly string[], topic: readonly string[]): boolean {
  const last = pattern.length - 1;
  for (let index = 0; index <= last; index += 1) {
    const level = pattern[index];
    if (index === last && level === '#') return true;
    if (index >= topic.length) return false;
    if (level !== '+' && level !== topic[index]) return false;
  }
  return topic.length === pattern.length;
}
