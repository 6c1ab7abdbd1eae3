import type { Status } from '../../cluster/check/finding.js';
import type { CheckReport } from '../../cluster/check/run.js';
import type { Failure } from '../../failure.js';

/** Exit codes of a plugin of Nagios (Monitoring Plugins Development Guidelines). */
export const NAGIOS_CODES: Readonly<Record<Status, number>> = { ok: 0, warn: 1, critical: 2, unknown: 3 };
const NAGIOS_WORDS: Readonly<Record<Status, string>> = {
  ok: 'OK',
  warn: 'WARNING',
  critical: 'CRITICAL',
  unknown: 'UNKNOWN',
};

/** One line for the overview, with performance data; then a line for each check that is not ok. */
export function nagiosText({ status, members, causes, checks }: CheckReport): string {
  const bad = checks.filter((check) => check.status === status);
  const said = status === 'ok' ? `${members.length} nodes` : (causes[0]?.message ?? bad[0]?.summary ?? '');
  const counts = (['critical', 'warn', 'unknown'] as const).map(
    (wanted) => `${wanted}=${checks.filter((check) => check.status === wanted).length};;;0;${checks.length}`,
  );
  const lines = checks
    .filter((check) => check.status !== 'ok')
    .map((check) => `${NAGIOS_WORDS[check.status]} ${check.name}: ${check.summary}`);
  return [
    `VERNEMQ ${NAGIOS_WORDS[status]} - ${plain(said)} | ${counts.join(' ')}`,
    ...lines.map(plain),
    '',
  ].join('\n');
}

export function nagiosFailure(failure: Failure): { readonly text: string; readonly code: number } {
  const status = statusOf(failure);
  return {
    text: `VERNEMQ ${NAGIOS_WORDS[status]} - ${plain(failure.message)}\n`,
    code: NAGIOS_CODES[status],
  };
}

/** Behind a bar Nagios takes everything for performance data; and each line is one. */
const plain = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  text.replaceAll('|', '/').replace(/[\u0000-\u001f\u007f]+/g, ' ');

/** For the textfile collector of node_exporter, or whatever reads the text format of Prometheus. */
export function prometheusText({ status, members, causes, checks }: CheckReport): string {
  return [
    ...clusterLines(true, status),
    '# HELP vmqctl_cluster_members Nodes that any node lists.',
    '# TYPE vmqctl_cluster_members gauge',
    `vmqctl_cluster_members ${members.length}`,
    '# HELP vmqctl_check_status 0 ok, 1 warn, 2 critical, 3 unknown.',
    '# TYPE vmqctl_check_status gauge',
    ...checks.map(
      (check) => `vmqctl_check_status{check="${label(check.name)}"} ${NAGIOS_CODES[check.status]}`,
    ),
    '# HELP vmqctl_cause A cause that is behind what the checks say.',
    '# TYPE vmqctl_cause gauge',
    ...causes.map(
      ({ code, certainty, nodes: [node = ''] }) =>
        `vmqctl_cause{code="${code}",certainty="${certainty}",node="${label(node)}"} 1`,
    ),
    '',
  ].join('\n');
}

/** Where there is no report: all that is known is that there was no answer, or that it could not be asked for. */
export const prometheusFailure = (failure: Failure): string =>
  [...clusterLines(false, statusOf(failure)), ''].join('\n');

const clusterLines = (reachable: boolean, status: Status) => [
  '# HELP vmqctl_cluster_reachable Whether any node answered.',
  '# TYPE vmqctl_cluster_reachable gauge',
  `vmqctl_cluster_reachable ${reachable ? 1 : 0}`,
  '# HELP vmqctl_cluster_status What the checks came to: 0 ok, 1 warn, 2 critical, 3 unknown.',
  '# TYPE vmqctl_cluster_status gauge',
  `vmqctl_cluster_status ${NAGIOS_CODES[status]}`,
];

/** A cluster that cannot be reached is down; what is wrong with the call tells nothing of the cluster. */
const statusOf = ({ kind }: Failure): Status => (kind === 'unreachable' ? 'critical' : 'unknown');

const label = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
