import type { Cause } from '../../cluster/check/causes/cause.js';
import type { Change } from '../../cluster/check/changes.js';
import type { Status } from '../../cluster/check/finding.js';
import type { CheckReport, CheckResult } from '../../cluster/check/run.js';
import { printable } from '../printable.js';
import { cell, type Note, note, type Tone, type View } from '../view.js';

export const STATUS_TONES: Readonly<Record<Status, Tone>> = {
  ok: 'good',
  warn: 'warning',
  critical: 'bad',
  unknown: 'dim',
};

/** The causes above, what each check says in the table, and what to do about it below. */
export function clusterCheckView(report: CheckReport): View {
  const { causes, checks } = report;
  return {
    document: checkDocument(report),
    above: causes.flatMap(causeNotes),
    table: {
      columns: ['Check', 'Status', 'Says'],
      rows: checks.map(({ name, status, summary }) => [name, cell(status, STATUS_TONES[status]), summary]),
    },
    below: [...checks.flatMap(checkNotes), conclusion(report)],
  };
}

const checkDocument = ({ status, members, causes, checks }: CheckReport) => ({
  schema: 'vmqctl.cluster-check/1',
  healthy: status !== 'critical',
  status,
  members,
  causes: causes.map(({ look, ...cause }) => ({ ...cause, look: look ?? null })),
  checks: checks.map(({ name, status, summary, evidence, cause, cure, nodes }) => ({
    name,
    status,
    summary,
    evidence: evidence ?? [],
    cause: cause ?? null,
    cure: cure ?? null,
    nodes: nodes ?? [],
  })),
});

const causeNotes = ({ code, certainty, message, because, cure, look }: Cause): Note[] => [
  note(`cause (${certainty}): ${message} [${code}]`, certainty === 'possible' ? 'warning' : 'bad'),
  note(`  because ${because}`),
  note(`  -> ${cure}`, 'dim'),
  ...(look ? [note(`  to be sure: ${look}`, 'dim')] : []),
];

/** What the table has no room for: of what is ok, nothing. */
function checkNotes({ name, status, evidence = [], cause, cure }: CheckResult): Note[] {
  if (status === 'ok') return [];
  const lines = [
    ...evidence.map((line) => note(`  ${line}`)),
    ...(cause ? [note(`  cause: ${cause}`)] : []),
    ...(cure ? [note(`  -> ${cure}`, 'dim')] : []),
  ];
  return lines.length === 0 ? [] : [note(`${name}:`, STATUS_TONES[status]), ...lines];
}

const CONCLUSIONS: Readonly<Record<Status, string>> = {
  ok: 'healthy',
  warn: 'nothing critical',
  critical: 'not healthy',
  unknown: 'nothing critical that can be told from here',
};

function conclusion({ status, checks, members }: CheckReport): Note {
  const count = (wanted: Status) => checks.filter((one) => one.status === wanted).length;
  const parts = (['critical', 'warn', 'unknown', 'ok'] as const)
    .filter((wanted) => count(wanted) > 0)
    .map((wanted) => `${count(wanted)} ${wanted}`);
  const nodes = `${members.length} ${members.length === 1 ? 'node' : 'nodes'}`;
  return note(`${CONCLUSIONS[status]}: ${nodes}, ${parts.join(', ')}`, STATUS_TONES[status]);
}

/** A line of `--watch`: when, what, from what to what. */
export function changeText({ kind, name, before, now, text }: Change, at: Date): string {
  const from = before === undefined ? '' : `${before} -> `;
  return `${printable(`${at.toISOString()} ${kind} ${name}: ${from}${now}: ${text}`)}\n`;
}

export const changeJson = (change: Change, at: Date): string =>
  `${JSON.stringify({ schema: 'vmqctl.cluster-check-change/1', at: at.toISOString(), ...change, before: change.before ?? null })}\n`;
