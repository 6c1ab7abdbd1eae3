import { isAbsolute } from 'node:path';
import type { Finding } from '../../conf/lint/finding.js';
import type { LintReport } from '../../conf/lint/lint.js';
import type { Format } from '../render.js';
import { type Note, note, type Table, type View } from '../view.js';

export interface ConfLintReport extends LintReport {
  readonly nodes: readonly string[];
  readonly brokerVersion: string;
}

/** The findings as lines that editors understand, as rows for CSV, and as the document `vmqctl.conf-lint/1`. */
export function confLintView(report: ConfLintReport, format: Format): View {
  const { nodes, brokerVersion, findings, unread } = report;
  return {
    document: { schema: 'vmqctl.conf-lint/1', brokerVersion, nodes, findings, unread },
    // A table for people would be wider than any screen.
    ...(format === 'csv' ? { table: table(findings) } : {}),
    above: [...findings.flatMap(findingNotes), ...unread.map(unreadNote), summary(report)],
  };
}

const table = (findings: readonly Finding[]): Table => ({
  columns: ['Severity', 'Code', 'Nodes', 'File', 'Line', 'Key', 'Message', 'Cure'],
  rows: findings.map(({ severity, code, nodes, file, line, key, message, cure }) => [
    severity,
    code,
    nodes.join(' '),
    file,
    line === null ? '' : String(line),
    key ?? '',
    message,
    cure,
  ]),
});

function findingNotes({ severity, code, nodes, file, line, key, message, cure }: Finding): Note[] {
  const [node = file] = nodes;
  // The path of a file over there does not tell whose it is; that of one here does.
  const place = isAbsolute(file) && !isAbsolute(node) ? `${node}:${file}` : file;
  return [
    note(
      `${place}${line === null ? '' : `:${line}`}: ${severity}: ${key === null ? '' : `${key}: `}${message} [${code}]`,
      severity === 'critical' ? 'bad' : 'warning',
    ),
    note(`  -> ${cure}`, 'dim'),
  ];
}

const unreadNote = ({ node, include }: LintReport['unread'][number]) =>
  note(`${node}: not read: ${include}, which it includes`, 'dim');

function summary({ nodes, findings, brokerVersion }: ConfLintReport): Note {
  const of = `${counted(nodes.length, 'node')}, checked for VerneMQ ${brokerVersion}`;
  if (findings.length === 0) return note(`nothing found: ${of}`, 'good');
  const critical = findings.filter(({ severity }) => severity === 'critical').length;
  const warnings = counted(findings.length - critical, 'warning');
  return note(`${critical} critical, ${warnings}: ${of}`, critical > 0 ? 'bad' : 'warning');
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
