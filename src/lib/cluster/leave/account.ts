import type { Queue } from '../queues.js';
import { queueKey, queuesOn, totalsOf } from '../queues.js';

/** Queues and messages of a node that left, before and after. */
export interface Account {
  readonly before: { readonly queues: number; readonly messages: number };
  /** The same clients' queues, found on the survivors. */
  readonly after: { readonly queues: number; readonly messages: number };
  /** Clients whose queue is on no survivor. */
  readonly missing: readonly {
    readonly mountpoint: string;
    readonly clientId: string;
    readonly messages: number;
  }[];
  /** Clients that are offline and have fewer messages waiting than before. */
  readonly fewer: readonly {
    readonly mountpoint: string;
    readonly clientId: string;
    readonly before: number;
    readonly after: number;
  }[];
  /** Queues whose clients have come back on a survivor: their messages are being delivered. */
  readonly backOnline: number;
  /** Messages that wait for these no more. */
  readonly taken: number;
  /** Where the queues went. */
  readonly placed: Readonly<Record<string, number>>;
}

/**
 * Finds every persistent queue of the node again. A clean session has nothing to keep and is not in the account.
 */
export function takeAccount(node: string, before: readonly Queue[], after: readonly Queue[]): Account {
  const mine = queuesOn(before, node).filter(({ clean }) => !clean);
  const found = new Map(
    after.filter((queue) => queue.node !== node).map((queue) => [queueKey(queue), queue]),
  );
  const pairs = mine.map((old) => ({ old, now: found.get(queueKey(old)) }));
  const kept = pairs.flatMap(({ now }) => (now ? [now] : []));
  return {
    before: totalsOf(mine),
    after: totalsOf(kept),
    missing: pairs
      .filter(({ now }) => now === undefined)
      .map(({ old: { mountpoint, clientId, messages } }) => ({ mountpoint, clientId, messages })),
    fewer: pairs.flatMap(({ old, now }) =>
      now && !now.online && now.messages < old.messages
        ? [{ mountpoint: old.mountpoint, clientId: old.clientId, before: old.messages, after: now.messages }]
        : [],
    ),
    backOnline: kept.filter(({ online }) => online).length,
    taken: pairs.reduce(
      (sum, { old, now }) => (now?.online ? sum + Math.max(0, old.messages - now.messages) : sum),
      0,
    ),
    placed: countByNode(kept),
  };
}

function countByNode(queues: readonly Queue[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { node } of queues) counts[node] = (counts[node] ?? 0) + 1;
  return counts;
}
