import type { Look } from './look.js';
import type { StagedState, Stand } from './state.js';

/** Takes into the state what only a row of looks can tell: since when something stands still, or is down. */
export function note(given: StagedState, look: Look): StagedState {
  const state = notLater(given, look.now);
  if (look.blind !== undefined) return { ...state, moved: undefined, wholeSince: undefined };
  return {
    ...state,
    ...noteMovement(state, look),
    ...noteDeath(state, look),
    ...noteTaken(state, look),
    wholeSince: look.isWhole ? (state.wholeSince ?? look.now) : undefined,
    // Once they have been seen suspended, whoever restarts them does so against us.
    mayResuspend: look.leaver?.serving === 0 ? undefined : state.mayResuspend,
  };
}

function noteMovement({ moved, stand }: StagedState, { leaver, now }: Look) {
  // What cannot be seen may well move.
  const seen = leaver ? JSON.stringify(whatMoves(stand, leaver)) : `${now}`;
  return { moved: moved?.seen === seen ? moved : { seen, at: now } };
}

/**
 * Sessions that are to be sent away have their traffic as ever, which moves none of them. Messages that are stored do not
 * count: clients publish to offline queues as ever.
 */
const whatMoves = (stand: Stand, { sessions, queues, queueOut }: NonNullable<Look['leaver']>) =>
  stand === 'disconnect' ? [sessions] : [sessions, queues, queueOut];

const noteDeath = ({ downSince }: StagedState, { isDead, now }: Look) => ({
  downSince: isDead ? (downSince ?? now) : undefined,
});

/** Of the members that stay, together. */
export const sessionsOf = ({ survivors }: Look): number =>
  Object.values(survivors).reduce((sum, count) => sum + count, 0);

function noteTaken({ taken }: StagedState, look: Look) {
  const [sessions, { now }] = [sessionsOf(look), look];
  return { taken: taken && sessions <= taken.sessions ? taken : { sessions, at: now } };
}

/** A clock that was set back must not make anything wait until it is what it was. */
function notLater(state: StagedState, now: number): StagedState {
  const { since, lastBatchAt, downSince, wholeSince, moved, taken, suspended, restored, left } = state;
  const moments = [
    since,
    lastBatchAt,
    downSince,
    wholeSince,
    moved?.at,
    taken?.at,
    suspended?.at,
    restored?.at,
  ];
  if (![...moments, left?.at].some((moment) => moment !== undefined && moment > now)) return state;
  const clamp = (moment: number | undefined) => moment && Math.min(moment, now);
  const clampIn = <T extends { readonly at: number }>(value: T | undefined) =>
    value && { ...value, at: Math.min(value.at, now) };
  return {
    ...state,
    since: Math.min(since, now),
    lastBatchAt: clamp(lastBatchAt),
    downSince: clamp(downSince),
    wholeSince: clamp(wholeSince),
    moved: clampIn(moved),
    taken: clampIn(taken),
    suspended: clampIn(suspended),
    restored: clampIn(restored),
    left: clampIn(left),
  };
}

/** Milliseconds that nothing has moved. */
export const stillFor = ({ moved }: StagedState, now: number): number => (moved ? now - moved.at : 0);

/** Milliseconds that a node may be gone before it counts as dead: the others notice in between. */
const DEATH = 15_000;

export const hasDied = ({ downSince }: StagedState, now: number): boolean =>
  downSince !== undefined && now - downSince > DEATH;

/**
 * Milliseconds after which a `-k` that the broker has would show, its listeners deleted. It asks all other members first
 * whether they are ready, and waits for as long as one is not: so all of them have to have been there for that long.
 */
const SHOWS_AFTER = 20_000;

/** Whether a `-k` that was sent is certainly not under way. */
export const hasNotArrived = ({ left, wholeSince }: StagedState, { leaver, awaiting, now }: Look): boolean =>
  left !== undefined &&
  !awaiting &&
  leaver !== undefined &&
  leaver.listeners > 0 &&
  wholeSince !== undefined &&
  now - Math.max(wholeSince, left.at) > SHOWS_AFTER;
