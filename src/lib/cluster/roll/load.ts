import { type ClusterView, estimateQueued } from '../view.js';

/** What a node's counters say of its queues. They begin anew when it restarts. */
export interface Stock {
  readonly queueIn: number;
  readonly queued: number;
}

/** Sessions that are online, as far as anybody knows. */
export const sessionsOf = ({ members }: ClusterView): number =>
  members.reduce((sum, { own }) => sum + (own?.counters?.online ?? 0), 0);

export const stocksOf = ({ members }: ClusterView): Readonly<Record<string, Stock>> =>
  Object.fromEntries(
    members.flatMap(({ name, own }) =>
      own?.counters
        ? [[name, { queueIn: own.counters.queueIn, queued: estimateQueued(own.counters) }] as const]
        : [],
    ),
  );

/**
 * How many more messages wait than before, about. What a node had stored before it was restarted is in its counters no
 * more, and not in this number either: it counts from nothing then.
 */
export function queueGrowth(before: Readonly<Record<string, Stock>>, view: ClusterView): number {
  return Object.entries(stocksOf(view)).reduce((growth, [node, { queueIn, queued }]) => {
    const old = before[node];
    const hasRestarted = old === undefined || queueIn < old.queueIn;
    return growth + queued - (hasRestarted ? 0 : old.queued);
  }, 0);
}

export const sessionsWanted = (before: number, percent: number): number =>
  Math.ceil((before * percent) / 100);
