import { Failure } from '../../../failure.js';
import { didYouMean } from '../../../suggest.js';
import { readLossless, type StoredRecord } from '../../record-json.js';
import type { LineBatch } from '../lines.js';
import { KnownLists, type Lists } from '../lists.js';
import { checkRow, FIELDS, type RowReading } from '../row.js';
import { usualRow } from '../usual.js';
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

type Field = (typeof FIELDS)[number];

/** The columns of a CSV, as its first row names them. */
export class CsvHeader {
  private columns: readonly string[] | undefined;
  private places: Partial<Record<Field, number>> = {};
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
    this.places = Object.fromEntries(columns.map((column, index) => [column, index]));
    this.text = text;
  }

  /** The cells of a row, or why it has none. */
  cells(text: string): readonly string[] | string {
    const count = this.columns?.length ?? 0;
    const cells = readCells(text);
    if (typeof cells === 'string' || cells.length === count) return cells;
    return `it has ${cells.length} cells, and the header names ${count} columns`;
  }

  /** The cell of a column; empty where there is no such column. */
  cell(cells: readonly string[], column: Field): string {
    return cells[this.places[column] ?? -1] ?? '';
  }

  /** The fields that cells say, or why they say none. */
  fields(cells: readonly string[]): StoredRecord | string {
    const { columns = [] } = this;
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
  if (!text.startsWith('[')) return readPatterns(text);
  const { value, reason } = readLossless(text);
  if (reason !== undefined) return `${column} is not JSON: ${reason}`;
  return Array.isArray(value) ? value : `${column} is no list`;
}

/** Reads the rows of a CSV. Undefined for an empty line. */
export function csvReader(header: CsvHeader, given: Lists): (text: string) => RowReading | undefined {
  const known = new KnownLists(given);
  return (text) => {
    if (text.trim() === '') return undefined;
    const cells = header.cells(text);
    if (typeof cells === 'string') return { ok: false, why: cells };
    const usual = readUsual(header, cells, known, given);
    if (usual) return { ok: true, row: usual };
    const fields = header.fields(cells);
    return typeof fields === 'string' ? { ok: false, why: fields } : checkRow(fields, given);
  };
}

function readUsual(header: CsvHeader, cells: readonly string[], known: KnownLists, given: Lists) {
  if (header.cell(cells, 'password') !== '') return undefined;
  return usualRow(
    {
      mountpoint: header.cell(cells, 'mountpoint'),
      clientId: header.cell(cells, 'client_id'),
      username: header.cell(cells, 'username'),
      passhash: header.cell(cells, 'passhash'),
      publish: listText(header.cell(cells, 'publish_acl'), given.publish),
      subscribe: listText(header.cell(cells, 'subscribe_acl'), given.subscribe),
    },
    known,
  );
}

/** The JSON that a cell stands for. One that is JSON is left as it is: it may be spelled in any way, or be broken. */
function listText(cell: string, otherwise = '[]'): string {
  const text = cell.trim();
  if (text === '') return otherwise;
  if (/^[[{]/.test(text)) return text;
  return JSON.stringify(readPatterns(text).map((pattern) => ({ pattern })));
}

const readPatterns = (text: string): string[] =>
  text
    .split(/[;\n]/)
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');

const badHeader = (why: string) =>
  new Failure('data', 'bad_header', `the first row does not name the columns: ${why}`, {
    hint: `They are, with commas between them and in any order: ${FIELDS.join(', ')}; client_id and username are needed.`,
  });
