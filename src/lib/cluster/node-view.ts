import { toFailure } from '../admin/failure.js';
import type { Row } from '../admin/rpc.js';
import { Failure } from '../failure.js';
import { didYouMean } from '../suggest.js';
import type { Fleet } from './observe.js';
import { lookAround } from './reach.js';
import { type ClusterView, memberOf } from './view.js';

/**
 * The rows of one node's own `cluster show`, in its own order.
 *
 * @throws Failure when no such node is known, or it does not answer
 */
export async function nodeViewOf(fleet: Fleet, node: string, signal?: AbortSignal): Promise<Row[]> {
  const view = await lookAround(fleet, signal);
  const address = addressOf(view, node);
  const reply = await fleet
    .rpc(address)
    .call({ words: ['cluster', 'show'] }, { deadline: fleet.deadline, signal });
  if (reply.outcome !== 'done') throw toFailure(address, reply);
  return reply.elements.flatMap((element) => (element.type === 'table' ? [...element.rows] : []));
}

/**
 * Where a member's admin RPC answered.
 *
 * @throws Failure (usage) for an unknown node; for one that does not answer, its own failure
 */
export function addressOf(view: ClusterView, node: string): string {
  const member = memberOf(view, node);
  if (member?.address) return member.address;
  const names = view.members.map(({ name }) => name);
  if (member) {
    const silent = view.unreachable.find((one) => one.node === node);
    const { kind = 'unreachable', code = 'unreachable', hint } = silent?.failure ?? {};
    const why = silent ? `: ${silent.error}` : '';
    throw new Failure(kind, code, `${node} does not answer here${why}`, {
      hint: hint ?? 'If it is reached at another address, name it with another --node URL.',
    });
  }
  throw new Failure('usage', 'unknown_node', `no node sees a member ${node}${didYouMean(node, names)}`, {
    hint:
      names.length > 0 ? `The members are: ${names.join(', ')}.` : 'No node answered. Check the --node URLs.',
  });
}
