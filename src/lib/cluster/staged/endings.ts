import { formatDuration } from '../../duration.js';
import { Failure } from '../../failure.js';
import type { Look } from './look.js';
import type { StagedState } from './state.js';

export const RESUME = (node: string) => `vmqctl cluster leave node=${node} --staged --resume`;
export const ABORT = (node: string) => `vmqctl cluster leave node=${node} --staged --abort`;

export function interrupted(state: StagedState): Failure {
  const message = `stopped in phase ${state.stand} of ${state.node}: ${standing(state)}`;
  return new Failure('interrupted', 'interrupted', message, { hint: waysOn(state) });
}

/**
 * @param waited milliseconds
 * @param why what it waits for besides
 */
export function timeIsUp(
  state: StagedState,
  { leaver, blind }: Look,
  waited: number,
  why: string | undefined,
): Failure {
  const { stand, node } = state;
  const seen = leaver
    ? `last seen with ${leaver.sessions} sessions and ${leaver.queues} queues`
    : (blind ?? 'its counters are not known any more');
  const waits = why === undefined || why === blind ? '' : `; it waits: ${why}`;
  const message = `${node} is in phase ${stand} after ${formatDuration(waited)}; ${seen}${waits}; ${standing(state)}`;
  return new Failure('unknown', 'still_leaving', message, {
    hint: `${waysOn(state)} To look: vmqctl cluster show.`,
  });
}

/** The journal could not be written: the step that it was about was not taken. */
export function unsaved({ kind, code, message, hint, cause }: Failure, state: StagedState): Failure {
  return new Failure(kind, code, `${message}; the leave of ${state.node} stops: ${standing(state)}`, {
    hint: [hint, waysOn(state)].filter(Boolean).join(' '),
    cause,
  });
}

export const noCoordinator = ({ node }: StagedState) =>
  new Failure('unreachable', 'no_survivor_reachable', 'no member that stays can be asked for the account', {
    hint: `Go on with ${RESUME(node)}.`,
  });

/** How the node is left. */
function standing({ stand, left }: StagedState): string {
  if (stand === 'verify') return 'it has left; its account is still to be taken';
  if (stand === 'restore') return 'some of its listeners may be suspended still';
  if (left !== undefined) return 'the broker goes on taking it out';
  if (stand === 'suspend') return 'its listeners may be suspended, and nothing goes on by itself';
  return 'its listeners stay suspended, so that no client can connect to it, and nothing goes on by itself';
}

function waysOn({ stand, left, node }: StagedState): string {
  if (stand === 'restore') return `Go on with ${ABORT(node)}.`;
  const goOn = `Go on with ${RESUME(node)}.`;
  return left !== undefined || stand === 'verify' ? goOn : `${goOn} To undo it: ${ABORT(node)}.`;
}
