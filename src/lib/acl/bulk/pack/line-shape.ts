import { Literal } from './bytes.js';

/** The members of a usual line, in the order in which a record is written: three of its key, three of its text. */
export const FIELDS = ['mountpoint', 'client_id', 'username', 'passhash', 'subscribe_acl', 'publish_acl'];

/** Places in FIELDS: smaller ones are names, larger ones are lists. */
export const PASSHASH = 3;
const NEEDED = [1, 2, PASSHASH];

/** How lines are laid out that differ in nothing but the values of their members. */
export interface LineShape {
  /** What stands before each value, and whose value it is: a place in FIELDS. */
  readonly steps: readonly Step[];
  /** What stands after the last one, with the end of the line. */
  readonly after: Literal;
  /** Members that such a line does not have. */
  readonly missing: readonly number[];
}

export interface Step {
  readonly before: Literal;
  readonly field: number;
}

/** A member whose value is not looked into: a text in which nothing is escaped, or a list up to its first bracket. */
const MEMBER =
  /(?<before>[ \t\r]*[{,][ \t\r]*"(?<name>[a-z_]+)"[ \t\r]*:[ \t\r]*)(?:(?<quote>")(?<text>[^"\\]*)"|(?<list>\[[^\]]*\]))/y;

/**
 * The layout of a line: programs write all lines of a file in the same one, and once it is known the values of a line are
 * found without parsing it.
 *
 * @param line without its end
 * @returns undefined for a line that has no place for all that a record needs, or for anything else
 */
export function lineShape(line: string): LineShape | undefined {
  const steps: Step[] = [];
  let quote = '';
  let at = 0;
  for (let found = memberAt(line, at); found; found = memberAt(line, at)) {
    const { before = '', name = '', list } = found;
    const field = FIELDS.indexOf(name);
    const isSecond = steps.some((step) => step.field === field);
    if (field === -1 || isSecond || field > PASSHASH !== (list !== undefined)) return undefined;
    if (before.includes('{') !== (at === 0)) return undefined;
    steps.push({ before: new Literal(`${quote}${before}${found.quote ?? ''}`), field });
    quote = found.quote ?? '';
    at = MEMBER.lastIndex;
  }
  const missing = [...FIELDS.keys()].filter((field) => !steps.some((step) => step.field === field));
  if (NEEDED.some((field) => missing.includes(field))) return undefined;
  if (!/^[ \t\r]*\}[ \t\r]*$/.test(line.slice(at))) return undefined;
  return { steps, after: new Literal(`${quote}${line.slice(at)}\n`), missing };
}

function memberAt(line: string, at: number): Readonly<Record<string, string | undefined>> | undefined {
  MEMBER.lastIndex = at;
  return MEMBER.exec(line)?.groups;
}
