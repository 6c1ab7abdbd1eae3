import type { LineBatch } from './lines.js';
import type { PackedPage } from './pack/packed-page.js';
import type { RowReport, Settled } from './report.js';
import type { CheckedRow, ReadRow, RowReading } from './row.js';
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

/** All rows of a batch, of which none came before. They are read only where they cannot be written as they are packed. */
export class PackedPart {
  readonly waits = false;
  readonly settled: Settled;

  constructor(
    private readonly batch: LineBatch,
    readonly packed: PackedPage,
    private readonly reader: PartsContext['reader'],
  ) {
    this.settled = { from: batch.end, line: batch.end.line };
  }

  async readRows(): Promise<readonly Row[]> {
    const { start, texts } = this.batch;
    const read = await this.reader();
    return texts.flatMap((raw, index): Row[] => {
      const reading = read(raw);
      return reading?.ok ? [{ row: reading.row, line: start.line + index, raw, isRepeated: false }] : [];
    });
  }
}

export interface PartsContext {
  readonly batches: AsyncIterable<LineBatch>;
  readonly reader: () => Promise<ReadRow>;
  /** Lines before this one are settled already. */
  readonly firstLine: number;
  readonly options: {
    /** End at the first row that fails. */
    readonly strict: boolean;
  };
}

/** Cuts the input into parts. Where the first bad row is to be the end, there are no more after it. */
export async function* parts(context: PartsContext): AsyncGenerator<Part | PackedPart> {
  const seen = new SeenKeys();
  for await (const batch of context.batches) {
    // Where it goes on within a batch, only some of its rows are wanted.
    const packed = context.firstLine <= batch.start.line ? batch.packed : undefined;
    const repeated = packed && repeatedIn(packed, seen);
    if (packed && repeated?.size === 0) {
      yield new PackedPart(batch, packed, context.reader);
      continue;
    }
    const read = await context.reader();
    const isEnd = yield* cut(batch, read, context, (key, index) => repeated?.has(index) ?? seen.add(key));
    batch.packed?.release();
    if (isEnd) return;
  }
}

/** Which of them came before. */
function repeatedIn(packed: PackedPage, seen: SeenKeys): ReadonlySet<number> {
  const repeated = new Set<number>();
  packed.forEachKey((view, from, to, index) => {
    if (seen.addBytes(view, from, to)) repeated.add(index);
  });
  return repeated;
}

/** @returns whether that is the end */
function* cut(
  batch: LineBatch,
  read: ReadRow,
  { firstLine, options }: PartsContext,
  cameBefore: (key: string, index: number) => boolean,
): Generator<Part, boolean> {
  const { start, end, texts, problems } = batch;
  let part = new Part({ from: start, line: start.line });
  for (let index = Math.max(0, firstLine - start.line); index < texts.length; index += 1) {
    const line = start.line + index;
    const raw = texts[index] ?? '';
    const reading = readLine(problems.get(index), raw, read);
    if (!reading) continue;
    if (!reading.ok) {
      part.reject(line, problems.has(index) ? undefined : raw, reading.why);
      if (!options.strict) continue;
      yield part.endingAt({ from: start, line });
      return true;
    }
    const { row } = reading;
    const isRepeated = cameBefore(row.key, index);
    if (part.isFull || (isRepeated && part.has(row.key))) {
      yield part.endingAt({ from: start, line });
      part = new Part({ from: start, line });
    }
    part.add({ row, line, raw, isRepeated });
  }
  yield part.endingAt({ from: end, line: end.line });
  return false;
}

/** What a line of an input says; undefined for one that is no row. */
export const readLine = (problem: string | undefined, raw: string, read: ReadRow): RowReading | undefined =>
  problem === undefined ? read(raw) : { ok: false, why: problem };
