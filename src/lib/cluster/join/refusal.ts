import { toFailure } from '../../admin/failure.js';
import type { AdminReply } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import { type ClusterView, memberOf } from '../view.js';

const WIPE = 'Stop it, wipe its data, start it and join before any client uses it.';

/**
 * Why the broker has refused a join. Over Erlang distribution and SSH it gives a reason, and names the wrong node with it
 * (vernemq.md P7); over HTTP it gives none, and what can be seen from here has to tell. Pure.
 *
 * @param on address of the joining node
 * @param before what was seen before the join was sent
 */
export function explainRefusal(
  reply: AdminReply,
  {
    on,
    joining,
    discoveryNode,
  }: { readonly on: string; readonly joining: string; readonly discoveryNode: string },
  before: ClusterView,
): Failure {
  const isSeen = memberOf(before, discoveryNode)?.own != null;
  switch (reply.code) {
    case 'non_empty_node':
      return new Failure(
        'failed',
        'non_empty_node',
        `${joining}, the joining node, is not empty, whatever node the broker names: it has or had clients, retained messages, API keys or an earlier membership`,
        { hint: WIPE },
      );
    case 'not_reachable':
      return new Failure('failed', 'not_reachable', `${joining} cannot reach ${discoveryNode}`, {
        hint: linkHint(joining, discoveryNode, isSeen),
      });
    case 'join_refused':
      return new Failure(
        'failed',
        'join_refused',
        `${joining} refused to join ${discoveryNode}, and gives no reason over HTTP`,
        {
          hint: `Either ${joining} (the joining node) is not empty, which it checks first: ${WIPE.toLowerCase()} Or it cannot reach ${discoveryNode}. ${linkHint(joining, discoveryNode, isSeen)} Over erl:// or ssh:// the broker says which.`,
        },
      );
    default:
      return toFailure(on, reply);
  }
}

/** A node that answers here and not there is up: what lies between the two is wrong. */
const linkHint = (joining: string, discoveryNode: string, isSeen: boolean) =>
  isSeen
    ? `${discoveryNode} answers here, so it runs: compare distributed_cookie in vernemq.conf of both, and check that ${joining} resolves its name and reaches its ports (4369 and the distribution range).`
    : `${discoveryNode} is not known here: check its spelling, that it runs, and its cookie and Erlang ports (4369 and the distribution range).`;
