import type { ListPage, StrayKey } from '../acl/list.js';
import type { ListedRecord } from '../acl/listed-record.js';
import type { Failure } from '../failure.js';
import { toFailure } from './errors.js';
import type { RecordStream } from './record-stream.js';
import { strayText } from './views/acl-list.js';

/** More of them are counted, not named. */
const STRAYS_NAMED = 20;

export interface ListTotals {
  readonly records: number;
  /** Records that are broken, or that the broker would not read as they are meant. */
  readonly withProblems: number;
  readonly strayKeys: number;
}

/**
 * Writes a list of records as its pages come, and says on stderr what is no record.
 *
 * @returns a failure that is already part of the output, or nothing
 * @throws Failure: those of the list, when the output has no place for them
 */
export async function writeList(
  pages: AsyncIterable<ListPage>,
  stream: RecordStream<ListedRecord>,
  tell: (text: string, tone: 'warning' | 'dim') => Promise<void>,
): Promise<Failure | undefined> {
  let totals: ListTotals = { records: 0, withProblems: 0, strayKeys: 0 };
  const named: StrayKey[] = [];
  try {
    for await (const { records, strays } of pages) {
      await stream.write(records);
      totals = add(totals, records, strays);
      named.push(...strays.slice(0, STRAYS_NAMED - named.length));
      if (stream.abandoned) return undefined;
    }
  } catch (thrown) {
    const failure = toFailure(thrown);
    if (await stream.fail(failure)) return failure;
    throw failure;
  }
  await stream.end({ totals });
  for (const stray of named) await tell(`warning: ${strayText(stray)}`, 'warning');
  if (!stream.isDocument) await tell(summary(totals), 'dim');
  return undefined;
}

const add = (
  totals: ListTotals,
  records: readonly ListedRecord[],
  strays: readonly StrayKey[],
): ListTotals => ({
  records: totals.records + records.length,
  withProblems: totals.withProblems + records.filter(({ problems }) => problems.length > 0).length,
  strayKeys: totals.strayKeys + strays.length,
});

function summary({ records, withProblems, strayKeys }: ListTotals): string {
  const counted = [`${records} ${records === 1 ? 'record' : 'records'}`];
  if (withProblems > 0) counted.push(`${withProblems} with problems`);
  if (strayKeys > 0) counted.push(`${strayKeys} ${strayKeys === 1 ? 'key' : 'keys'} that no broker asks for`);
  return counted.join(', ');
}
