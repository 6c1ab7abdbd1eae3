import type { NodeConfiguration } from '../configuration.js';
import { type BrokerVersion, NEWEST_VERSION } from '../versions.js';
import { lintAccess } from './access-rules.js';
import { lintTogether } from './cluster-rules.js';
import { lintFiles } from './file-rules.js';
import type { Finding } from './finding.js';
import { isLoopbackHost, lintNetwork } from './network-rules.js';
import { Node } from './node.js';
import { lintRunning } from './running-rules.js';

export interface LintOptions {
  /** The version whose keys and values count. Default: the newest that is known. */
  readonly brokerVersion?: BrokerVersion;
}

export interface LintReport {
  /** Critical ones first, then by node, file and line. */
  readonly findings: readonly Finding[];
  /** What was named by an `include` line and not read, by node. */
  readonly unread: readonly { readonly node: string; readonly include: string }[];
}

/** Looks through the configurations of all nodes of one cluster: each by itself, then side by side. */
export function lintCluster(nodes: readonly NodeConfiguration[], options: LintOptions = {}): LintReport {
  const { brokerVersion = NEWEST_VERSION } = options;
  const read = nodes.map((configuration) => new Node(configuration, brokerVersion));
  const local = isOnOneMachine(read);
  const findings = read.flatMap((node) => [
    ...lintFiles(node),
    ...lintNetwork(node, local),
    ...lintRunning(node),
    ...lintAccess(node),
  ]);
  return {
    findings: [...findings, ...lintTogether(read)].sort(bySeverity),
    unread: read.flatMap(({ origin, unread }) => unread.map((include) => ({ node: origin, include }))),
  };
}

/** A single node, or a cluster of nodes that differ in their names but not in their machine. */
function isOnOneMachine(nodes: readonly Node[]): boolean {
  const names = new Set(nodes.map((node) => node.value('nodename')));
  return (
    nodes.length === 1 || (names.size === nodes.length && nodes.every(({ host }) => isLoopbackHost(host)))
  );
}

/** A stable sort: within a severity the order of nodes, files and rules is kept. */
const bySeverity = (one: Finding, other: Finding): number => rank(one) - rank(other);
const rank = ({ severity }: Finding) => (severity === 'critical' ? 0 : 1);
