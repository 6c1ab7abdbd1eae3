import { Failure } from '../failure.js';
import { readStoredRecord, type StoredRecord, toPlain } from './record-json.js';
import { type Action, entryProblems } from './schema.js';

/** One entry of a list, with a pattern. */
export type AclEntry = StoredRecord & { readonly pattern: string };

/** Where entries come from, for messages. */
export interface EntryOrigin {
  /** Such as `--publish`. */
  readonly flag: string;
  /** What the list is called in the messages, such as `publish_acl`. */
  readonly list: string;
  readonly action: Action;
  /** The brokers' `topic_max_depth`. */
  readonly maxDepth: number;
}

/**
 * Reads entries as they are given on the command line: each a pattern, or a JSON object that begins with `{`.
 *
 * @throws Failure (usage) that names the field, such as `publish_acl[1].max_qos must be 0, 1 or 2`
 */
export function readEntries(texts: readonly string[], origin: EntryOrigin): AclEntry[] {
  return texts.map((text, index) => readEntry(text, `${origin.list}[${index}]`, origin));
}

function readEntry(text: string, label: string, { flag, action, maxDepth }: EntryOrigin): AclEntry {
  const entry = text.startsWith('{') ? readObject(text, label, flag) : { pattern: text };
  const problems = entryProblems(toPlain(entry), action, label, maxDepth);
  if (problems.length > 0 || !hasPattern(entry)) {
    throw badEntry(
      problems.join('; '),
      `${flag} takes a pattern or a JSON object such as ${EXAMPLES[action]}`,
    );
  }
  return entry;
}

function readObject(text: string, label: string, flag: string): StoredRecord {
  const reading = readStoredRecord(text);
  if (reading.ok) return reading.record;
  throw badEntry(
    `${label}: ${reading.reason.replace(/^it is /, '')}`,
    `What ${flag} takes is JSON when it begins with {.`,
  );
}

const hasPattern = (entry: StoredRecord): entry is AclEntry => typeof entry.pattern === 'string';

const EXAMPLES: Readonly<Record<Action, string>> = {
  publish: '{"pattern":"a/#","max_qos":1,"allowed_retain":false}.',
  subscribe: '{"pattern":"a/#","max_qos":1}.',
};

const badEntry = (message: string, hint: string) => new Failure('usage', 'bad_entry', message, { hint });
