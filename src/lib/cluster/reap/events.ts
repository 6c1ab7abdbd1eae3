import type { Classification } from '../../admin/rpc.js';
import type { ReapPlan } from './plan.js';
import type { Client } from './state.js';

export type ReapEvent =
  | { readonly type: 'planned'; readonly plan: ReapPlan }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'resumed'; readonly startedAt: number }
  | {
      readonly type: 'sent';
      readonly node: string;
      readonly step: 'removal' | 'repair';
      readonly coordinator: string;
      readonly again: boolean;
    }
  | { readonly type: 'answered'; readonly node: string; readonly classification: Classification }
  | {
      readonly type: 'waiting';
      readonly node: string;
      readonly elapsed: number;
      readonly listedBy: readonly string[];
    }
  | { readonly type: 'removed'; readonly node: string }
  /** The broker still works on what was sent first. */
  | { readonly type: 'settling' }
  | { readonly type: 'repaired'; readonly node: string }
  /** It answers again. */
  | { readonly type: 'back'; readonly node: string; readonly removed: boolean };

/** What became of one node. */
export interface ReapedNode {
  readonly node: string;
  /** Whether no member lists it any more. */
  readonly removed: boolean;
  /** Whether the broker has said so after all dead members were out; only then it is certain. */
  readonly repaired: boolean;
  /** Whether it answers again. */
  readonly back: boolean;
  /** Clients whose queues were made anew, empty; null where that cannot be told. */
  readonly recreated: readonly Client[] | null;
}

export interface ReapReport {
  readonly nodes: readonly ReapedNode[];
  readonly survivors: readonly string[];
  /** Whether an earlier run of the command had begun. */
  readonly resumed: boolean;
  /** Milliseconds since it was begun. */
  readonly took: number;
  /** All clients whose queues were made anew, empty; null where they could not be listed. */
  readonly recreated: readonly Client[] | null;
  /** Why it ended before it was done. */
  readonly trouble: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
}

/** Whether every node is out and its repair certain. */
export const isComplete = ({ nodes }: ReapReport): boolean =>
  nodes.every(({ removed, repaired }) => removed && repaired);
