import type { Decision } from '../decision.js';
import type { Look } from '../look.js';
import { hasDied } from '../notes.js';
import { at, type StagedState } from '../state.js';

/** Milliseconds that the broker gets to suspend the listeners, and to show that it has. */
const PATIENCE = 20_000;

/** Suspending twice does no harm, so without an answer it is simply sent again by whoever picks it up. */
export function decideSuspend(state: StagedState, { leaver, isListed, now }: Look): Decision {
  const { suspended } = state;
  const again = { ...state, suspended: undefined };
  // Before all that can be seen of it: it would look like a leave that somebody else has finished.
  if (suspended?.answer === 'removed_instead') return { do: 'stop', trouble: 'expelled', state: again };
  if (isListed === false) return { do: 'wait', state: at(state, 'verify', now) };
  if (hasDied(state, now)) return { do: 'stop', trouble: 'leaver_died', state };
  if (leaver?.listeners === 0) return { do: 'wait', state: at(state, 'migrate', now) };
  if (leaver?.serving === 0) return { do: 'wait', state: at(state, 'drain', now) };
  if (suspended === undefined)
    return leaver ? { do: 'suspend', state: { ...state, suspended: { at: now } } } : { do: 'wait', state };
  if (suspended.answer !== undefined && suspended.answer !== 'done' && suspended.answer !== 'unknown')
    return { do: 'stop', trouble: 'suspend_failed', state: again };
  if (now - suspended.at <= PATIENCE) return { do: 'wait', state };
  return { do: 'stop', trouble: 'suspend_unverified', state: again };
}
