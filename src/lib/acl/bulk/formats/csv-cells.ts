/** Where a row of CSV stands after a line of it. */
export type CsvState = 'whole' | 'open' | 'broken';

/** Reads one row of CSV (RFC 4180, strictly), line by line: a quoted cell may have several. */
export class CsvCells {
  readonly cells: string[] = [];
  /** What there is of a quoted cell that has not ended. */
  private quoted: string | undefined;

  /** @param line without its end, of which a return may be left */
  push(line: string): CsvState {
    let at = 0;
    if (this.quoted !== undefined) {
      this.quoted += '\n';
      at = this.readQuoted(line, 0);
    }
    for (;;) {
      if (this.quoted !== undefined) return 'open';
      if (at > line.length) return 'whole';
      if (at === -1) return 'broken';
      at = this.readCell(line, at);
    }
  }

  /** Returns where the next cell begins: after the end of the line, where there is none; -1 where the row is broken. */
  private readCell(line: string, at: number): number {
    if (line[at] === '"') {
      this.quoted = '';
      return this.readQuoted(line, at + 1);
    }
    const comma = line.indexOf(',', at);
    const end = comma === -1 ? line.length : comma;
    const cell = line.slice(at, end);
    if (cell.includes('"')) return -1;
    this.cells.push(cell);
    return end + 1;
  }

  private readQuoted(line: string, from: number): number {
    let at = from;
    for (;;) {
      const quote = line.indexOf('"', at);
      if (quote === -1) {
        this.quoted += line.slice(at);
        return line.length;
      }
      this.quoted += line.slice(at, quote);
      if (line[quote + 1] !== '"') return this.endQuoted(line, quote + 1);
      this.quoted += '"';
      at = quote + 2;
    }
  }

  private endQuoted(line: string, at: number): number {
    this.cells.push(this.quoted ?? '');
    this.quoted = undefined;
    if (line[at] === ',') return at + 1;
    const isEnd = at === line.length || line.slice(at) === '\r';
    return isEnd ? line.length + 1 : -1;
  }
}

/** The cells of a whole row, or why it has none. */
export function readCells(text: string): readonly string[] | string {
  const row = new CsvCells();
  let state: CsvState = 'open';
  for (const line of text.split('\n')) {
    if (state !== 'open') break;
    state = row.push(line);
  }
  if (state === 'whole') return row.cells;
  return state === 'open'
    ? 'a quoted cell of it does not end'
    : 'it has a quote where none may be: in a quoted cell it is doubled, and after it comes a comma';
}
