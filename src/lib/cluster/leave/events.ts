import type { Classification, QueueSummary } from '../../admin/rpc.js';
import type { LogRecord } from '../../logs/record.js';
import type { Account } from './account.js';
import type { LeavePath, LeavePlan } from './preflight.js';

/** How far a leave has come, from what a survivor's `/status.json` tells. */
export interface LeaveProgress {
  /** Milliseconds since it was sent. */
  readonly elapsed: number;
  /** Sessions still connected to the leaving node; null once nobody knows its counters any more. */
  readonly sessions: number | null;
  readonly queues: { readonly left: number | null; readonly total: number };
  readonly messages: { readonly moved: number | null; readonly total: number };
  /** What the broker itself says of the migration, where the way in carries that; null before it begins. */
  readonly migrated: Migrated | null;
  /** What the queues on the leaving node do, where it can be asked; null where it cannot, or does not answer. */
  readonly states: QueueSummary | null;
  /** Set while the last look failed: the leave goes on unseen. */
  readonly blind: string | undefined;
}

/** "Migrated a/b queues and c/d messages", as the broker counts them. */
export interface Migrated {
  readonly queues: number;
  readonly allQueues: number;
  readonly messages: number;
  readonly allMessages: number;
}

export type LeaveEvent =
  | { readonly type: 'planned'; readonly plan: LeavePlan }
  | { readonly type: 'warning'; readonly message: string }
  | {
      readonly type: 'resumed';
      readonly sentAt: number;
      readonly message: string;
      /** URL of the leaving node, if it is known. */
      readonly leaver: string | null;
    }
  /** Of the leaving node's log. */
  | { readonly type: 'log'; readonly record: LogRecord }
  | { readonly type: 'sent'; readonly coordinator: string; readonly again: boolean }
  | { readonly type: 'answered'; readonly classification: Classification }
  | { readonly type: 'progress'; readonly progress: LeaveProgress }
  | { readonly type: 'departed'; readonly survivors: readonly string[] };

export interface LeaveReport {
  readonly node: string;
  readonly path: LeavePath;
  readonly survivors: readonly string[];
  /** Whether an earlier run of the command had started it. */
  readonly resumed: boolean;
  /** Milliseconds from sending to the members' agreement. */
  readonly took: number;
  /** Of the queues that it held; null for stage one and for a dead node. */
  readonly account: Account | null;
  /** Whether the account begins only in the middle: somebody else had started the leave. */
  readonly accountIsLate: boolean;
  /** For a dead node: queues that reappeared on the survivors, empty. */
  readonly recreated: number | null;
  /** Whether the node has stopped; null when it cannot be seen from here. */
  readonly stopped: boolean | null;
}
