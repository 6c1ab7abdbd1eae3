import type { ClusterView } from '../view.js';
import { list, type Problem } from './problem.js';
import { groups, lists } from './relations.js';

export function separateClusters(view: ClusterView): Problem[] {
  const clusters = groups(view.observers, (one, other) => lists(view, one, other) || lists(view, other, one));
  if (clusters.length < 2) return [];
  return [
    {
      code: 'separate_clusters',
      severity: 'error',
      message: `these are ${clusters.length} clusters that do not know each other: ${clusters.map(list).join(' | ')}`,
      hint: 'Join them with vmqctl cluster join discovery-node=NODE --on URL, where URL is the joining, empty node.',
      nodes: view.observers,
    },
  ];
}

/** Nodes of one cluster whose member lists are not the same: a wiped, an expelled or a lagging node. */
export function membershipDiffers(view: ClusterView): Problem[] {
  const others = (node: string) => view.observers.filter((other) => other !== node);
  const listedBy = (node: string) => others(node).filter((other) => lists(view, other, node));
  const listOf = (node: string) => others(node).filter((other) => lists(view, node, other));
  const expelled = view.observers.filter((node) => listedBy(node).length === 0 && listOf(node).length > 0);
  const wiped = view.observers.filter((node) => listOf(node).length === 0 && listedBy(node).length > 0);
  // One lists the other, which lists itself alone: from two views nobody can tell which of them is out of date.
  const pairs = expelled.flatMap((node) => {
    const [other, ...more] = listOf(node);
    return other !== undefined && more.length === 0 && wiped.includes(other) && listedBy(other).length === 1
      ? [[node, other] as const]
      : [];
  });
  const isPaired = (node: string) => pairs.some((pair) => pair.includes(node));
  const lagging = view.observers
    .filter((node) => !wiped.includes(node))
    .flatMap((node) => {
      const unlisted = listedBy(node).filter(
        (other) => !lists(view, node, other) && !expelled.includes(other),
      );
      return unlisted.length > 0 ? [shorterList(node, unlisted)] : [];
    });
  return [
    ...pairs.map(([one, other]) => oneWay(one, other)),
    ...wiped.filter((node) => !isPaired(node)).map((node) => wipedNode(node, listedBy(node))),
    ...expelled.filter((node) => !isPaired(node)).map((node) => expelledNode(node, listOf(node))),
    ...lagging,
  ];
}

/** A node is a member of its own cluster, whatever else it knows. */
export function notListingItself(view: ClusterView): Problem[] {
  return view.observers
    .filter((node) => !lists(view, node, node))
    .map((node) => ({
      code: 'not_listing_itself',
      severity: 'error',
      message: `${node} does not list itself as a member: it is being taken out, or its membership data is damaged`,
      hint: `Look again in 20 s. If this lasts, restart ${node} and look again; do not join or leave anything before.`,
      nodes: [node],
    }));
}

const oneWay = (one: string, other: string): Problem => ({
  code: 'one_sided_membership',
  severity: 'error',
  message: `${one} lists ${other}, which lists itself alone: a join has not arrived yet, or ${other} was wiped, or ${one} was taken out and came back`,
  hint: `If this lasts longer than 20 s, find out which before you wipe anything: the one that holds the sessions and queues is the one to keep. Then wipe the other and join it again.`,
  nodes: [one, other],
});

const wipedNode = (node: string, others: readonly string[]): Problem => ({
  code: 'wiped_node',
  severity: 'error',
  message: `${node} lists itself alone, though ${list(others)} ${others.length === 1 ? 'lists' : 'list'} it: its data was wiped, or a join has not arrived yet`,
  hint: `If this lasts longer than 20 s, join it again, while it is still empty: vmqctl cluster join discovery-node=${others[0]} --on the URL of ${node}.`,
  nodes: [node, ...others],
});

const expelledNode = (node: string, others: readonly string[]): Problem => ({
  code: 'expelled_node',
  severity: 'error',
  message: `${node} still lists ${list(others)}, and none of them lists it: it was taken out of the cluster while it ran or was down, or its join has not arrived yet`,
  hint: `If this lasts longer than 20 s after a join, stop ${node}, wipe its data and join it again. Its clients are not part of the cluster.`,
  nodes: [node, ...others],
});

const shorterList = (node: string, unlisted: readonly string[]): Problem => ({
  code: 'membership_differs',
  severity: 'error',
  message: `${node} does not list ${list(unlisted)}, which ${unlisted.length === 1 ? 'lists' : 'list'} it`,
  hint: 'Membership spreads within about 15 s. If this lasts, restart the node with the shorter list.',
  nodes: [node, ...unlisted],
});
