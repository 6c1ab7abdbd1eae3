import type { AedesPublishPacket } from 'aedes';
import { FilterTree } from '../node/filters.js';
import type { SimulatedNode } from '../node/node.js';

/** `$share/GROUP/FILTER` (MQTT 5, 4.8.2, which the broker has for 3.1.1 too): the filter, or undefined for any other. */
export const sharedFilter = (topic: string): string | undefined => /^\$share\/[^/]+\/(.+)$/s.exec(topic)?.[1];

/**
 * Whether a message is for a client by a filter of its own, or as the one of a group whose turn it is. aedes knows no
 * groups: to it, every member has subscribed to the filter by itself.
 */
export function isForClient(node: SimulatedNode, clientId: string, packet: AedesPublishPacket): boolean {
  if (node.sessions.match(packet.topic).has(clientId)) return true;
  return [...node.sessions.subscriptions(clientId).keys()]
    .filter((topic) => matches(sharedFilter(topic), packet.topic))
    .some((group) => nextOf(node, group, packet) === clientId);
}

function matches(filter: string | undefined, topic: string): boolean {
  if (filter === undefined) return false;
  const tree = new FilterTree();
  tree.add(filter, '', 0);
  return tree.match(topic).size > 0;
}

/** All members of the cluster come to the same decision: the message has its number from the node that it came in at. */
function nextOf(
  node: SimulatedNode,
  group: string,
  { brokerCounter }: AedesPublishPacket,
): string | undefined {
  const members = [...node.metadata.subscribers].flatMap(([clientId, { topics }]) =>
    topics.has(group) ? [clientId] : [],
  );
  return members.sort()[brokerCounter % members.length];
}
