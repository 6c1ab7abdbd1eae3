import type { LineBatch } from './lines.js';
import type { RowReport, Settled } from './report.js';
import type { CheckedRow, RowReading } from './row.js';
import { SeenKeys } from './seen.js';

/** Passwords of one part: hashing takes long, and what is not settled is done again after an interruption. */
const MOST_PASSWORDS = 32;

export interface Row {
  readonly row: CheckedRow;
  readonly line: number;
  /** As it stands in the input. */
  readonly raw: string;
  /** The same record came in an earlier line. */
  readonly isRepeated: boolean;
}

/** Rows that are settled at a time, each of another record. */
export class Part {
  readonly rows: Row[] = [];
  /** Rows that are settled already: they cannot be used. */
  readonly reports: RowReport[] = [];
  /** Whether one of its records may have come up in a part before. */
  waits = false;
  private keys: Set<string> | undefined;
  private passwords = 0;

  /** @param settled what is settled once all of it is; known when it ends */
  constructor(public settled: Settled) {}

  get isFull(): boolean {
    return this.passwords >= MOST_PASSWORDS;
  }

  has(key: string): boolean {
    this.keys ??= new Set(this.rows.map(({ row }) => row.key));
    return this.keys.has(key);
  }

  add(row: Row): void {
    this.rows.push(row);
    this.keys?.add(row.row.key);
    if (row.isRepeated) this.waits = true;
    if (row.row.credential.kind === 'password') this.passwords += 1;
  }

  reject(line: number, raw: string | undefined, why: string): void {
    this.reports.push({ line, key: null, outcome: 'failed', why, raw });
  }

  endingAt(settled: Settled): this {
    this.settled = settled;
    return this;
  }
}

export interface PartsContext {
  readonly batches: AsyncIterable<LineBatch>;
  /** Undefined for a line that is no row. */
  readonly read: (line: string) => RowReading | undefined;
  /** Lines before this one are settled already. */
  readonly firstLine: number;
  readonly options: {
    /** End at the first row that fails. */
    readonly strict: boolean;
  };
}

/** Cuts the input into parts. Where the first bad row is to be the end, there are no more after it. */
export async function* parts({ batches, read, firstLine, options }: PartsContext): AsyncGenerator<Part> {
  const seen = new SeenKeys();
  for await (const batch of batches) {
    const { start, end, texts, problems } = batch;
    let part = new Part({ from: start, line: start.line });
    for (let index = Math.max(0, firstLine - start.line); index < texts.length; index += 1) {
      const line = start.line + index;
      const raw = texts[index] ?? '';
      const reading = readLine(batch, index, read);
      if (!reading) continue;
      if (!reading.ok) {
        part.reject(line, problems.has(index) ? undefined : raw, reading.why);
        if (!options.strict) continue;
        yield part.endingAt({ from: start, line });
        return;
      }
      const { row } = reading;
      const isRepeated = seen.add(row.key);
      if (part.isFull || (isRepeated && part.has(row.key))) {
        yield part.endingAt({ from: start, line });
        part = new Part({ from: start, line });
      }
      part.add({ row, line, raw, isRepeated });
    }
    yield part.endingAt({ from: end, line: end.line });
  }
}

/** What a line of an input says; undefined for one that is no row. */
export function readLine(
  { texts, problems }: LineBatch,
  index: number,
  read: PartsContext['read'],
): RowReading | undefined {
  const problem = problems.get(index);
  return problem === undefined ? read(texts[index] ?? '') : { ok: false, why: problem };
}
