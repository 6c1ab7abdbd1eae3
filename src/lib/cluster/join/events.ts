import type { Classification } from '../../admin/rpc.js';

export type JoinEvent =
  | { readonly type: 'checked'; readonly joining: string; readonly alreadyMember: boolean }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'resumed'; readonly joining: string; readonly sentAt: number }
  | { readonly type: 'sent'; readonly address: string; readonly again: boolean }
  | { readonly type: 'answered'; readonly classification: Classification }
  | { readonly type: 'waiting'; readonly elapsed: number; readonly missing: readonly string[] };

export interface JoinReport {
  readonly node: string;
  readonly discoveryNode: string;
  readonly members: readonly string[];
  readonly alreadyMember: boolean;
  /** Whether an earlier run of the command had sent it. */
  readonly resumed: boolean;
  /** Milliseconds until all agreed, from when it was sent. */
  readonly took: number;
}
