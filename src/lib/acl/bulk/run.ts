import type { Clock } from '../../clock.js';
import { Failure } from '../../failure.js';
import { type ImportContext, importRows } from './import.js';
import type { Checkpoint } from './journal-schema.js';
import { BEGINNING } from './lines.js';
import type { RejectsFile } from './rejects.js';
import { addTotals, NO_TOTALS, type RowReport, type Settled, type Totals } from './report.js';

export interface ImportProgress {
  readonly settled: Settled;
  readonly totals: Totals;
  /** Rows that the operator should know of, that were settled since the last time. */
  readonly reports: readonly RowReport[];
}

export interface RunContext extends Omit<ImportContext, 'firstLine' | 'batches'> {
  /** What comes from this place of the input on. */
  readonly open: (from: Settled['from']) => ImportContext['batches'];
  readonly journal?: { write(checkpoint: Checkpoint): Promise<void>; remove(): Promise<void> } | undefined;
  readonly rejects?: Pick<RejectsFile, 'path' | 'length' | 'add'> | undefined;
  /** Where an import goes on that was interrupted. */
  readonly resumed?: Checkpoint | undefined;
  readonly clock: Clock;
}

/** Milliseconds. A Redis that writes its log once a second loses what it has acknowledged since, should it crash. */
const MAY_BE_LOST = 3000;
/** Milliseconds between two writes of the journal. */
const NOTED_EVERY = 500;

export const START: Checkpoint = {
  settled: { from: BEGINNING, line: BEGINNING.line },
  totals: NO_TOTALS,
  rejectsLength: 0,
};

/**
 * Imports an input, and keeps on disk how far it has come, a few seconds behind: what is repeated after an interruption
 * is found in place.
 *
 * @throws Failure: see importRows
 */
export async function* runImport(context: RunContext): AsyncGenerator<ImportProgress, Totals> {
  const { journal, rejects, clock, resumed = START } = context;
  // Without a file of rejects that of the time before stays as it is.
  const kept = ({ rejectsFile, rejectsLength } = resumed) =>
    rejects ? { rejectsFile: rejects.path, rejectsLength: rejects.length } : { rejectsFile, rejectsLength };
  let latest: Checkpoint = { ...resumed, ...kept() };
  const behind = new LaggingCheckpoint(latest, clock);
  const batches = context.open(resumed.settled.from);
  try {
    for await (const step of importRows({ ...context, batches, firstLine: resumed.settled.line })) {
      const { settled, reports } = step;
      await rejects?.add(rejected(reports));
      const totals = addTotals(latest.totals, step.totals);
      latest = { settled, totals, ...kept() };
      const due = behind.add(latest);
      if (due) await journal?.write(due);
      yield { settled, totals, reports };
    }
  } catch (thrown) {
    await journal?.write(behind.oldest);
    throw withPlace(thrown, latest, journal !== undefined);
  }
  await journal?.remove();
  return latest.totals;
}

const rejected = (reports: readonly RowReport[]) =>
  reports.flatMap(({ outcome, raw }) => (outcome === 'failed' && raw !== undefined ? [raw] : []));

/** Says how far it came, and how to go on. */
function withPlace(thrown: unknown, { settled }: Checkpoint, canGoOn: boolean): unknown {
  if (!(thrown instanceof Failure) || thrown.kind === 'bug' || thrown.code === 'row_failed') return thrown;
  const hint = canGoOn
    ? `${thrown.hint ? `${thrown.hint} ` : ''}Then go on with the same command and --resume.`
    : 'Run the command again: rows that are in place are left as they are.';
  const { kind, code, message, cause, details } = thrown;
  return new Failure(kind, code, `${message}; the lines before ${settled.line} are settled`, {
    hint,
    cause,
    details: { ...details, settledBeforeLine: settled.line },
  });
}

/** The newest checkpoint that is old enough to last. */
class LaggingCheckpoint {
  private readonly waiting: { readonly at: number; readonly checkpoint: Checkpoint }[] = [];
  private noted = 0;

  constructor(
    public oldest: Checkpoint,
    private readonly clock: Clock,
  ) {}

  /** Returns one that is to be noted now, if there is. */
  add(checkpoint: Checkpoint): Checkpoint | undefined {
    const now = this.clock.now();
    this.waiting.push({ at: now, checkpoint });
    while (this.waiting[0] && this.waiting[0].at <= now - MAY_BE_LOST)
      this.oldest = this.waiting.shift()?.checkpoint ?? this.oldest;
    if (now - this.noted < NOTED_EVERY) return undefined;
    this.noted = now;
    return this.oldest;
  }
}
