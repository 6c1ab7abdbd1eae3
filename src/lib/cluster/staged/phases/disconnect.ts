import type { Decision } from '../decision.js';
import type { Look } from '../look.js';
import { sessionsOf, stillFor } from '../notes.js';
import { at, type StagedState } from '../state.js';
import { whileSuspended } from './drain.js';

/** Milliseconds from batch to batch, at least. */
const BATCH = 1000;
/** Milliseconds' worth of sessions that may be on their way to the members that stay. */
const BACKLOG = 5000;
/** Milliseconds without a new session there after which those who are away are no longer waited for. */
const GIVEN_UP = 10_000;
/** Milliseconds without any change after which the rest is left to the broker. */
const STUCK = 30_000;

/** Sends sessions away at a rate that the members that stay can bear; what cannot be sent away is left to the broker. */
export function decideDisconnect(state: StagedState, look: Look): Decision {
  const changed = whileSuspended(state, look);
  if (changed) return changed;
  const { leaver, now } = look;
  const { rate } = state.options;
  if (!leaver) return { do: 'wait', state };
  if (rate === undefined || leaver.sessions === 0) return { do: 'wait', state: at(state, 'migrate', now) };
  const why = pausedBy(state, look);
  // What stands still because we pause is not stuck: the broker would send all of them away at once.
  if (why !== undefined) return { do: 'wait', state: { ...state, moved: undefined }, why };
  const pause = Math.max(BATCH, 1000 / rate);
  if (stillFor(state, now) > Math.max(STUCK, 3 * pause))
    return { do: 'wait', state: at(state, 'migrate', now) };
  const elapsed = now - (state.lastBatchAt ?? now - pause);
  if (elapsed < pause) return { do: 'wait', state };
  // After a pause the rate is what it was, and not made up for.
  const count = Math.min(
    leaver.sessions,
    Math.max(1, Math.round((rate * Math.min(elapsed, 2 * pause)) / 1000)),
  );
  const batch = { disconnected: state.disconnected + count, lastBatchAt: now };
  return { do: 'disconnect', count, state: { ...state, ...batch } };
}

/** What the members that stay cannot bear now. */
function pausedBy(
  { options, disconnected, taken, since, base = 0 }: StagedState,
  look: Look,
): string | undefined {
  const { survivors, lost, silent, now } = look;
  if (lost.length > 0) return `${lost.join(', ')} is down`;
  if (silent.length > 0) return `what ${silent.join(', ')} bears cannot be seen`;
  const limit = options.survivorSessions ?? Number.POSITIVE_INFINITY;
  const full = Object.entries(survivors).find(([, sessions]) => sessions > limit);
  if (full) return `${full[0]} has ${full[1]} sessions, more than ${limit}`;
  const recently = taken !== undefined && taken.at > since && now - taken.at < GIVEN_UP;
  const away = disconnected - Math.max(0, sessionsOf(look) - base);
  return recently && away > ((options.rate ?? 0) * BACKLOG) / 1000
    ? `${away} sessions are still on their way to the others`
    : undefined;
}
