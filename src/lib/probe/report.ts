import type { Failure } from '../failure.js';
import type { Endpoint } from './endpoints.js';
import type { Pair } from './messages.js';
import { connectionLost } from './refusals.js';
import type { RetainedSight } from './retained.js';
import type { ProbeNode } from './run.js';
import type { SharedDelivery } from './shared.js';
import type { Takeover } from './takeover.js';

/** How a node answered over MQTT. */
export interface ProbedNode {
  readonly node: string;
  readonly url: string | null;
  /** Milliseconds until its client was connected. */
  readonly connectedAfter: number | null;
  /** Why there is no client on it, or none any more; null when all is well. */
  readonly failure: Told | null;
  /** Why it did not take what was published. */
  readonly refused: readonly Told[];
}

/** A failure as data. */
export type Told = Pick<Failure, 'kind' | 'code' | 'message' | 'hint'>;

export const told = ({ kind, code, message, hint }: Failure): Told => ({ kind, code, message, hint });

/** What was measured. What was not tried is null. */
export interface ProbeFindings {
  readonly nodes: readonly ProbedNode[];
  /** Milliseconds until every node knew of every subscription; null when some never did. */
  readonly subscriptionsKnownAfter: number | null;
  readonly rounds: number;
  readonly pairs: readonly Pair[];
  readonly shared: readonly SharedDelivery[] | null;
  readonly retained: readonly RetainedSight[] | null;
  readonly takeovers: readonly Takeover[] | null;
}

/** Something that is not as it should be. */
export interface ProbeProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface ProbeReport extends ProbeFindings {
  readonly id: string;
  readonly protocol: string;
  readonly startedAt: number;
  /** Milliseconds. */
  readonly took: number;
  readonly interrupted: boolean;
  readonly problems: readonly ProbeProblem[];
  /** Why something of ours may still be there. */
  readonly leftBehind: Told | null;
  readonly verdict: Verdict;
}

export type Verdict = 'ok' | 'unhealthy' | 'unreachable' | 'credentials' | 'partial';

/** The worst counts: a refused login says more than the silence that follows from it. */
export function verdictOf(
  { nodes, takeovers }: ProbeFindings,
  problems: readonly ProbeProblem[],
  leftBehind: Told | null,
): Verdict {
  const failures = [
    ...nodes.flatMap(({ failure, refused }) => [...(failure ? [failure] : []), ...refused]),
    ...(takeovers ?? []).flatMap(({ failure }) => failure ?? []),
  ];
  if (failures.some(({ kind }) => kind === 'credentials')) return 'credentials';
  if (nodes.some(({ failure }) => failure?.kind === 'unreachable')) return 'unreachable';
  if (problems.length > 0) return 'unhealthy';
  return leftBehind ? 'partial' : 'ok';
}

/** All members, also those without an address. */
export function probedNodes(endpoints: readonly Endpoint[], nodes: readonly ProbeNode[]): ProbedNode[] {
  return endpoints.map(({ node, url, failure }) => {
    const probed = nodes.find((one) => one.node === node);
    const reason = failure ?? probed?.failure ?? (probed?.client?.isConnected ? null : connectionLost());
    return {
      node,
      url,
      connectedAfter: probed?.took ?? null,
      failure: reason && told(reason),
      refused: [...(probed?.refused.values() ?? [])].map(told),
    };
  });
}
