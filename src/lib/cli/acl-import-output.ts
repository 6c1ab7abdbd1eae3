import { NO_TOTALS, type RowReport, type Totals } from '../acl/bulk/report.js';
import type { ImportProgress } from '../acl/bulk/run.js';
import type { Failure } from '../failure.js';
import { ImportBar } from './acl-import-progress.js';
import { toFailure } from './errors.js';
import type { RecordStream } from './record-stream.js';
import type { Streams } from './streams.js';

export interface ImportOutcome {
  readonly totals: Totals;
  /** Rows that failed and of which nothing could be kept. */
  readonly unkept: number;
  /** Why it ended early, where the output does not say so already. */
  readonly failure: Failure | undefined;
  /** It ended early, and the output says so. */
  readonly told: Failure | undefined;
}

/** Writes the rows that the operator should know of as they come, and how far the import is. */
export async function writeImport(
  steps: AsyncGenerator<ImportProgress, Totals>,
  stream: RecordStream<RowReport>,
  streams: Streams,
  size: number | undefined,
): Promise<ImportOutcome> {
  const bar = new ImportBar(streams, size);
  let totals = NO_TOTALS;
  let isTold = false;
  let unkept = 0;
  try {
    for await (const progress of steps) {
      totals = progress.totals;
      isTold ||= progress.reports.length > 0;
      unkept += progress.reports.filter(isUnkept).length;
      if (progress.reports.length > 0) await bar.end();
      await stream.write(progress.reports);
      await bar.show(progress);
    }
  } catch (thrown) {
    const failure = toFailure(thrown);
    await bar.end();
    return (await stream.fail(failure))
      ? { totals, unkept, failure: undefined, told: failure }
      : { totals, unkept, failure, told: undefined };
  }
  await bar.end();
  // Where all went well there is nothing to be tabled.
  if (stream.isDocument || isTold) await stream.end({ totals });
  return { totals, unkept, failure: undefined, told: undefined };
}

const isUnkept = ({ outcome, raw }: RowReport): boolean => outcome === 'failed' && raw === undefined;
