import type { Decision, Wish } from './decision.js';
import type { Look } from './look.js';
import { note } from './notes.js';
import { decideDisconnect } from './phases/disconnect.js';
import { decideDrain } from './phases/drain.js';
import { decideDepart, decideMigrate, decideVerify } from './phases/migrate.js';
import { decideRestore, mayStillArrive, refuseAbort } from './phases/restore.js';
import { decideSuspend } from './phases/suspend.js';
import { at, type StagedState } from './state.js';

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
