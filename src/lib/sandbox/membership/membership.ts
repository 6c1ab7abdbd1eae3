import type { SimulatedNode } from '../node/node.js';

export type JoinOutcome = 'done' | 'self_join' | 'non_empty_node' | 'not_reachable';

/** Makes `node` a member of the cluster of another. The members that are there already learn of it by gossip. */
export function join(node: SimulatedNode, discoveryName: string): JoinOutcome {
  if (discoveryName === node.name) return 'self_join';
  if (!node.metadata.isEmpty) return 'non_empty_node';
  const discovery = node.world.find(discoveryName);
  if (!discovery?.isRunning || !node.world.sees(node, discovery)) return 'not_reachable';
  node.metadata = discovery.metadata;
  node.metadata.touch();
  const before = [...discovery.members];
  const { world } = node;
  void world.later(world.timings.joinerSees, () => add(node, before));
  for (const name of before) {
    const member = node.world.find(name);
    // It may have left again by then.
    const tell = () => node.members.includes(name) && member && add(member, [node.name]);
    void world.later(world.timings.gossip, tell);
  }
  return 'done';
}

/** What a fresh sandbox of one cluster is: joined, without anybody having waited. */
export function joinAtOnce(nodes: readonly SimulatedNode[]): void {
  const [first] = nodes;
  for (const node of nodes) {
    if (first) node.metadata = first.metadata;
    add(
      node,
      nodes.map(({ name }) => name),
    );
  }
  if (nodes.length > 1) first?.metadata.touch();
}

/** Takes a name out of one node's list of members. */
export function forget(node: SimulatedNode, name: string): void {
  node.members = node.members.filter((one) => one !== name);
}

/** Ends a membership on every node but the one it is about, which is down or cannot be reached. */
export function expel(node: SimulatedNode, name: string): void {
  const target = node.world.find(name);
  for (const memberName of [...node.members]) {
    const member = node.world.find(memberName);
    if (member && member !== target) forget(member, name);
  }
  // From now on the two keep different histories.
  if (target && target.metadata === node.metadata) target.metadata = node.metadata.clone();
}

function add(node: SimulatedNode, names: readonly string[]): void {
  node.members = [...new Set([...node.members, ...names])];
}
