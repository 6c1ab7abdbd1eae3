import type { RowReport, Totals } from '../../acl/bulk/report.js';
import type { RecordShape } from '../record-shape.js';
import { cell } from '../view.js';

const TONES = { written: 'plain', unchanged: 'plain', skipped: 'dim', failed: 'bad' } as const;

/** Rows that the operator should know of. Of what stands in them only the record's name is shown. */
export const importShape: RecordShape<RowReport> = {
  columns: ['Line', 'Record', 'Outcome', 'Why'],
  row: ({ line, key, outcome, why }) => [String(line), key ?? '?', cell(outcome, TONES[outcome]), why],
  csvColumns: ['line', 'key', 'outcome', 'why'],
  csvRow: ({ line, key, outcome, why }) => [String(line), key ?? '', outcome, why],
  schema: 'vmqctl.acl-import/1',
  member: 'rows',
  entry: ({ line, key, outcome, why }) => ({ line, key, outcome, why }),
};

/** One line for all rows. */
export function importSummary(totals: Totals, isDryRun: boolean): string {
  const parts = [
    `${totals.written} ${isDryRun ? 'to be written' : 'written'}`,
    `${totals.unchanged} unchanged`,
  ];
  if (totals.skipped > 0) parts.push(`${totals.skipped} skipped`);
  if (totals.failed > 0) parts.push(`${totals.failed} failed`);
  if (totals.repeated > 0) parts.push(`${totals.repeated} came again in a later line`);
  if (totals.relabelled > 0) parts.push(`${totals.relabelled} hashes relabelled to $2a$`);
  return parts.join(', ');
}
