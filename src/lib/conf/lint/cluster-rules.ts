import { createHash } from 'node:crypto';
import { critical, type Finding } from './finding.js';
import { isLoopbackHost } from './network-rules.js';
import type { Node } from './node.js';

/** What the nodes of one cluster must have in common, and what not. */
export function lintTogether(nodes: readonly Node[]): Finding[] {
  return [
    ...unequal(
      nodes,
      'distributed_cookie',
      'cookies_differ',
      'the nodes do not have the same cookie',
      'Nodes of different cookies do not see each other. Write the same into all.',
      hash,
    ),
    ...unequal(
      nodes,
      'metadata_plugin',
      'metadata_plugins_differ',
      'the nodes do not have the same metadata_plugin',
      'The two do not understand each other. Write the same into all.',
    ),
    ...unequal(
      nodes,
      'vmq_swc.swc_groups',
      'swc_groups_differ',
      'the nodes do not have the same vmq_swc.swc_groups',
      'They do not replicate to each other. Write the same into all; a node that has data keeps its own.',
    ),
    ...lintNames(nodes),
    ...lintAddresses(nodes),
  ];
}

/** What is compared is never told, for it may be a secret: only who has the same. */
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

function unequal(
  nodes: readonly Node[],
  key: string,
  code: string,
  message: string,
  cure: string,
  identify: (value: string) => string = (value) => value,
): Finding[] {
  const groups = grouped(nodes, (node) => {
    const value = node.value(key);
    return value === undefined ? undefined : identify(value);
  });
  const [first, second] = [...groups.values()];
  const [odd] = second ?? [];
  if (!first || !odd) return [];
  const sides = [...groups.values()].map((group) => group.map(({ origin }) => origin).join(', ')).join(' / ');
  return [
    about(
      [odd, ...nodes.filter((node) => node !== odd)],
      critical(code, odd.place(key), `${message}: ${sides}`, cure),
    ),
  ];
}

function lintNames(nodes: readonly Node[]): Finding[] {
  return [...grouped(nodes, (node) => node.value('nodename'))].flatMap(([name, group]) => {
    const [, second] = group;
    if (!second) return [];
    return [
      about(
        group.toReversed(),
        critical(
          'same_node_name',
          second.place('nodename'),
          `${group.length} nodes are called ${name}: ${origins(group)}; the others take them for one`,
          'Give each a name of its own.',
        ),
      ),
    ];
  });
}

function lintAddresses(nodes: readonly Node[]): Finding[] {
  const listeners = nodes.flatMap((node) =>
    ['vmq', 'vmqs'].flatMap((kind) =>
      node.listeners(kind).map(({ host, port, place }) => ({ node, host, port, place })),
    ),
  );
  return listeners.flatMap(({ node, host, port, place }) => {
    const owner = nodes.find(
      (other) => other !== node && other.host === host && node.host !== host && !isLoopbackHost(host),
    );
    if (owner)
      return [
        about(
          [node, owner],
          critical(
            'cluster_listener_of_other_node',
            place,
            `${host} is the address of ${owner.origin}: messages for this node go there`,
            'Write the address of this node.',
          ),
        ),
      ];
    const same = listeners.find((other) => other.host === host && other.port === port);
    if (!same || same.node === node || /^[0:.]+$/.test(host)) return [];
    return [
      about(
        [node, same.node],
        critical(
          'same_cluster_address',
          place,
          `${same.node.origin} has ${host}:${port} too: messages for one go to the other`,
          'Give each node an address of its own.',
        ),
      ),
    ];
  });
}

function grouped(nodes: readonly Node[], by: (node: Node) => string | undefined): Map<string, Node[]> {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const value = by(node);
    if (value !== undefined) groups.set(value, [...(groups.get(value) ?? []), node]);
  }
  return groups;
}

const origins = (nodes: readonly Node[]) => nodes.map(({ origin }) => origin).join(', ');
const about = (nodes: readonly Node[], finding: Finding): Finding => ({
  ...finding,
  nodes: nodes.map(({ origin }) => origin),
});
