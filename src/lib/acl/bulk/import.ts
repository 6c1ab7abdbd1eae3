import { Failure } from '../../failure.js';
import type { LineBatch, Position } from './lines.js';
import type { CheckedRow, RowReading } from './row.js';
import { SeenKeys } from './seen.js';
import {
  type Hashing,
  type RowOutcome,
  type SettledRow,
  type SettleOptions,
  Settler,
  type SettleStore,
} from './settle.js';

/** A row that the operator should know of. */
export interface RowReport {
  /** From 1. */
  readonly line: number;
  /** Null where the row does not say it. */
  readonly key: string | null;
  readonly outcome: RowOutcome;
  readonly why: string;
  /** As it stands in the input; it may hold a password. Undefined where nothing of it was kept. */
  readonly raw: string | undefined;
}

export type Totals = Readonly<Record<RowOutcome | 'relabelled' | 'repeated', number>>;

export const NO_TOTALS: Totals = {
  written: 0,
  unchanged: 0,
  skipped: 0,
  failed: 0,
  relabelled: 0,
  repeated: 0,
};

/** All rows before a line are settled. */
export interface Settled {
  /** Where reading can go on. */
  readonly from: Position;
  /** The first line that is not settled: at `from`, or after it. */
  readonly line: number;
}

/** Some rows were settled. */
export interface ImportStep {
  readonly settled: Settled;
  /** Of these rows alone. */
  readonly totals: Totals;
  /** Those of them that the operator should know of. */
  readonly reports: readonly RowReport[];
}

export interface ImportContext {
  readonly store: SettleStore;
  readonly batches: AsyncIterable<LineBatch>;
  /** Undefined for a line that is no row. */
  readonly read: (line: string) => RowReading | undefined;
  /** Lines before this one are settled already. */
  readonly firstLine: number;
  readonly hashing: Hashing;
  readonly options: SettleOptions & {
    /** End at the first row that fails. */
    readonly strict: boolean;
  };
  readonly signal: AbortSignal;
}

/** Parts that are settled at a time: while one waits for Redis, the next is read. */
const IN_FLIGHT = 3;
/** Passwords of one part: hashing takes long, and what is not settled is done again after an interruption. */
const MOST_PASSWORDS = 32;

/**
 * Writes rows as they come; each is written whole or not at all. The steps are in the order of the input.
 *
 * @throws Failure: those of the store and of the input; data at the first row that fails, where that is asked for;
 *   interrupted. All rows before the last step are settled, and none after the parts that were in flight.
 */
export async function* importRows(context: ImportContext): AsyncGenerator<ImportStep, void> {
  const flight: Promise<ImportStep>[] = [];
  const settler = new Settler(context.store, context.hashing, context.options);
  try {
    for await (const part of parts(context)) {
      if (context.signal.aborted) break;
      // What came before must be in place when a row says something else of the same record.
      const most = part.waits ? 0 : IN_FLIGHT - 1;
      while (flight.length > most) yield* settledStep(flight, context);
      const step = settlePart(part, settler);
      step.catch(() => undefined); // it is awaited in its turn
      flight.push(step);
      if (part.isLast) break;
    }
    while (flight.length > 0) yield* settledStep(flight, context);
  } finally {
    await Promise.allSettled(flight);
  }
  if (context.signal.aborted)
    throw new Failure('interrupted', 'interrupted', 'interrupted: not all rows were imported');
}

/** The next step, and the end where a row of it failed and that is to be the end. */
async function* settledStep(flight: Promise<ImportStep>[], { options }: ImportContext) {
  const step = await flight.shift();
  if (!step) return;
  yield step;
  if (!options.strict || step.totals.failed === 0) return;
  const failed = step.reports.find(({ outcome }) => outcome === 'failed');
  throw new Failure('data', 'row_failed', `line ${failed?.line}: ${failed?.why}`, {
    hint: 'The rows before it are in place; without --strict the others would be, too.',
    details: { line: failed?.line },
  });
}

interface Part {
  readonly rows: Row[];
  /** Rows that are settled without Redis. */
  readonly reports: RowReport[];
  /** Whether one of its keys may have come up in a part before. */
  readonly waits: boolean;
  isLast: boolean;
  settled: Settled;
}

interface Row {
  readonly row: CheckedRow;
  readonly line: number;
  readonly raw: string;
  readonly isRepeated: boolean;
}

/** Cuts the input into parts in which no key comes up twice. */
async function* parts({ batches, read, firstLine, options }: ImportContext): AsyncGenerator<Part> {
  const seen = new SeenKeys();
  for await (const { start, end, texts, problems } of batches) {
    let part = newPart(start, false);
    let passwords = 0;
    for (let index = 0; index < texts.length; index += 1) {
      const raw = texts[index] ?? '';
      const line = start.line + index;
      if (line < firstLine) continue;
      const problem = problems.get(index);
      const reading: RowReading | undefined = problem === undefined ? read(raw) : { ok: false, why: problem };
      if (reading?.ok) {
        const { row } = reading;
        const isRepeated = seen.add(row.key);
        passwords += row.credential.kind === 'password' ? 1 : 0;
        if (isRepeated || passwords > MOST_PASSWORDS) {
          yield { ...part, settled: { from: start, line } };
          part = newPart(start, isRepeated);
          passwords = 0;
        }
        part.rows.push({ row, line, raw, isRepeated });
      } else if (reading) {
        const kept = problem === undefined ? raw : undefined;
        part.reports.push({ line, key: null, outcome: 'failed', why: reading.why, raw: kept });
        if (options.strict) {
          yield { ...part, isLast: true, settled: { from: start, line } };
          return;
        }
      }
    }
    yield { ...part, settled: { from: end, line: end.line } };
  }
}

const newPart = (from: Position, waits: boolean): Part => ({
  rows: [],
  reports: [],
  waits,
  isLast: false,
  settled: { from, line: from.line },
});

async function settlePart({ rows, reports, settled }: Part, settler: Settler): Promise<ImportStep> {
  const outcomes = rows.length === 0 ? [] : await settler.settle(rows.map(({ row }) => row));
  const totals = { ...NO_TOTALS, failed: reports.length };
  const all = [...reports];
  for (let index = 0; index < rows.length; index += 1) {
    const [one, result] = [rows[index], outcomes[index]];
    if (!one || !result) continue;
    totals[result.outcome] += 1;
    count(one, totals);
    const why = result.why ?? (one.isRepeated ? REPEATED : undefined);
    if (why !== undefined) all.push(report(one, result, why));
  }
  return { settled, totals, reports: all.sort((first, second) => first.line - second.line) };
}

const REPEATED = 'the same record came in an earlier line; this one counts';

const report = ({ line, row, raw }: Row, { outcome }: SettledRow, why: string): RowReport => ({
  line,
  key: row.key,
  outcome,
  why,
  raw,
});

function count({ row: { credential }, isRepeated }: Row, totals: Record<keyof Totals, number>): void {
  if (isRepeated) totals.repeated += 1;
  if (credential.kind === 'passhash' && credential.relabelled) totals.relabelled += 1;
}

export function addTotals(one: Totals, other: Totals): Totals {
  const names = Object.keys(NO_TOTALS) as (keyof Totals)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as Totals;
}
