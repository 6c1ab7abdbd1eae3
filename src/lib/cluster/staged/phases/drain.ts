import type { Decision } from '../decision.js';
import type { Look } from '../look.js';
import { hasDied, sessionsOf } from '../notes.js';
import { at, type StagedState } from '../state.js';

/** Clients go by themselves, until few are left or the time is over. */
export function decideDrain(state: StagedState, look: Look): Decision {
  const changed = whileSuspended(state, look);
  if (changed) return changed;
  const { leaver, now } = look;
  const isOver = now - state.since >= state.options.grace;
  if (!isOver && (!leaver || leaver.sessions > state.options.untilSessions)) return { do: 'wait', state };
  const next = state.options.rate === undefined || leaver?.sessions === 0 ? 'migrate' : 'disconnect';
  // Those that were sent away before, had the listeners to be suspended again, are among them already.
  const base = sessionsOf(look) - state.disconnected;
  return { do: 'wait', state: { ...at(state, next, now), base } };
}

/** What can happen to a node whose listeners are suspended, by other hands than ours. */
export function whileSuspended(state: StagedState, { leaver, isListed, now }: Look): Decision | undefined {
  // Somebody else has taken it out altogether: what became of its queues is still to be told.
  if (isListed === false) return { do: 'wait', state: at(state, 'verify', now) };
  if (hasDied(state, now)) return { do: 'stop', trouble: 'leaver_died', state };
  // Somebody else has sent the broker's -k, which deletes them: it is watched, and not sent again.
  if (leaver?.listeners === 0) return { do: 'wait', state: at(state, 'migrate', now) };
  if (leaver && leaver.serving > 0) {
    if (!state.mayResuspend) return { do: 'stop', trouble: 'serves_again', state };
    return { do: 'wait', state: { ...at(state, 'suspend', now), suspended: undefined } };
  }
  return undefined;
}
