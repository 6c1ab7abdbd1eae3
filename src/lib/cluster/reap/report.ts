import type { Failure } from '../../failure.js';
import type { ReapedNode, ReapReport } from './events.js';
import type { NodeState, ReapState } from './state.js';

/** What became of each node. */
export function reportOf(
  { nodes, known, recreated }: ReapState,
  survivors: readonly string[],
  facts: { readonly resumed: boolean; readonly took: number; readonly trouble?: Failure | undefined },
): ReapReport {
  const { resumed, took, trouble } = facts;
  return {
    nodes: nodes.map(toReapedNode),
    survivors,
    resumed,
    took,
    recreated: known === null ? null : recreated,
    trouble: trouble ? { code: trouble.code, message: trouble.message, hint: trouble.hint ?? null } : null,
  };
}

const toReapedNode = ({ name, status, recreated }: NodeState): ReapedNode => ({
  node: name,
  removed: !['listed', 'removing', 'rejoined'].includes(status),
  repaired: status === 'repaired',
  back: status === 'rejoined' || status === 'returned',
  recreated,
});
