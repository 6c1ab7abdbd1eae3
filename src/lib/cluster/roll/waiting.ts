import { type ClusterView, memberOf } from '../view.js';
import { isPausing, unrecovered } from './phases.js';
import { currentNode, type RollState } from './state.js';
import type { Situation } from './step.js';
import { awaited, findTrouble, unserved } from './trouble.js';

/** What keeps a roll where it is, in words. */
export function waitingFor(state: RollState, view: ClusterView, situation: Situation): string[] {
  const node = currentNode(state);
  switch (state.phase) {
    case 'gate':
      return [
        ...(isPausing(state, situation) ? ['the pause before this node'] : []),
        ...findTrouble(view).map(({ message }) => message),
      ];
    case 'drain':
      return [
        sessionsLeft(view, node),
        ...findTrouble(view, { suspended: node }).map(({ message }) => message),
      ];
    case 'back':
      return backWaitsFor(state, view, node);
    case 'recover':
      return unrecovered(state, view, situation.options);
    default:
      return [];
  }
}

/** What is not seen takes no clients anyway. */
function backWaitsFor({ suspended }: RollState, view: ClusterView, node: string): string[] {
  const missing = awaited(view, node);
  return missing.length > 0 ? missing : unserved(view, node, suspended);
}

const sessionsLeft = (view: ClusterView, node: string): string =>
  `sessions left ${memberOf(view, node)?.own?.counters?.online ?? 'unknown'}`;
