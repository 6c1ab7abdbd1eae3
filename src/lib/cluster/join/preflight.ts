import type { AdminRpc, CallOptions, NodeView } from '../../admin/rpc.js';
import { DISAGREEMENTS } from '../leave/preflight.js';
import { findProblems } from '../problems/find.js';
import { refuse } from '../refuse.js';
import { type ClusterView, memberOf } from '../view.js';
import type { JoinOptions } from './options.js';

/** Whether it is a member of that cluster already. */
export function checkMembership(joining: NodeView, discoveryNode: string): boolean {
  if (joining.node === discoveryNode) {
    throw refuse(
      'self_join',
      `${joining.node} cannot join itself`,
      'Give the joining node with --on and another member as discovery-node=.',
    );
  }
  if (joining.members.has(discoveryNode)) return true;
  if (joining.members.size <= 1) return false;
  throw refuse(
    'member_of_another_cluster',
    `${joining.node} is a member of another cluster already: ${[...joining.members.keys()].join(', ')}`,
    'A node is joined once, while it is empty. Take it out there, wipe its data, then join.',
  );
}

/** What would make the broker refuse, and what could. */
export function refuseAndWarn(
  joining: NodeView,
  view: ClusterView,
  { discoveryNode }: Pick<JoinOptions, 'discoveryNode'>,
): string[] {
  const { counters, version } = joining;
  const held = counters
    ? [
        [counters.online + counters.offline, 'sessions'],
        [counters.subscriptions, 'subscriptions'],
        [counters.retained, 'retained messages'],
      ].flatMap(([count, what]) => (Number(count) > 0 ? [`${count} ${what}`] : []))
    : [];
  if (held.length > 0) {
    throw refuse(
      'non_empty_node',
      `${joining.node}, the joining node, is not empty: it holds ${held.join(', ')}`,
      'Stop it, wipe its data, start it and join before any client uses it.',
    );
  }
  const discovery = memberOf(view, discoveryNode);
  const other = discovery?.own?.version;
  return [
    ...(discovery === undefined
      ? [`${discoveryNode} is not known here; whether ${joining.node} reaches it will show`]
      : []),
    ...(other && version && other !== version
      ? [`${joining.node} runs ${version}, ${discoveryNode} runs ${other}`]
      : []),
  ];
}

/**
 * A join mends no split and brings no dead member back: the cluster that is joined has to be in order, or it can never
 * agree on the new member.
 */
export function refuseUnlessInOrder(
  cluster: ClusterView,
  joining: string,
  { allowDeadMember }: Pick<JoinOptions, 'allowDeadMember'>,
): void {
  // Of dead members one problem names all, and the joining node, just wiped, may be listed among them.
  const [problem] = findProblems(cluster).filter(({ code, nodes }) =>
    code === 'ghost'
      ? nodes.some((name) => name !== joining)
      : DISAGREEMENTS.has(code) && !nodes.includes(joining),
  );
  if (!problem || (problem.code === 'ghost' && allowDeadMember)) return;
  const isDead = problem.code === 'ghost';
  throw refuse(
    isDead ? 'dead_member' : 'cluster_not_in_order',
    `the cluster is not in order, and a join does not mend that: ${problem.message}`,
    isDead ? `${problem.hint} Or join in spite of it with --allow-dead-member.` : problem.hint,
  );
}

/** Measured: an API key is replicated metadata, so the node that has one is not empty and can never join. */
export async function refuseUnlessOpen(
  rpc: AdminRpc,
  joining: NodeView,
  options: CallOptions,
): Promise<void> {
  if (await rpc.isOpen(options)) return;
  throw refuse(
    'api_key_makes_node_non_empty',
    `${joining.node} asks for an API key, and a node that has an API key is not empty: over HTTP it cannot join`,
    'Give the joining node http_module.vmq_http_mgmt_api.auth.mode = noauth on a loopback or firewalled listener and wipe its data before the join (add keys afterwards), or run vmq-admin cluster join on its host before the first key.',
  );
}
