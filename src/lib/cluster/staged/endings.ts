import { Failure } from '../../failure.js';
import type { Look } from './look.js';
import type { StagedState } from './state.js';

export const RESUME = (node: string) => `vmqctl cluster leave node=${node} --staged --resume`;
export const ABORT = (node: string) => `vmqctl cluster leave node=${node} --staged --abort`;

const resume = (node: string) => `Go on with ${RESUME(node)}.`;

export function interrupted({ stand, node, left }: StagedState): Failure {
  const goesOn = left === undefined ? 'nothing goes on by itself' : 'the broker goes on taking it out';
  return new Failure('interrupted', 'interrupted', `stopped in phase ${stand} of ${node}: ${goesOn}`, {
    hint: left === undefined ? `${resume(node)} To undo it: --abort.` : resume(node),
  });
}

export function timeIsUp({ stand, node }: StagedState, { leaver, blind }: Look): Failure {
  const seen = leaver
    ? `last seen with ${leaver.sessions} sessions and ${leaver.queues} queues`
    : (blind ?? 'its counters are not known any more');
  return new Failure('unknown', 'still_leaving', `${node} is in phase ${stand}; ${seen}`, {
    hint: resume(node),
  });
}

export const noCoordinator = ({ node }: StagedState) =>
  new Failure('unreachable', 'no_survivor_reachable', 'no member that stays can be asked for the account', {
    hint: resume(node),
  });
