import { Failure } from '../../failure.js';
import { type PackedPart, type Part, type PartsContext, parts, type Row } from './parts.js';
import { NO_TOTALS, type RowReport, type Settled, type Totals } from './report.js';
import { type Hashing, type SettledRow, type SettleOptions, Settler, type SettleStore } from './settle.js';

/** Some rows were settled. */
export interface ImportStep {
  readonly settled: Settled;
  /** Of these rows alone. */
  readonly totals: Totals;
  /** Those of them that the operator should know of. */
  readonly reports: readonly RowReport[];
}

export interface ImportContext extends PartsContext {
  readonly store: SettleStore;
  readonly hashing: Hashing;
  readonly options: SettleOptions & PartsContext['options'];
  readonly signal: AbortSignal;
}

/** Parts that are settled at a time: while one waits for Redis, the next is read. */
const IN_FLIGHT = 3;

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

async function settlePart(part: Part | PackedPart, settler: Settler): Promise<ImportStep> {
  if (!('packed' in part)) return await settleRows(part, settler);
  const { packed, settled } = part;
  try {
    if (await settler.created(packed))
      return { settled, totals: { ...NO_TOTALS, written: packed.count }, reports: [] };
    return await settleRows({ settled, rows: await part.readRows(), reports: [] }, settler);
  } finally {
    packed.release();
  }
}

type Rows = Readonly<Pick<Part, 'settled' | 'reports'>> & { readonly rows: readonly Row[] };

async function settleRows({ rows, reports, settled }: Rows, settler: Settler): Promise<ImportStep> {
  const outcomes = rows.length === 0 ? [] : await settler.settle(rows.map(({ row }) => row));
  const totals = { ...NO_TOTALS, failed: reports.length };
  const all = [...reports];
  for (let index = 0; index < rows.length; index += 1) {
    const [one, result] = [rows[index], outcomes[index]];
    if (!one || !result) continue;
    totals[result.outcome] += 1;
    // It may only seem so (see SeenKeys), or what came before has failed: where nothing was there, nothing is repeated.
    const isRepeated = one.isRepeated && !result.isNew;
    count(one, isRepeated, totals);
    const why = result.why ?? (isRepeated ? REPEATED : undefined);
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

function count(
  { row: { credential } }: Row,
  isRepeated: boolean,
  totals: Record<keyof Totals, number>,
): void {
  if (isRepeated) totals.repeated += 1;
  if (credential.kind === 'passhash' && credential.relabelled) totals.relabelled += 1;
}
