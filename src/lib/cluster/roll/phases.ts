import { type ClusterView, memberOf, servingListeners } from '../view.js';
import { queueGrowth, sessionsOf, sessionsWanted, stocksOf } from './load.js';
import type { RollOptions } from './options.js';
import { notBack, notRecovered, notServing, servesAgain } from './reasons.js';
import { currentNode, enter, type RollState } from './state.js';
import { giveUp, LOOK, lasting, look, type Next, SETTLES, type Situation, stop } from './step.js';
import { awaited, findTrouble, isSame, isServing, silent, stillSuspended, unserved } from './trouble.js';

/** Between two nodes, not before the first. */
export const isPausing = ({ results, since }: RollState, { now, options }: Situation): boolean =>
  results.length > 0 && now - since < options.pause;

export function atGate(state: RollState, view: ClusterView, situation: Situation): Next {
  const { now } = situation;
  const node = currentNode(state);
  if (isPausing(state, situation)) return look(state);
  const suspended = state.suspended.length > 0 ? node : undefined;
  const trouble = lasting(state, [...findTrouble(view, { suspended }), ...silent(view, node)], situation);
  if (trouble) return trouble;
  const serving = servingListeners(memberOf(view, node)?.own ?? null).filter(
    (listener) => !state.suspended.some((one) => isSame(one, listener)),
  );
  return {
    state: {
      ...enter(state, 'suspend', now),
      turnSince: now,
      suspended: [...state.suspended, ...serving.map(({ type, address, port }) => ({ type, address, port }))],
      stocks: stocksOf(view),
    },
    step: { type: 'suspend', view },
  };
}

export function whileDraining(state: RollState, view: ClusterView, situation: Situation): Next {
  const { now, options } = situation;
  const node = currentNode(state);
  const trouble = lasting(
    state,
    [...findTrouble(view, { suspended: node }), ...silent(view, node)],
    situation,
  );
  if (trouble) return trouble;
  const well = { ...state, troubleSince: null };
  if (isServing(view, node)) return giveUp(well, servesAgain(node), situation);
  const sessionsLeft = memberOf(view, node)?.own?.counters?.online ?? 0;
  if (sessionsLeft > options.untilSessions && now - state.since < options.grace) return look(well);
  return { state: { ...enter(well, 'run', now), sessionsLeft, mayHaveRun: false }, step: { type: 'run' } };
}

export function untilBack(state: RollState, view: ClusterView, situation: Situation): Next {
  const { now, options } = situation;
  const node = currentNode(state);
  const trouble = lasting(state, findTrouble(view, { away: currentNode(state) }), situation);
  if (trouble) return trouble;
  const well = { ...state, troubleSince: null };
  const waited = now - state.since;
  const missing = awaited(view, node);
  if (missing.length === 0) {
    const suspended = stillSuspended(view, node, state.suspended);
    const isAsBefore = options.allowMissingListener
      ? isServing(view, node)
      : unserved(view, node, state.suspended).length === 0;
    if (suspended.length === 0 && isAsBefore) return look(enter(well, 'recover', now));
    if (suspended.length > 0 && waited >= Math.min(SETTLES, options.backWithin))
      return { state: { ...enter(well, 'serve', now), restarted: false }, step: { type: 'serve' } };
  }
  if (waited < options.backWithin) return look(well);
  if (missing.length > 0) return stop(well, notBack(node, waited, missing));
  return stop(well, notServing(node, waited, unserved(view, node, state.suspended)));
}

export function untilRecovered(state: RollState, view: ClusterView, situation: Situation): Next {
  const { now, options } = situation;
  const node = currentNode(state);
  const trouble = lasting(state, findTrouble(view, { away: currentNode(state) }), situation);
  if (trouble) return trouble;
  const missing = unrecovered(state, view, options);
  if (missing.length === 0) return nodeDone(state, situation);
  const waited = now - state.since;
  if (waited < options.backWithin) return look({ ...state, troubleSince: null });
  return stop(state, notRecovered(node, waited, missing));
}

/** What is not as it was yet, in words. */
export function unrecovered(state: RollState, view: ClusterView, options: RollOptions): string[] {
  const node = currentNode(state);
  const wanted = sessionsWanted(state.sessions, options.sessionsBack);
  const sessions = sessionsOf(view);
  const growth = queueGrowth(state.stocks, view);
  return [
    ...awaited(view, node),
    ...findTrouble(view).map(({ message }) => message),
    ...(sessions < wanted ? [`${sessions} of ${wanted} sessions are back`] : []),
    ...(growth > options.maxQueueGrowth
      ? [`${growth} messages more wait than before, ${options.maxQueueGrowth} may`]
      : []),
  ];
}

function nodeDone(state: RollState, { now }: Situation): Next {
  const { turnSince, sessionsLeft, restarted } = state;
  const node = currentNode(state);
  const result = { node, took: now - turnSince, sessionsLeft, restarted };
  const results = [...state.results, result];
  const isLast = results.length === state.nodes.length;
  const next: RollState = { ...enter(state, isLast ? 'done' : 'gate', now), results, suspended: [] };
  return { state: next, step: isLast ? { type: 'finish' } : LOOK };
}
