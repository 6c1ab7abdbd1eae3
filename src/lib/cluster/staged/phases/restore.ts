import type { Decision, Trouble } from '../decision.js';
import type { Look } from '../look.js';
import { hasDied, hasNotArrived } from '../notes.js';
import { at, type StagedState } from '../state.js';

/** Milliseconds that the listeners get to serve again. */
const PATIENCE = 20_000;

/** Whether a `-k` was sent of which nobody has heard, and which may yet delete the listeners. */
export const mayStillArrive = (state: StagedState, look: Look): boolean =>
  state.left !== undefined &&
  !look.awaiting &&
  look.isListed === true &&
  !look.isDead &&
  look.leaver?.listeners !== 0 &&
  !hasNotArrived(state, look);

/** Once the broker's `-k` has arrived, its listeners are deleted: nothing but a restart of the node brings them back. */
export function refuseAbort(state: StagedState, look: Look): Trouble | undefined {
  const { leaver, isListed } = look;
  const isTooLate =
    (state.left !== undefined && !hasNotArrived(state, look)) ||
    state.stand === 'depart' ||
    state.stand === 'verify' ||
    isListed === false ||
    leaver?.listeners === 0;
  return isTooLate ? 'abort_too_late' : undefined;
}

/** Exactly the listeners that served before serve again. */
export function decideRestore(state: StagedState, { leaver, isListed, now }: Look): Decision {
  const { restored } = state;
  // Somebody else has sent the broker's -k meanwhile: whoever picks this up watches that.
  if (isListed === false || leaver?.listeners === 0)
    return { do: 'stop', trouble: 'abort_too_late', state: at(state, 'migrate', now) };
  if (hasDied(state, now)) return { do: 'stop', trouble: 'leaver_died', state };
  if (leaver && leaver.unserved.length === 0) return { do: 'end', state: at(state, 'aborted', now) };
  if (restored === undefined)
    return leaver
      ? { do: 'restore', listeners: leaver.unserved, state: { ...state, restored: { at: now } } }
      : { do: 'wait', state };
  const isUnderWay =
    restored.answer === undefined || restored.answer === 'done' || restored.answer === 'unknown';
  if (isUnderWay && now - restored.at <= PATIENCE) return { do: 'wait', state };
  return { do: 'stop', trouble: 'restore_failed', state: { ...state, restored: undefined } };
}
