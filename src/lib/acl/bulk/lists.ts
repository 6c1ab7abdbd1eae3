import { DEEPEST } from '../authorize/broker-json.js';
import { DEFAULT_TOPIC_MAX_DEPTH, patternProblem } from '../pattern.js';
import { formatRecord, isObject, type StoredRecord, toPlain } from '../record-json.js';
import { type Action, entryProblems, LIST_OF } from '../schema.js';

/** The JSON of both lists of a record, without spaces. */
export interface ListTexts {
  readonly publish: string;
  readonly subscribe: string;
}

/** What the lists are where a row does not name them, and how deep topics may be. */
export interface Lists extends Partial<ListTexts> {
  readonly topicMaxDepth?: number | undefined;
}

/** Lists that are remembered as good, for each action. */
const MOST_KNOWN = 4096;
/** In characters. What is longer may be nested too deeply to be walked through. */
const LONGEST_USUAL = 4096;

/** The JSON of what a row has as its lists, or why it cannot be used. Without a list the client may do nothing. */
export function listTexts(fields: StoredRecord, given: Lists): ListTexts | string {
  const publish = listText(fields, 'publish', given);
  if (typeof publish === 'string') return publish;
  const subscribe = listText(fields, 'subscribe', given);
  if (typeof subscribe === 'string') return subscribe;
  return { publish: publish.text, subscribe: subscribe.text };
}

function listText(fields: StoredRecord, action: Action, given: Lists): { readonly text: string } | string {
  const list = fields[LIST_OF[action]];
  if (list === undefined) return { text: given[action] ?? '[]' };
  if (!Array.isArray(list)) return `${LIST_OF[action]} must be a list`;
  const entries = list.map((item: unknown) => (typeof item === 'string' ? { pattern: item } : item));
  const problem = entries
    .flatMap((entry, index) => entryProblem(entry, action, `${LIST_OF[action]}[${index}]`, given))
    .at(0);
  if (problem !== undefined) return problem;
  const text = `[${entries.map((entry) => formatRecord(entry as StoredRecord)).join(',')}]`;
  return HALF_CHARACTER.test(text) ? `${LIST_OF[action]} has half of a character` : { text };
}

/** Half of a pair of surrogates, as JSON spells it; what the broker makes of it is no text that a topic can have. */
const HALF_CHARACTER = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

function entryProblem(
  entry: unknown,
  action: Action,
  label: string,
  { topicMaxDepth = DEFAULT_TOPIC_MAX_DEPTH }: Lists,
): string[] {
  if (isPlain(entry, topicMaxDepth)) return [];
  if (isDeeper(entry, DEEPEST - 2)) return [`${label} is nested too deeply`];
  return entryProblems(toPlain(entry), action, label, topicMaxDepth);
}

/** A record and a list of it are two levels more. What is deeper, nobody could compare with what is there. */
function isDeeper(value: unknown, levels: number): boolean {
  const items = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return levels === 0 || items.some((item: unknown) => isDeeper(item, levels - 1));
}

/** The usual entry, of which all is known at a glance: a pattern and nothing else. */
const isPlain = (entry: unknown, depth: number): boolean =>
  isObject(entry) &&
  typeof entry.pattern === 'string' &&
  Object.keys(entry).length === 1 &&
  patternProblem(entry.pattern, depth) === undefined;

/**
 * Checks the JSON text of a list. The first good ones are remembered: most inputs have few, and those that have one for
 * each row would only be forgotten again.
 */
export class KnownLists {
  private readonly known = { publish: new Set<string>(), subscribe: new Set<string>() };

  constructor(private readonly given: Lists) {}

  /** Whether this text is a list that can be written to the letter. Of a long one that is not said. */
  areGood(text: string, action: Action): boolean {
    const known = this.known[action];
    if (known.has(text)) return true;
    if (text.length > LONGEST_USUAL) return false;
    if (!this.isPlain(text) && !isGood(text, action, this.given)) return false;
    // A part of a text holds all of it in memory.
    if (known.size < MOST_KNOWN) known.add(Buffer.from(text).toString());
    return true;
  }

  /** Entries of patterns in which nothing is escaped: they are read at a glance. */
  private isPlain(text: string): boolean {
    if (text === '[]') return true;
    if (!PATTERNS.test(text)) return false;
    const patterns = text.slice(BEFORE.length, -AFTER.length).split(BETWEEN);
    return patterns.every((pattern) => patternProblem(pattern, this.given.topicMaxDepth) === undefined);
  }
}

const PATTERNS = /^\[\{"pattern":"[!#-[\]-~]+"\}(?:,\{"pattern":"[!#-[\]-~]+"\})*\]$/;
const [BEFORE, BETWEEN, AFTER] = ['[{"pattern":"', '"},{"pattern":"', '"}]'];

function isGood(text: string, action: Action, given: Lists): boolean {
  try {
    const list: unknown = JSON.parse(text);
    if (JSON.stringify(list) !== text) return false;
    const read = listText({ [LIST_OF[action]]: list }, action, given);
    return typeof read !== 'string' && read.text === text;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return false;
    throw thrown;
  }
}
