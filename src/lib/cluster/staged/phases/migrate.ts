import { BROKER_TIMEOUT } from '../../leave/options.js';
import type { Decision } from '../decision.js';
import { waitsForOthers } from '../elsewhere.js';
import type { Look } from '../look.js';
import { hasDied, hasNotArrived, stillFor } from '../notes.js';
import { at, type StagedState } from '../state.js';
import { whileSuspended } from './drain.js';

/** Milliseconds without any movement after which a migration counts as stopped. */
const STALL = 30_000;
/** Milliseconds that the members get to forget a node that has nothing left. */
const AGREEMENT = 60_000;

/** After these the broker may well be at it, or will be looked at again; all others mean that it is not. */
const UNDER_WAY = new Set([
  'leave_unverified',
  'leave_in_progress',
  'outcome_unknown',
  'unreachable',
  'sent_by_others',
  'stalled',
]);

/** The broker's own `-k`. It is sent once; only one that has certainly not arrived, or has come to nothing, is sent again. */
export function decideMigrate(state: StagedState, look: Look): Decision {
  const { leaver, isListed, now } = look;
  const { left } = state;
  if (isListed === false) return { do: 'wait', state: at(state, 'verify', now) };
  if (hasDied(state, now)) return { do: 'stop', trouble: 'leaver_died', state };
  const isBegun = leaver?.listeners === 0;
  if (left === undefined && isBegun)
    return { do: 'wait', state: { ...state, left: { at: now, answer: 'sent_by_others' } } };
  if (left === undefined) return whileSuspended(state, look) ?? send(state, look);
  // It was started again: clients have come back, and are not to be kicked without a drain of their own.
  if (leaver && leaver.serving > 0 && hasNotArrived(state, look))
    return whileSuspended({ ...state, left: { at: left.at } }, look) ?? { do: 'wait', state };
  if (isToBeSentAgain(state, look)) return send(state, look);
  if (isRefused(left.answer)) return { do: 'stop', trouble: 'leave_failed', state: refused(state, isBegun) };
  if (isBegun && leaver.queues === 0 && left.answer !== 'stalled')
    return { do: 'wait', state: at(state, 'depart', now) };
  const waitsForSessions = now <= left.at + (state.options.timeout ?? BROKER_TIMEOUT) * 1000;
  if (look.awaiting || waitsForSessions || left.answer === 'stalled' || stillFor(state, now) <= STALL)
    return { do: 'wait', state };
  return { do: 'stop', trouble: 'migration_stalled', state: stalled(state) };
}

/** Whoever picks it up sends it again once nothing has moved for a while. */
const stalled = ({ left, ...state }: StagedState): StagedState => ({
  ...state,
  left: left && { ...left, answer: 'stalled' },
});

/** With the listeners deleted there is no way back, and others may be at it by the time that it is picked up. */
const refused = (state: StagedState, isBegun: boolean): StagedState =>
  isBegun ? stalled(state) : { ...state, left: undefined };

function send(state: StagedState, look: Look): Decision {
  const { leaver, lost, now } = look;
  // The broker asks every other member first, and never comes back from one that is down.
  if (lost.length > 0) return { do: 'stop', trouble: 'survivor_died', state };
  const why = waitsForOthers(state.node, look, state.options.besideSuspended);
  if (why !== undefined) return { do: 'wait', state, why };
  return leaver ? { do: 'leave', state: { ...state, left: { at: now } } } : { do: 'wait', state };
}

/**
 * It never arrived, where nobody answers and the listeners are still there: its process was killed before, or the way to
 * the broker was cut. It has come to nothing, where nothing has moved since it was found standing still.
 */
function isToBeSentAgain(state: StagedState, look: Look): boolean {
  const { left } = state;
  if (!left || look.awaiting || !look.leaver) return false;
  if (look.leaver.listeners === 0) return left.answer === 'stalled' && hasStoodStill(state, look);
  return !isRefused(left.answer) && left.answer !== 'leave_in_progress' && hasNotArrived(state, look);
}

/** While a member is down nothing moves, and goes on when it is back; what waits for that alone is told by `send`. */
const hasStoodStill = (state: StagedState, { lost, now }: Look): boolean =>
  stillFor(state, now) > STALL &&
  (lost.length > 0 || (state.wholeSince !== undefined && now - state.wholeSince > STALL));

const isRefused = (answer: string | undefined) => answer !== undefined && !UNDER_WAY.has(answer);

/** Nothing is left on it: now the members forget it, one after the other. */
export function decideDepart(state: StagedState, { isListed, now }: Look): Decision {
  if (isListed === false) return { do: 'wait', state: at(state, 'verify', now) };
  if (hasDied(state, now)) return { do: 'stop', trouble: 'leaver_died', state };
  return now - state.since > AGREEMENT
    ? { do: 'stop', trouble: 'not_departed', state: stalled(at(state, 'migrate', now)) }
    : { do: 'wait', state };
}

/** The account counts what the members that stay hold: each of them has to be there. */
export function decideVerify(state: StagedState, { silent, isListed, now }: Look): Decision {
  // A member that was down comes back with its old view; or it has joined again since, and what it holds is not ours.
  if (isListed)
    return now - state.since > AGREEMENT
      ? { do: 'stop', trouble: 'listed_again', state }
      : { do: 'wait', state };
  if (silent.length === 0) return { do: 'account', state };
  return now - state.since > STALL
    ? { do: 'stop', trouble: 'account_unverified', state }
    : { do: 'wait', state };
}
