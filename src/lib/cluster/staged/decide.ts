import type { Look } from './look.js';
import { note } from './notes.js';
import { decideDisconnect } from './phases/disconnect.js';
import { decideDrain } from './phases/drain.js';
import { decideDepart, decideMigrate, decideVerify } from './phases/migrate.js';
import { decideRestore, mayStillArrive, refuseAbort } from './phases/restore.js';
import { decideSuspend } from './phases/suspend.js';
import { at, type ListenerKey, type StagedState } from './state.js';

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

/**
 * The next step of a staged leave: from where it stands and from what can be seen. Pure: whoever asks, in whatever process,
 * gets the same answer.
 */
export function decide(given: StagedState, look: Look, wish: Wish): Decision {
  const { stand } = given;
  if (stand === 'done' || stand === 'aborted') return { do: 'end', state: given };
  const state = note(given, look);
  if (look.blind !== undefined) return { do: 'wait', state, why: look.blind };
  if (wish.abort && stand !== 'restore') {
    if (mayStillArrive(state, look)) return { do: 'wait', state, why: UNCERTAIN };
    const refused = refuseAbort(state, look);
    if (refused) return { do: 'stop', trouble: refused, state };
    return decideRestore(at(state, 'restore', look.now), look);
  }
  return DECIDERS[stand](state, look);
}

const UNCERTAIN = 'the -k that was sent may still arrive; it is undone only once that is certain';

const DECIDERS = {
  suspend: decideSuspend,
  drain: decideDrain,
  disconnect: decideDisconnect,
  migrate: decideMigrate,
  depart: decideDepart,
  verify: decideVerify,
  restore: decideRestore,
};
