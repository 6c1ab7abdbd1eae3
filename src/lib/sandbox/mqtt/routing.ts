import type { AedesPublishPacket, Client } from 'aedes';
import type { SimulatedNode } from '../node/node.js';
import { isSame } from '../node/session.js';
import { isForClient } from './shared.js';

type QoS = AedesPublishPacket['qos'];

/** aedes tells itself of clients and subscriptions in messages of its own. */
const isInternal = ({ topic }: { readonly topic: string }) => topic.startsWith('$SYS/');

/** Puts a message into the queue of every persistent session that it reaches, on all members. */
export function enqueueEverywhere(node: SimulatedNode, packet: AedesPublishPacket): void {
  for (const { sessions } of node.world.visibleMembers(node)) {
    for (const [clientId, granted] of sessions.match(packet.topic)) {
      const qos = lower(granted, packet.qos);
      if (qos > 0 && sessions.get(clientId)?.clean === false) sessions.enqueue(clientId, { ...packet, qos });
    }
  }
}

/** A subscription limits what comes by it. */
const lower = (granted: number, published: QoS): QoS =>
  granted >= published ? published : granted === 1 ? 1 : 0;

/** A client's message was accepted: it is counted, and the other members pass it on to their clients. */
export function publishedByClient(
  node: SimulatedNode,
  packet: AedesPublishPacket,
  client: Client | null,
): void {
  if (isInternal(packet) || !client || !node.isRunning) return;
  node.counters.msg_in++;
  node.counters.matches_local += countQueued(node, packet);
  for (const member of node.world.visibleMembers(node)) {
    if (member === node) continue;
    node.counters.matches_remote += countQueued(member, packet);
    void member.deliver(packet);
  }
}

/**
 * A message is about to go out to a client of this node.
 *
 * @returns null when it goes out already, with the rest of the client's queue, or to another one of its group
 */
export function forward(
  node: SimulatedNode,
  client: Client,
  packet: AedesPublishPacket,
): AedesPublishPacket | null {
  if (isInternal(packet)) return packet;
  if (!isForClient(node, client.id, packet)) return null;
  // What comes out of the queue has its identifier, what was just published has none yet.
  const queued = node.sessions.get(client.id)?.messages.find((one) => isSame(one, packet));
  if (packet.messageId === undefined && queued?.messageId !== undefined) return null;
  node.counters.queue_out++;
  node.counters.msg_out++;
  return packet;
}

/** How many queues of the node the message goes into. An offline queue takes none of QoS 0. */
function countQueued(node: SimulatedNode, { topic, qos }: AedesPublishPacket): number {
  const into = [...node.sessions.match(topic)].filter(
    ([clientId, granted]) => node.sessions.get(clientId)?.peer || Math.min(qos, granted) > 0,
  );
  node.counters.queue_in += into.length;
  return into.length;
}
