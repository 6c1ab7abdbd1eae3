import { parseStatus } from '../../src/lib/admin/http/status.js';
import type { Observation } from '../../src/lib/cluster/view.js';
import { goldenFile } from './golden.js';

export interface Snapshot {
  readonly t_s: number;
  readonly label?: string;
  readonly nodes: Readonly<
    Record<
      string,
      {
        readonly statusJson?: { readonly status?: number; readonly body?: unknown; readonly error?: string };
        /** `cluster show` over HTTP, and as vmq-admin on the node's own host answered it. */
        readonly http?: { readonly status?: number | null; readonly body?: unknown; readonly error?: string };
        readonly cli?: { readonly stdout?: unknown; readonly stderr?: string };
      }
    >
  >;
}

export interface Scenario {
  readonly id: string;
  readonly how: string;
  readonly snapshots: readonly Snapshot[];
  readonly logKeyLines: Readonly<
    Record<string, readonly { readonly line: string; readonly times: number }[]>
  >;
}

export const scenarios = (file: 'splitview.json' | 'splitview-2.2.0.json') =>
  (goldenFile(file) as { scenarios: Scenario[] }).scenarios;

/** What a look at all three nodes would have brought at the time of a snapshot. */
export function observationsOf({ nodes }: Snapshot): Observation[] {
  return Object.entries(nodes).map(([node, { statusJson }]) => {
    const address = `http://127.0.0.1:888${node.slice(-11, -10)}`;
    const reply = statusJson?.status === 200 ? parseStatus(JSON.stringify(statusJson.body)) : undefined;
    if (reply) return { address, ...reply, partial: false };
    return { address, expected: node, error: statusJson?.error ?? 'no answer' };
  });
}
