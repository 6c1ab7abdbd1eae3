import { BROKER_TIMEOUT } from '../../leave/options.js';
import type { Decision } from '../decide.js';
import type { Look } from '../look.js';
import { hasDied, stillFor } from '../notes.js';
import { at, type StagedState } from '../state.js';

/** Milliseconds after which a `-k` that has arrived has deleted the listeners. */
const SHOWS_AFTER = 5000;
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
  if (left === undefined || isToBeSentAgain(state, look)) return send(state, look);
  if (isRefused(left.answer))
    return { do: 'stop', trouble: 'leave_failed', state: { ...state, left: undefined } };
  if (isBegun && leaver.queues === 0) return { do: 'wait', state: at(state, 'depart', now) };
  const waitsForSessions = now <= left.at + (state.options.timeout ?? BROKER_TIMEOUT) * 1000;
  if (look.awaiting || waitsForSessions || left.answer === 'stalled' || stillFor(state, now) <= STALL)
    return { do: 'wait', state };
  return {
    do: 'stop',
    trouble: 'migration_stalled',
    state: { ...state, left: { ...left, answer: 'stalled' } },
  };
}

function send(state: StagedState, { leaver, lost, now }: Look): Decision {
  // The broker asks every other member first, and never comes back from one that is down.
  if (lost.length > 0) return { do: 'stop', trouble: 'survivor_died', state };
  return leaver ? { do: 'leave', state: { ...state, left: { at: now } } } : { do: 'wait', state };
}

/**
 * It never arrived, where nobody answers and the listeners are still there: its process was killed before, or the way to
 * the broker was cut. It has come to nothing, where nothing has moved since it was found standing still.
 */
function isToBeSentAgain(state: StagedState, { leaver, awaiting, now }: Look): boolean {
  const { left } = state;
  if (!left || awaiting || !leaver) return false;
  if (left.answer === 'stalled') return stillFor(state, now) > STALL;
  const isUnanswered = left.answer === undefined || left.answer === 'unreachable';
  return isUnanswered && leaver.listeners > 0 && now - left.at > SHOWS_AFTER;
}

const isRefused = (answer: string | undefined) => answer !== undefined && !UNDER_WAY.has(answer);

/** Nothing is left on it: now the members forget it, one after the other. */
export function decideDepart(state: StagedState, { isListed, now }: Look): Decision {
  if (isListed === false) return { do: 'wait', state: at(state, 'verify', now) };
  if (hasDied(state, now)) return { do: 'stop', trouble: 'leaver_died', state };
  return now - state.since > AGREEMENT
    ? { do: 'stop', trouble: 'not_departed', state }
    : { do: 'wait', state };
}

/** The account counts what the members that stay hold: each of them has to be there. */
export function decideVerify(state: StagedState, { silent, now }: Look): Decision {
  if (silent.length === 0) return { do: 'account', state };
  return now - state.since > STALL
    ? { do: 'stop', trouble: 'account_unverified', state }
    : { do: 'wait', state };
}
