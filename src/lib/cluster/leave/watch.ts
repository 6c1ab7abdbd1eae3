import type { NodeCounters, QueueSummary } from '../../admin/rpc.js';
import { type ClusterView, memberOf } from '../view.js';
import type { LeaveProgress } from './events.js';

/** Milliseconds without any movement after which a leave that we cannot hear from counts as stopped. */
export const STALL = 30_000;

/** Milliseconds that a leaving node may be listed as not running before it counts as dead. */
export const DEATH = 15_000;

/** What the watch knows when it starts: what there was to move. */
export interface WatchStart {
  readonly node: string;
  readonly survivors: readonly string[];
  readonly sentAt: number;
  /** The node's `queue_out` when it was sent, if it was known. */
  readonly queueOut: number | undefined;
  readonly total: { readonly queues: number; readonly messages: number };
}

/** What only some ways in can tell. */
export type Told = Pick<LeaveProgress, 'migrated' | 'states'>;

const NOTHING_TOLD: Told = { migrated: null, states: null };

/**
 * Whether every member that stays has a view of its own in which the node is no longer listed. One that has itself
 * gone or died since cannot disagree; at least one has to agree.
 */
export function hasDeparted(view: ClusterView, node: string, survivors: readonly string[]): boolean {
  const asked = survivors
    .map((name) => memberOf(view, name))
    .filter((member) => member !== undefined && (member.own !== null || member.running !== 'no'));
  return asked.length > 0 && asked.every((member) => member?.own && !member.own.members.has(node));
}

/** Follows the counters of a leaving node. Pure but for what it remembers; the caller brings views and time. */
export class LeaveWatch {
  private lastSeen = '';
  private movedAt: number;
  private downSince: number | undefined;
  private lastStates: QueueSummary | undefined;

  constructor(
    private readonly start: WatchStart,
    now: number,
  ) {
    this.movedAt = now;
  }

  /** @param told what the broker and the leaving node have said besides */
  look(view: ClusterView, now: number, told: Told = NOTHING_TOLD): LeaveProgress {
    const { node, sentAt, queueOut, total } = this.start;
    const member = memberOf(view, node);
    const counters = member?.own?.counters ?? null;
    this.downSince = member?.running === 'no' && member.own === null ? (this.downSince ?? now) : undefined;
    this.noteMovement(this.fingerprint(counters, told, now), now);
    const moved = counters && queueOut !== undefined ? counters.queueOut - queueOut : null;
    return {
      elapsed: now - sentAt,
      sessions: counters?.online ?? null,
      queues: { left: counters ? counters.online + counters.offline : null, total: total.queues },
      messages: { moved: moved === null ? null : Math.min(moved, total.messages), total: total.messages },
      ...told,
      blind: undefined,
    };
  }

  /** Milliseconds since the counters last moved. */
  stillFor(now: number): number {
    return now - this.movedAt;
  }

  /** A node that leaves is forgotten before it stops; one that is still listed and runs for nobody has died. */
  hasDied(now: number): boolean {
    return this.downSince !== undefined && now - this.downSince > DEATH;
  }

  /** What differs once something has moved. Stored messages do not count: clients publish to offline queues as ever. */
  private fingerprint(counters: NodeCounters | null, { migrated, states }: Told, now: number): string {
    // What cannot be seen may well move.
    const seen = counters ? [counters.online, counters.offline, counters.queueOut] : [`unseen at ${now}`];
    if (states) this.lastStates = states;
    const { online, waitingForOffline, draining, offline } = this.lastStates ?? {};
    return JSON.stringify([seen, migrated, online, waitingForOffline, draining, offline]);
  }

  private noteMovement(seen: string, now: number): void {
    if (seen !== this.lastSeen) this.movedAt = now;
    this.lastSeen = seen;
  }
}
