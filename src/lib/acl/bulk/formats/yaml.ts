import {
  boolJsonTag,
  defineScalarTag,
  FAILSAFE_SCHEMA,
  load,
  NOT_RESOLVED,
  nullJsonTag,
  YAMLException,
} from 'js-yaml';
import { LosslessNumber } from 'lossless-json';
import { isObject } from '../../record-json.js';
import { KnownLists, type Lists } from '../lists.js';
import { checkRow, type RowReading } from '../row.js';
import type { Lines, Reach } from './grouping.js';
import { readUsualItem } from './yaml-usual.js';

/** What begins an item of the list of records. All else of it is further to the right. */
const ITEM = /^-(?=[ \t\r\n]|$)/;
/** What may stand between items: nothing, a comment, the beginning and the end of the document. */
const BETWEEN = /^[ \t]*(#.*)?\r?$|^(---|\.\.\.)[ \t\r]*$|^%/;

/**
 * How far an item goes: to the next line that is not further to the right than its beginning. What belongs to no item is
 * told once.
 */
export function yamlReach({ texts, problems }: Lines, at: number, isEnd: boolean): Reach | undefined {
  const first = texts[at] ?? '';
  if (!problems.has(at) && BETWEEN.test(first)) return { lines: 1 };
  const isItem = ITEM.test(first);
  let next = at + 1;
  while (next < texts.length && !(isItem ? LEFT : BEGINNING).test(texts[next] ?? '')) next += 1;
  const lines = next - at;
  if (problems.has(at)) return { lines };
  if (!isItem) return { lines, why: 'it belongs to no item: an item begins with - in the first column' };
  if ([...problems.keys()].some((index) => index > at && index < next))
    return { lines, why: 'a line of it is not UTF-8, or is too long' };
  return next < texts.length || isEnd ? { lines } : undefined;
}

/** What is in the first column, and no comment: no item goes beyond it. */
const LEFT = /^[^ \t\r#]/;
/** An item, or the beginning or end of a document. */
const BEGINNING = /^-(?=[ \t\r\n]|$)|^(---|\.\.\.)[ \t\r]*$/;

/** Numbers keep all their digits. Only those of JSON are numbers: 0101 and 1_000 are text. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const numberTag = (name: 'int' | 'float', isIt: (text: string) => boolean) =>
  defineScalarTag(`tag:yaml.org,2002:${name}`, {
    implicit: true,
    resolve: (text) => (NUMBER.test(text) && isIt(text) ? new LosslessNumber(text) : NOT_RESOLVED),
    identify: () => false,
  });
const SCHEMA = FAILSAFE_SCHEMA.withTags(
  nullJsonTag,
  boolJsonTag,
  numberTag('int', (text) => /^-?\d+$/.test(text)),
  numberTag('float', () => true),
);

/** As deep as what is read from JSON may be, so that every format can have it. */
const DEEPEST = 10_000;

/**
 * Reads items of a YAML list, each by itself: so none refers to another one. Undefined for what stands between them.
 */
export function yamlReader(given: Lists): (text: string) => RowReading | undefined {
  const known = new KnownLists(given);
  return (text) => {
    if (!ITEM.test(text)) return undefined;
    const usual = readUsualItem(text, known, given);
    if (usual) return { ok: true, row: usual };
    const item = readItem(text);
    return typeof item === 'string' ? { ok: false, why: item } : checkRow(item.fields, given);
  };
}

function readItem(text: string) {
  try {
    const list = load(text, { schema: SCHEMA, maxAliases: 0, maxDepth: DEEPEST });
    const [fields] = Array.isArray(list) ? (list as unknown[]) : [];
    return isObject(fields) ? { fields } : 'it is not a mapping';
  } catch (error) {
    if (error instanceof YAMLException) return `it is not YAML: ${reasonOf(error)}`;
    if (error instanceof RangeError) return 'it is not YAML: it is nested too deeply';
    throw error;
  }
}

/** The reason without what it quotes, which may be a secret; its line is one of the item. */
function reasonOf({ reason, mark }: YAMLException): string {
  if (reason.startsWith('aliases')) return 'it has an alias, and each item is read by itself';
  const [what = ''] = reason.split(/["'`<([{]|: /);
  return mark && mark.line > 0 ? `${what.trim()} (line ${mark.line + 1} of the item)` : what.trim();
}
