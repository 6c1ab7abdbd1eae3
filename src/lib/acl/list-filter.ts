import { Failure } from '../failure.js';
import { didYouMean } from '../suggest.js';
import type { RecordName } from './key.js';
import { LIST_FIELDS, type ListField } from './list-fields.js';
import type { ListedRecord } from './listed-record.js';
import { maskPasshash } from './passhash.js';
import { isObject } from './record-json.js';

/** What a record must be like to be listed. */
export interface Condition {
  readonly field: ListField;
  readonly pattern: RegExp;
  /** Whether it is met where the pattern does not match. */
  readonly isNegated: boolean;
}

/**
 * Reads `FIELD=PATTERN` or `FIELD!=PATTERN`. In a pattern `*` is any text, `?` any character, and a backslash takes the
 * meaning from what follows.
 *
 * @throws Failure (usage)
 */
export function readCondition(text: string): Condition {
  const [, name, negation, pattern] = /^([^=!]*)(!?)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || pattern === undefined) {
    throw new Failure('usage', 'bad_filter', `--filter ${text} is not FIELD=PATTERN`, {
      hint: `For example: --filter 'username=alice*'. Fields are ${LIST_FIELDS.join(', ')}.`,
    });
  }
  return { field: readField(name, '--filter'), pattern: glob(pattern), isNegated: negation === '!' };
}

/**
 * Reads a list of columns with commas between them.
 *
 * @throws Failure (usage)
 */
export const readColumns = (text: string): readonly ListField[] =>
  text.split(',').map((name) => readField(name.trim(), '--columns'));

function readField(name: string, flag: string): ListField {
  const field = LIST_FIELDS.find((known) => known === name.replaceAll('-', '_'));
  if (field) return field;
  throw new Failure('usage', 'unknown_field', `${flag}: ${name || 'nothing'} is no field of a record`, {
    hint: `Fields are ${LIST_FIELDS.join(', ')}${didYouMean(name, LIST_FIELDS)}`,
  });
}

function glob(pattern: string): RegExp {
  const source = pattern.replace(/\\(.)|([*?])|([.+^${}()|[\]\\/-])/gsu, (_, escaped, wildcard, special) => {
    if (wildcard !== undefined) return wildcard === '*' ? '[^]*' : '[^]';
    return literal(escaped ?? special);
  });
  return new RegExp(`^${source}$`, 'u');
}

const literal = (character: string) => character.replace(/[.*+?^${}()|[\]\\/]/u, '\\$&');

const PARTS = { mountpoint: 'mountpoint', client_id: 'clientId', username: 'username' } as const;

const isPart = (field: ListField): field is keyof typeof PARTS => Object.hasOwn(PARTS, field);

/** Whether a record may be wanted, as far as its name tells. */
export const mayBeWanted = (name: RecordName, conditions: readonly Condition[]): boolean =>
  conditions.every(
    ({ field, pattern, isNegated }) => !isPart(field) || pattern.test(name[PARTS[field]]) !== isNegated,
  );

/** Whether a record is wanted whose name is. */
export const isWanted = (record: ListedRecord, conditions: readonly Condition[]): boolean =>
  conditions.every(
    ({ field, pattern, isNegated }) =>
      isPart(field) || textsOf(record, field).some((text) => pattern.test(text)) !== isNegated,
  );

/** A list is met by any of its patterns, and problems by any of them. */
function textsOf({ record, problems }: ListedRecord, field: ListField): readonly string[] {
  if (field === 'problems') return problems;
  if (field === 'passhash') return record?.passhash === undefined ? [] : [maskPasshash(record.passhash)];
  const list = field === 'publish_acl' || field === 'subscribe_acl' ? record?.[field] : undefined;
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) =>
    isObject(entry) && typeof entry.pattern === 'string' ? [entry.pattern] : [],
  );
}
