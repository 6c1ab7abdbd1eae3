import { randomUUID } from 'node:crypto';
import type { SimulatedNode } from './node.js';
import { MAX_OFFLINE_MESSAGES } from './session.js';

/** Offline queues that are simply there, as if their clients had subscribed, gone, and been published to. */
export interface OfflineQueues {
  readonly queues: number;
  /** In each queue: payloads `0`, `1`, … of QoS 1. What is more than an offline queue holds is dropped. */
  readonly messages: number;
  /** Client ids are this and a number; by default the node's own name comes first, so that no two nodes clash. */
  readonly prefix?: string | undefined;
}

/**
 * Makes persistent sessions whose clients are away, each subscribed to the topic of its client id.
 *
 * @returns the client ids
 * @throws Error when a session of that name is anywhere in the cluster already
 */
export function fillQueues(node: SimulatedNode, { queues, messages, prefix }: OfflineQueues): string[] {
  const start = prefix ?? `${node.name.split('@')[0]}-queue-`;
  const clientIds = Array.from({ length: queues }, (_, index) => `${start}${index}`);
  const known = clientIds.find((clientId) => node.metadata.subscribers.has(clientId));
  if (known !== undefined) throw new Error(`there is a session of ${known} already`);
  const payloads = Array.from({ length: messages }, (_, number) => Buffer.from(String(number)));
  for (const clientId of clientIds) addQueue(node, clientId, payloads);
  return clientIds;
}

function addQueue(node: SimulatedNode, clientId: string, payloads: readonly Buffer[]): void {
  const { sessions, counters } = node;
  const brokerId = randomUUID();
  sessions.adopt(clientId);
  sessions.subscribe(clientId, clientId, 1);
  let brokerCounter = 0;
  for (const payload of payloads) {
    brokerCounter++;
    const common = { topic: clientId, qos: 1, retain: false, dup: false } as const;
    sessions.enqueue(clientId, { cmd: 'publish', ...common, payload, brokerId, brokerCounter });
  }
  counters.msg_in += payloads.length;
  counters.matches_local += payloads.length;
  counters.queue_in += Math.min(payloads.length, MAX_OFFLINE_MESSAGES);
}
