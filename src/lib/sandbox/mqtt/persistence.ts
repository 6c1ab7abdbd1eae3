import { Readable } from 'node:stream';
import type { AedesPublishPacket, Brokers, PublishPacket, Subscription } from 'aedes';
import { FilterTree } from '../node/filters.js';
import type { SimulatedNode } from '../node/node.js';
import { isSame, type QueuedPacket } from '../node/session.js';
import { enqueueEverywhere } from './routing.js';
import type { MessageStamp } from './stamp.js';

interface ClientRef {
  readonly id: string;
}

type WillPacket = PublishPacket & { brokerId?: string; clientId?: string };

/** aedes' persistence, kept in the node's sessions and in what the cluster replicates. */
export class NodePersistence {
  private readonly incoming = new Map<string, Map<number, QueuedPacket>>();
  private readonly wills = new Map<string, WillPacket>();

  constructor(
    private readonly node: SimulatedNode,
    private readonly stamp: MessageStamp,
  ) {}

  async setup(): Promise<void> {}

  async storeRetained({ topic, payload, qos }: AedesPublishPacket): Promise<void> {
    const bytes = Buffer.from(payload);
    if (bytes.length === 0) this.node.metadata.retained.delete(topic);
    else this.node.metadata.retained.set(topic, { topic, payload: bytes, qos });
    this.node.metadata.touch();
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter]);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    const wanted = new FilterTree();
    for (const filter of filters) wanted.add(filter, '', 0);
    const messages = [...this.node.metadata.retained.values()].filter(
      ({ topic }) => wanted.match(topic).size > 0,
    );
    return Readable.from(messages.map((message) => ({ cmd: 'publish', retain: true, ...message })));
  }

  async addSubscriptions({ id }: ClientRef, subscriptions: readonly Subscription[]): Promise<void> {
    for (const { topic, qos } of subscriptions) this.node.sessions.subscribe(id, topic, qos);
  }

  async removeSubscriptions({ id }: ClientRef, filters: readonly string[]): Promise<void> {
    for (const filter of filters) this.node.sessions.unsubscribe(id, filter);
  }

  async subscriptionsByClient({ id }: ClientRef): Promise<{ topic: string; qos: number }[]> {
    return [...this.node.sessions.subscriptions(id)].map(([topic, qos]) => ({ topic, qos }));
  }

  /** aedes asks this to find out whose queues a message goes into: `outgoingEnqueueCombi` knows that better. */
  async subscriptionsByTopic(): Promise<[]> {
    return [];
  }

  /** A client begins a clean session: what it had before is gone. */
  async cleanSubscriptions({ id }: ClientRef): Promise<void> {
    this.node.sessions.discard(id);
  }

  async outgoingEnqueue({ clientId }: { clientId: string }, packet: AedesPublishPacket): Promise<void> {
    this.node.sessions.enqueue(clientId, { ...packet });
  }

  /**
   * A message of QoS 1 or 2 was published on a node. It goes into all queues of the cluster in one step, so that a queue
   * which moves meanwhile gets it exactly once. Where the other nodes pass it on, it is queued already.
   */
  async outgoingEnqueueCombi(_to: readonly unknown[], packet: AedesPublishPacket): Promise<void> {
    if (this.stamp.isOn(packet)) enqueueEverywhere(this.node, packet);
  }

  /** A packet is about to be sent, or a message of QoS 2 becomes its release. */
  async outgoingUpdate({ id }: ClientRef, packet: QueuedPacket): Promise<void> {
    const queue = this.queue(id);
    const same = queue.find((one) => isSame(one, packet));
    if (same) {
      same.messageId = packet.messageId;
      return;
    }
    const at = queue.findIndex(({ messageId }) => messageId === packet.messageId);
    if (at === -1) throw new Error('no such packet');
    queue[at] = packet;
  }

  async outgoingClearMessageId(
    { id }: ClientRef,
    { messageId }: QueuedPacket,
  ): Promise<QueuedPacket | undefined> {
    const queue = this.queue(id);
    const at = messageId === undefined ? -1 : queue.findIndex((one) => one.messageId === messageId);
    return at === -1 ? undefined : queue.splice(at, 1)[0];
  }

  outgoingStream({ id }: ClientRef): Readable {
    return Readable.from(unsent(this.queue(id)));
  }

  async incomingStorePacket({ id }: ClientRef, packet: QueuedPacket): Promise<void> {
    const packets = this.incoming.get(id) ?? new Map<number, QueuedPacket>();
    if (packet.messageId !== undefined) packets.set(packet.messageId, packet);
    this.incoming.set(id, packets);
  }

  async incomingGetPacket({ id }: ClientRef, { messageId }: QueuedPacket): Promise<QueuedPacket> {
    const packet = messageId === undefined ? undefined : this.incoming.get(id)?.get(messageId);
    if (!packet) throw new Error('no such packet');
    return packet;
  }

  async incomingDelPacket(client: ClientRef, packet: QueuedPacket): Promise<void> {
    const { messageId } = await this.incomingGetPacket(client, packet);
    if (messageId !== undefined) this.incoming.get(client.id)?.delete(messageId);
  }

  async cleanIncoming({ id }: ClientRef): Promise<void> {
    this.incoming.delete(id);
  }

  async putWill({ id }: ClientRef, packet: WillPacket): Promise<void> {
    this.wills.set(id, Object.assign(packet, { clientId: id }));
  }

  async delWill({ id }: ClientRef): Promise<WillPacket | undefined> {
    const will = this.wills.get(id);
    this.wills.delete(id);
    return will;
  }

  /** Wills of other brokers that died: here a node keeps its own only. */
  streamWill(_brokers?: Brokers): Readable {
    return Readable.from([]);
  }

  private queue(clientId: string): QueuedPacket[] {
    return this.node.sessions.get(clientId)?.messages ?? [];
  }
}

/** A message that came while the client connected may be on its way already. */
function* unsent(queue: readonly QueuedPacket[]): Generator<QueuedPacket> {
  for (const packet of [...queue]) {
    if (packet.cmd !== 'publish' || packet.messageId === undefined) yield packet;
  }
}
