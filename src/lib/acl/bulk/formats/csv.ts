import { Failure } from '../../../failure.js';
import { didYouMean } from '../../../suggest.js';
import { readLossless, type StoredRecord } from '../../record-json.js';
import type { LineBatch } from '../lines.js';
import type { Lists } from '../lists.js';
import { checkRow, FIELDS, type RowReading } from '../row.js';
import { CsvCells, readCells } from './csv-cells.js';
import type { Lines, Reach } from './grouping.js';

/**
 * How far a row goes. One that is broken ends with its first line, so that what follows is read: its quoted cell may be
 * one that never ends.
 */
export function csvReach({ texts, problems }: Lines, at: number, isEnd: boolean): Reach | undefined {
  if (problems.has(at) || !texts[at]?.includes('"')) return { lines: 1 };
  const row = new CsvCells();
  for (let index = at; index < texts.length; index += 1) {
    if (problems.has(index)) return { lines: 1 };
    const state = row.push(texts[index] ?? '');
    if (state === 'whole') return { lines: index - at + 1 };
    if (state === 'broken') return { lines: 1 };
  }
  return isEnd ? { lines: 1 } : undefined;
}

/** The columns of a CSV, as its first row names them. */
export class CsvHeader {
  private columns: readonly string[] | undefined;
  /** As it stands in the input. */
  text: string | undefined;

  /**
   * Takes the header out of the first batch of an input.
   *
   * @throws Failure (data) where it names no columns of rows
   */
  async *take(batches: AsyncIterable<LineBatch>): AsyncGenerator<LineBatch> {
    for await (const batch of batches) {
      if (this.columns) yield batch;
      else {
        const [header = '', ...rows] = batch.texts;
        const problem = batch.problems.get(0);
        if (problem !== undefined) throw badHeader(problem);
        this.read(header);
        yield { ...batch, texts: ['', ...rows] };
      }
    }
    if (!this.columns) throw badHeader('there is none');
  }

  private read(text: string): void {
    const columns = readCells(text);
    if (typeof columns === 'string') throw badHeader(columns);
    const unknown = columns.findIndex((column) => !(FIELDS as readonly string[]).includes(column));
    // Where there is no header it is a row, and what stands there may be a password.
    if (unknown !== -1)
      throw badHeader(`column ${unknown + 1} is none of them${didYouMean(columns[unknown] ?? '', FIELDS)}`);
    const twice = columns.find((column, index) => columns.indexOf(column) !== index);
    if (twice !== undefined) throw badHeader(`${twice} is there twice`);
    const missing = ['client_id', 'username'].find((column) => !columns.includes(column));
    if (missing !== undefined) throw badHeader(`${missing} is missing`);
    this.columns = columns;
    this.text = text;
  }

  /** The fields of a row, or why it has none. */
  fields(text: string): StoredRecord | string {
    const { columns = [] } = this;
    const cells = readCells(text);
    if (typeof cells === 'string') return cells;
    if (cells.length !== columns.length)
      return `it has ${cells.length} cells, and the header names ${columns.length} columns`;
    const fields = columns.map((column, index) => [column, cells[index] ?? ''] as const);
    const lists = fields.filter(([column]) => column.endsWith('_acl'));
    const read = lists.map(([column, cell]) => readList(column, cell));
    const problem = read.find((list) => typeof list === 'string');
    if (typeof problem === 'string') return problem;
    const names = fields.filter(([column, cell]) => isSaid(column, cell));
    return Object.fromEntries([
      ...names,
      ...lists.flatMap(([column, cell], index) => (cell.trim() === '' ? [] : [[column, read[index]]])),
    ]);
  }
}

/** An empty cell is an empty name, but no hash, no password and no list. */
const isSaid = (column: string, cell: string): boolean =>
  !column.endsWith('_acl') && (!column.startsWith('pass') || cell !== '');

/** A list is JSON that begins with `[`, or patterns with semicolons or line ends between them. */
function readList(column: string, cell: string): readonly unknown[] | string {
  const text = cell.trim();
  if (text.startsWith('{'))
    return `${column} begins with {: entries that are objects are written as a list, [{"pattern":…}]`;
  if (!text.startsWith('['))
    return text
      .split(/[;\n]/)
      .map((pattern) => pattern.trim())
      .filter((pattern) => pattern !== '');
  const { value, reason } = readLossless(text);
  if (reason !== undefined) return `${column} is not JSON: ${reason}`;
  return Array.isArray(value) ? value : `${column} is no list`;
}

/** Reads the rows of a CSV. Undefined for an empty line. */
export const csvReader =
  (header: CsvHeader, given: Lists) =>
  (text: string): RowReading | undefined => {
    if (text.trim() === '') return undefined;
    const fields = header.fields(text);
    return typeof fields === 'string' ? { ok: false, why: fields } : checkRow(fields, given);
  };

const badHeader = (why: string) =>
  new Failure('data', 'bad_header', `the first row does not name the columns: ${why}`, {
    hint: `They are, with commas between them and in any order: ${FIELDS.join(', ')}; client_id and username are needed.`,
  });
