import { Failure } from '../../failure.js';
import { didYouMean } from '../../suggest.js';
import { addressOf } from '../node-view.js';
import { refuse } from '../refuse.js';
import type { ClusterView } from '../view.js';
import { sessionsOf } from './load.js';
import type { RollPlan } from './state.js';
import { findTrouble } from './trouble.js';

/**
 * The nodes in their order: as they were named, or all members by name. Pure.
 *
 * @throws Failure (safety): refused, nothing was changed; usage for a node that is no member
 */
export function planRoll(view: ClusterView, named: readonly string[]): RollPlan {
  const members = view.members.map(({ name }) => name);
  const stranger = named.find((node) => !members.includes(node));
  if (stranger !== undefined) throw unknownNode(stranger, members);
  if (members.length < 2) throw lastNode(members[0]);
  const [problem, ...more] = findTrouble(view);
  if (problem)
    throw refuse(
      'cluster_in_trouble',
      `the cluster is not healthy: ${[problem, ...more].map(({ message }) => message).join('; ')}`,
      problem.hint,
    );
  const nodes = named.length > 0 ? named : members;
  for (const node of nodes) addressOf(view, node);
  return { nodes, addresses: addressesOf(view), sessions: sessionsOf(view) };
}

/** Where the members answered. */
export const addressesOf = (view: ClusterView): Readonly<Record<string, string>> =>
  Object.fromEntries(
    view.members.flatMap(({ name, address }) => (address === null ? [] : [[name, address]])),
  );

const unknownNode = (node: string, members: readonly string[]) =>
  new Failure(
    'usage',
    'unknown_node',
    `${node} is not a member of this cluster${didYouMean(node, members)}`,
    {
      hint: `The members are: ${members.join(', ')}.`,
    },
  );

const lastNode = (node: string | undefined) =>
  refuse(
    'last_node',
    `${node} is the only node: while it restarts there is no other that could take its clients`,
    'Restart it by hand, at a time when nobody misses it.',
  );
