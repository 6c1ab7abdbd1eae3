import type { ListenerKey, StagedState } from './state.js';

/** Why a leave does not go on by itself. */
export type Trouble =
  | 'suspend_failed'
  | 'suspend_unverified'
  | 'expelled'
  | 'serves_again'
  | 'leaver_died'
  | 'survivor_died'
  | 'leave_failed'
  | 'migration_stalled'
  | 'not_departed'
  | 'listed_again'
  | 'account_unverified'
  | 'abort_too_late'
  | 'restore_failed';

/** What is to be done next. Before anything is done, the state is on disk. */
export type Decision =
  | { readonly do: 'suspend' | 'leave'; readonly state: StagedState }
  | { readonly do: 'restore'; readonly listeners: readonly ListenerKey[]; readonly state: StagedState }
  | { readonly do: 'account'; readonly state: StagedState }
  | { readonly do: 'disconnect'; readonly count: number; readonly state: StagedState }
  /** Look again, after a moment. */
  | { readonly do: 'wait'; readonly state: StagedState; readonly why?: string }
  | { readonly do: 'stop'; readonly trouble: Trouble; readonly state: StagedState }
  | { readonly do: 'end'; readonly state: StagedState };

export interface Wish {
  /** The operator wants it undone. */
  readonly abort: boolean;
}
