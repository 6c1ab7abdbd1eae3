import type { QueueTotals } from '../queues.js';

/**
 * The phases of a staged leave, in their order; preflight comes before there is a state.
 * - `suspend`: its MQTT listeners stop accepting. Reversible.
 * - `drain`: its clients go by themselves.
 * - `disconnect`: the others are sent away in batches.
 * - `migrate`: the broker's own `-k`: the rest is killed, the queues move.
 * - `depart`: nothing is left on it; the members forget it.
 * - `verify`: nobody lists it any more; the account is taken.
 */
export const PHASES = ['suspend', 'drain', 'disconnect', 'migrate', 'depart', 'verify'] as const;
export type Phase = (typeof PHASES)[number];

/** Where a leave can be besides: going back, or over. */
export type Stand = Phase | 'restore' | 'done' | 'aborted';

/** How a listener is named to be started again. */
export interface ListenerKey {
  readonly address: string;
  readonly port: number;
}

export interface StagedOptions {
  /** Milliseconds that clients get to go by themselves. */
  readonly grace: number;
  /** The drain is over when so few are left. */
  readonly untilSessions: number;
  /** Sessions per second that are sent away; undefined leaves all of them to the broker. */
  readonly rate: number | undefined;
  /** Nobody is sent away while a member that stays has more sessions than this. */
  readonly survivorSessions: number | undefined;
  /** The `-k` does not wait for members that are suspended as well. */
  readonly besideSuspended?: boolean | undefined;
  /** Seconds: `-i` and `-t` of the broker. */
  readonly interval: number | undefined;
  readonly timeout: number | undefined;
}

/** A step that was begun, and whether its answer has come. */
export interface Sent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Code of the answer; undefined while none has come, or where the process that waited for it has ended. */
  readonly answer?: string;
}

/** A picture of what moves, and when it was first like that. */
export interface Movement {
  readonly seen: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What is taken stock of besides the queues: messages that each member that stays has delivered since its start. */
export type Delivered = Readonly<Record<string, number>>;

/** All that a staged leave needs to go on, in whatever process; on disk before each step. It holds no secret. */
export interface StagedState {
  readonly stand: Stand;
  /** Milliseconds since the epoch, when it came to stand there. */
  readonly since: number;
  readonly startedAt: number;
  readonly node: string;
  /** URL of the node, if it is known: it is not to be found any more once it has left. */
  readonly address: string | null;
  readonly survivors: readonly string[];
  /** URLs of theirs: the leaving node may be the only one that the operator has given, and will be gone. */
  readonly addresses?: readonly string[] | undefined;
  /** Members that stay and could not be asked from the beginning, by the operator's consent. */
  readonly unasked?: readonly string[] | undefined;
  readonly options: StagedOptions;
  /** The MQTT listeners that served before. */
  readonly listeners: readonly ListenerKey[];
  /** The persistent queues of the node before anything was changed. */
  readonly total: QueueTotals;
  /** Its count of messages sent out of its queues, at the start. */
  readonly queueOut: number | undefined;
  /** What the members that stay had delivered by then, or later when the `-k` was sent. */
  readonly delivered?: Delivered | undefined;
  /** Picked up by an operator: listeners that serve again are theirs to suspend again. */
  readonly mayResuspend?: boolean | undefined;
  readonly suspended?: Sent | undefined;
  readonly left?: Sent | undefined;
  readonly restored?: Sent | undefined;
  /** Sessions that were sent away, and when the last of them were. */
  readonly disconnected: number;
  readonly lastBatchAt?: number | undefined;
  /** Sessions of the members that stay before any was sent away. */
  readonly base?: number | undefined;
  /** What changed last, and when: what stands still for long is stuck. */
  readonly moved?: Movement | undefined;
  /** The most sessions that the members that stay had together, and since when it is no more. */
  readonly taken?: { readonly sessions: number; readonly at: number } | undefined;
  /** Since when all members that stay have been there. */
  readonly wholeSince?: number | undefined;
  /** Since when nobody sees the node running. */
  readonly downSince?: number | undefined;
}

/**
 * The same leave, picked up by another process: nobody waits for an answer any more, and nothing has been seen to stand
 * still. What does no harm twice is sent again; the broker's `-k` is not.
 */
export const resumed = ({ stand, suspended, restored, ...state }: StagedState): StagedState => ({
  ...state,
  stand,
  suspended: stand === 'suspend' ? undefined : suspended,
  restored: undefined,
  mayResuspend: true,
  moved: undefined,
  downSince: undefined,
  wholeSince: undefined,
  taken: undefined,
});

/** The same leave at its next stand. */
export const at = (state: StagedState, stand: Stand, now: number): StagedState => ({
  ...state,
  stand,
  since: now,
  moved: undefined,
});
