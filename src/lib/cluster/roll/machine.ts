import type { ClusterView } from '../view.js';
import { atGate, untilBack, untilRecovered, whileDraining } from './phases.js';
import { type CommandEnd, commandFailed, inTrouble, interrupted } from './reasons.js';
import { currentNode, enter, type Reason, type RollState } from './state.js';
import { giveUp, type Happened, look, type Next, type Situation, stop } from './step.js';
import { findTrouble, isServing } from './trouble.js';
import { waitingFor } from './waiting.js';

/** The next step of a roll. Pure: the caller brings what happened and the time. */
export function nextStep(state: RollState, happened: Happened, situation: Situation): Next {
  switch (happened.type) {
    case 'looked':
      return afterLook(state, happened.view, situation);
    case 'resumed':
      return afterResume(state, happened.view, situation);
    case 'suspended':
      return state.phase === 'suspend' ? look(enter(state, 'drain', situation.now)) : look(state);
    case 'serving':
      return afterServing(state, situation);
    case 'ran':
      return state.phase === 'run' ? afterCommand(state, happened.end, situation) : look(state);
    case 'unbegun':
      return state.phase === 'run' ? afterUnbegun(state, happened.reason, situation) : look(state);
    case 'failed':
      return giveUp(state, happened.reason, situation);
    case 'interrupted':
      return giveUp(state, interrupted(happened.why, waitingFor(state, happened.view, situation)), situation);
  }
}

const afterCommand = (state: RollState, end: CommandEnd, { now }: Situation): Next =>
  end.exitCode === 0
    ? look({ ...enter(state, 'back', now), restarted: true })
    : stop(state, commandFailed(currentNode(state), end));

/** Nothing has touched the node, unless an earlier run has begun the command. */
const afterUnbegun = (state: RollState, reason: Reason, situation: Situation): Next =>
  state.mayHaveRun ? stop(state, reason) : giveUp({ ...state, phase: 'drain' }, reason, situation);

function afterServing(state: RollState, { now }: Situation): Next {
  if (state.phase === 'serve') return look(enter(state, 'recover', now));
  if (state.phase !== 'undo' || !state.stopping) return look(state);
  const undone = { ...enter(state, 'gate', now), suspended: [], stopping: null };
  return stop(undone, state.stopping);
}

function afterLook(state: RollState, view: ClusterView, situation: Situation): Next {
  switch (state.phase) {
    case 'gate':
      return atGate(state, view, situation);
    case 'drain':
      return whileDraining(state, view, situation);
    case 'back':
      return untilBack(state, view, situation);
    case 'recover':
      return untilRecovered(state, view, situation);
    case 'done':
      return { state, step: { type: 'finish' } };
    default:
      // These do something, and do not look: so nobody knows what came of it.
      return afterResume(state, view, situation);
  }
}

/** An earlier run may have been cut short anywhere, and much may have happened since. */
function afterResume(state: RollState, view: ClusterView, situation: Situation): Next {
  const { now } = situation;
  const node = currentNode(state);
  switch (state.phase) {
    case 'gate':
    case 'suspend':
    case 'undo':
      return atGate({ ...enter(state, 'gate', 0), stopping: null }, view, situation);
    case 'drain':
      if (!isServing(view, node)) return whileDraining({ ...state, troubleSince: null }, view, situation);
      return atGate(anew(state), view, situation);
    case 'run':
      // Restarted meanwhile, by the command or by somebody else: nobody knows whether all of the command was done.
      if (isServing(view, node)) return atGate(anew(state), view, situation);
      return runAgain(state, view, situation);
    case 'serve':
      return { state: enter(state, 'serve', now), step: { type: 'serve' } };
    default:
      return afterLook(enter(state, state.phase, now), view, situation);
  }
}

const anew = (state: RollState): RollState => ({ ...enter(state, 'gate', 0), suspended: [] });

function runAgain(state: RollState, view: ClusterView, { now }: Situation): Next {
  const [first, ...more] = findTrouble(view, { away: currentNode(state) });
  if (first) return stop(state, inTrouble([first, ...more], 'safety'));
  return { state: { ...enter(state, 'run', now), mayHaveRun: true }, step: { type: 'run' } };
}
