import type { Severity } from '../../acl/lint/finding.js';
import type { RepairedFinding, RepairOutcome } from '../../acl/lint/repair.js';
import type { RecordShape } from '../record-shape.js';
import { cell, type Tone } from '../view.js';

const TONES: Readonly<Record<Severity, Tone>> = { error: 'bad', warning: 'warning', info: 'dim' };

const SAID: Readonly<Record<RepairOutcome, string>> = {
  repaired: 'repaired',
  'would-repair': 'would be repaired',
  taken: 'not repaired: there is a record under that key already',
  'changed-meanwhile': 'not repaired: it was changed meanwhile',
};

const fixText = ({ fix, outcome }: RepairedFinding): string => (outcome === undefined ? fix : SAID[outcome]);

/** Findings, each line by itself; the document is `vmqctl.acl-lint/1`. */
export const lintShape: RecordShape<RepairedFinding> = {
  columns: ['Severity', 'Rule', 'Key', 'Field', 'Finding', 'Fix'],
  row: (finding) => [
    cell(finding.severity, TONES[finding.severity]),
    finding.rule,
    finding.key,
    finding.field ?? '',
    finding.message,
    fixText(finding),
  ],
  csvColumns: ['severity', 'rule', 'key', 'field', 'message', 'fix', 'outcome'],
  csvRow: ({ severity, rule, key, field = '', message, fix, outcome = '' }) => [
    severity,
    rule,
    key,
    field,
    message,
    fix,
    outcome,
  ],
  schema: 'vmqctl.acl-lint/1',
  member: 'findings',
  entry: ({ severity, rule, key, name, field, message, fix, repair, outcome }) => ({
    severity,
    rule,
    key,
    ...name,
    field: field ?? null,
    message,
    fix,
    repairable: repair !== undefined,
    outcome: outcome ?? null,
  }),
};
