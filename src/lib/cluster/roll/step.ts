import type { Problem } from '../problems/problem.js';
import type { ClusterView } from '../view.js';
import type { RollOptions } from './options.js';
import { type CommandEnd, inTrouble } from './reasons.js';
import { enter, type Reason, type RollState } from './state.js';

/** What the driver has seen, or what came of what it did. */
export type Happened =
  | { readonly type: 'looked'; readonly view: ClusterView }
  /** An earlier run was cut short in this state; this is what there is now. */
  | { readonly type: 'resumed'; readonly view: ClusterView }
  | { readonly type: 'suspended' }
  | { readonly type: 'serving' }
  /** A step could not be taken, or did not do what it should. */
  | { readonly type: 'failed'; readonly reason: Reason }
  | { readonly type: 'ran'; readonly end: CommandEnd }
  /** The command was not begun. */
  | { readonly type: 'unbegun'; readonly reason: Reason }
  /** With what was seen last. */
  | { readonly type: 'interrupted'; readonly why: 'operator' | 'timeout'; readonly view: ClusterView };

/** What is to be done next. What is in the state is on disk before. */
export type Step =
  | { readonly type: 'look' }
  | { readonly type: 'suspend'; readonly view: ClusterView }
  | { readonly type: 'run' }
  /** Lets those listeners accept again that are suspended and were recorded. */
  | { readonly type: 'serve' }
  | { readonly type: 'stop'; readonly reason: Reason }
  | { readonly type: 'finish' };

export interface Next {
  readonly state: RollState;
  readonly step: Step;
}

/** What the rules depend on besides what happened. */
export interface Situation {
  readonly now: number;
  readonly options: RollOptions;
}

/** Milliseconds for which the cluster may be in trouble: a single look can fail, and gossip takes its time. */
export const TROUBLE_LASTS = 15_000;
/** Milliseconds after the command in which a node that was restarted is seen to be away: some commands end early. */
export const SETTLES = 15_000;

export const LOOK: Step = { type: 'look' };
export const look = (state: RollState): Next => ({ state, step: LOOK });
export const stop = (state: RollState, reason: Reason): Next => ({ state, step: { type: 'stop', reason } });

/** Undoes what has been done to the node, as long as it was not touched. */
export function giveUp(state: RollState, reason: Reason, { now }: Situation): Next {
  // What cannot be undone stays as it is; why the roll stopped in the first place is what counts.
  if (state.phase === 'undo') return stop(state, state.stopping ?? reason);
  const isUntouched = state.phase === 'gate' || state.phase === 'suspend' || state.phase === 'drain';
  if (!isUntouched || state.suspended.length === 0) return stop(state, reason);
  return { state: { ...enter(state, 'undo', now), stopping: reason }, step: { type: 'serve' } };
}

/** Looks again while the cluster is in trouble, and gives up when that lasts; undefined while it is well. */
export function lasting(
  state: RollState,
  problems: readonly Problem[],
  situation: Situation,
): Next | undefined {
  if (problems.length === 0) return undefined;
  const troubleSince = state.troubleSince ?? situation.now;
  if (situation.now - troubleSince < TROUBLE_LASTS) return look({ ...state, troubleSince });
  return giveUp(state, inTrouble(problems, state.phase === 'gate' ? 'safety' : 'failed'), situation);
}
