import { SEVERITIES, type Severity } from '../acl/lint/finding.js';
import type { LintPage } from '../acl/lint/lint.js';
import type { RepairedFinding } from '../acl/lint/repair.js';
import type { Failure } from '../failure.js';
import { toFailure } from './errors.js';
import type { RecordStream } from './record-stream.js';

export interface LintTotals {
  readonly records: number;
  readonly repaired: number;
  /** What is left, by severity. */
  readonly left: Readonly<Record<Severity, number>>;
}

export interface LintOutcome {
  readonly totals: LintTotals;
  /** One that is already part of the output. */
  readonly failure: Failure | undefined;
}

/**
 * Writes findings as their pages come.
 *
 * @param least findings of less severity are counted, not written
 * @param repair what is to be done about the findings of a page
 * @throws Failure: those of the store, when the output has no place for them
 */
export async function writeFindings(
  pages: AsyncIterable<LintPage>,
  stream: RecordStream<RepairedFinding>,
  least: Severity,
  repair: (page: LintPage) => Promise<readonly RepairedFinding[]>,
): Promise<LintOutcome> {
  let totals: LintTotals = { records: 0, repaired: 0, left: { error: 0, warning: 0, info: 0 } };
  const isShown = ({ severity }: RepairedFinding) =>
    SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);
  try {
    for await (const page of pages) {
      const findings = await repair(page);
      await stream.write(findings.filter(isShown));
      totals = add(totals, page.records, findings);
      if (stream.abandoned) return { totals, failure: undefined };
    }
  } catch (thrown) {
    const failure = toFailure(thrown);
    if (await stream.fail(failure)) return { totals, failure };
    throw failure;
  }
  await stream.end({ totals });
  return { totals, failure: undefined };
}

function add(totals: LintTotals, records: number, findings: readonly RepairedFinding[]): LintTotals {
  const left = findings.filter(({ outcome }) => outcome !== 'repaired');
  const counted = (severity: Severity) =>
    totals.left[severity] + left.filter((finding) => finding.severity === severity).length;
  return {
    records: totals.records + records,
    repaired: totals.repaired + findings.length - left.length,
    left: { error: counted('error'), warning: counted('warning'), info: counted('info') },
  };
}

export function lintSummary({ records, repaired, left }: LintTotals): string {
  const number = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
  const parts = [number(records, 'record'), number(left.error, 'error'), number(left.warning, 'warning')];
  if (left.info > 0) parts.push(`${left.info} more worth knowing (--severity info)`);
  if (repaired > 0) parts.push(`${repaired} repaired`);
  return parts.join(', ');
}
