import type { Row } from '../rpc.js';

type Value = Row[string];

/**
 * The rows of a table as the broker draws it for people: a rule above and below every row, a cell of several lines over
 * several lines. Cells are found by the rule, because a cell may have a `|` of its own.
 *
 * @param lines from the first rule to the last, without colour
 */
export function parseTable(lines: readonly string[]): Row[] {
  const borders = bordersOf(lines[0] ?? '');
  const [head, ...body] = splitAtRules(lines);
  const columns = (head?.[0] === undefined ? [] : cells(head[0], borders)).map((cell) => cell.trim());
  return body.flatMap((block) =>
    toRows(
      block.map((line) => cells(line, borders)),
      isPadded(block),
      columns,
    ),
  );
}

export const isRule = (line: string): boolean => /^\+(-+\+)+$/.test(line);

export const isTableLine = (line: string): boolean => isRule(line) || /^\|.*\|$/.test(line);

/** Where the columns end, in characters. */
const bordersOf = (rule: string) =>
  [...rule].flatMap((character, index) => (character === '+' ? [index] : []));

function splitAtRules(lines: readonly string[]): string[][] {
  const blocks: string[][] = [];
  for (const line of lines) {
    if (isRule(line)) blocks.push([]);
    else blocks.at(-1)?.push(line);
  }
  return blocks.filter((block) => block.length > 0);
}

function cells(line: string, borders: readonly number[]): string[] {
  const characters = [...line];
  return borders.slice(1).map((end, index) => characters.slice((borders[index] ?? 0) + 1, end).join(''));
}

/** The table of the command line's own library has neither padding nor rules between its rows. */
const isPadded = (block: readonly string[]) => block.every((line) => /^\| /.test(line));

function toRows(lines: readonly string[][], isOneRow: boolean, columns: readonly string[]): Row[] {
  if (!isOneRow) return lines.map((line) => toRow([line], columns));
  return [toRow(lines, columns)];
}

function toRow(lines: readonly string[][], columns: readonly string[]): Row {
  return Object.fromEntries(
    columns.map((column, index) => {
      const text = lines.map((line) => (line[index] ?? '').trim()).join('\n');
      return [column, typed(column, text.replace(/\n+$/, ''))];
    }),
  );
}

/** Columns of names: what looks like a number or a truth in them is none. */
const TEXT_COLUMNS = new Set([
  'client_id',
  'user',
  'mountpoint',
  'topic',
  'payload',
  'routing_key',
  'msg_ref',
  'port',
  'address',
  'peer_host',
  'endpoint',
  'Key',
  'Scope',
  'CN',
  'Issuer',
  'script',
  'Result',
]);

/** A cell as the broker's own JSON has it, as far as the text still tells. */
function typed(column: string, text: string): Value {
  if (text === 'null' || text === 'undefined') return null;
  if (TEXT_COLUMNS.has(column)) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}
