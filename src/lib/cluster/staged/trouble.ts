import { Failure, type FailureKind } from '../../failure.js';
import type { Trouble } from './decision.js';
import { ABORT, RESUME } from './endings.js';
import type { StagedState } from './state.js';

/** What is known besides, for the message. */
export interface Circumstances {
  /** What the broker said last. */
  readonly answer?: string | undefined;
  /** Clients whose queues stand still. */
  readonly stuck?: readonly string[] | undefined;
  readonly lost?: readonly string[] | undefined;
  readonly silent?: readonly string[] | undefined;
}

type Explain = (
  state: StagedState,
  circumstances: Circumstances,
) => [kind: FailureKind, message: string, hint: string];

const EXPLANATIONS: Readonly<Record<Trouble, Explain>> = {
  suspend_failed: ({ node }, { answer }) => [
    'failed',
    `the listeners of ${node} could not be suspended: ${answer ?? 'the broker does not say why'}`,
    `Nothing else was changed. Try again with ${RESUME(node)}.`,
  ],
  suspend_unverified: ({ node }) => [
    'unknown',
    `nobody can see that the listeners of ${node} are suspended`,
    `Look with vmqctl cluster show. Go on with ${RESUME(node)}, or undo it with ${ABORT(node)}.`,
  ],
  expelled: ({ node }, { answer }) => [
    'failed',
    `${node} was expelled instead of suspended: ${answer ?? 'its membership was removed'}`,
    `It still runs, alone, with its clients, and its queued messages are on its disk only. Keep its data, find out why it could not be reached, and see what the others have with ${RESUME(node)}.`,
  ],
  serves_again: ({ node }) => [
    'safety',
    `the listeners of ${node} serve again: somebody else has restarted them`,
    `Find out who. Go on with ${RESUME(node)}, which suspends them again, or leave it at that with ${ABORT(node)}.`,
  ],
  leaver_died: ({ node, left }) => [
    'failed',
    `${node} has died${left ? ' in the middle of its migration: what it had not moved yet is on its disk' : ': its queues and messages are on its disk'}`,
    `Start it again, with its data, and go on with ${RESUME(node)}.`,
  ],
  survivor_died: ({ node, left }, { lost = [] }) => [
    'safety',
    `${lost.join(', ')} is down: the broker cannot migrate queues while a member is down`,
    left
      ? `What has not moved is on ${node}. Start ${lost[0] ?? 'it'} again, then ${RESUME(node)}.`
      : `The listeners of ${node} are suspended, no more. Start ${lost[0] ?? 'it'} again, then ${RESUME(node)}; or ${ABORT(node)}.`,
  ],
  leave_failed: ({ node }, { answer }) => [
    'failed',
    `the broker did not take ${node} out: ${answer ?? 'it does not say why'}`,
    `Its listeners may be deleted by now; its queues are where they were. Go on with ${RESUME(node)}.`,
  ],
  migration_stalled: ({ node }, { stuck = [] }) => [
    'failed',
    `nothing moves any more on ${node}${stuck.length > 0 ? `; these queues stand still: ${stuck.join(', ')}` : ''}`,
    `See console.log of ${node}. Go on with ${RESUME(node)}: it looks once more, and sends the leave again only if none is going on.`,
  ],
  not_departed: ({ node }) => [
    'unknown',
    `${node} holds nothing any more, and yet members go on listing it`,
    `Look with vmqctl cluster show, and go on with ${RESUME(node)}.`,
  ],
  listed_again: ({ node }) => [
    'unknown',
    `${node} had left, and is a member still or again: no account can be taken of it`,
    `Look with vmqctl cluster show. Where a member that was down lists it, wait and go on with ${RESUME(node)}. Where it has joined again, this leave is over.`,
  ],
  account_unverified: ({ node }, { silent = [] }) => [
    'unknown',
    `${node} has left, but what ${silent.join(', ')} holds cannot be counted: it does not answer`,
    `Start it again, then take the account with ${RESUME(node)}. Do not wipe the data of ${node} before.`,
  ],
  abort_too_late: ({ node }) => [
    'safety',
    `the leave of ${node} cannot be undone any more: its listeners are deleted, or its queues are moving`,
    `Finish it: ${RESUME(node)}. To keep the node instead, restart it and join it again when it is out.`,
  ],
  restore_failed: ({ node }, { answer }) => [
    'failed',
    `the listeners of ${node} do not serve again: ${answer ?? 'nobody can see that they do'}`,
    `Restart them on the node: vmq-admin listener restart address=… port=…; or try again with ${ABORT(node)}.`,
  ],
};

export function troubleOf(trouble: Trouble, state: StagedState, circumstances: Circumstances): Failure {
  const [kind, message, hint] = EXPLANATIONS[trouble](state, circumstances);
  return new Failure(kind, trouble, message, { hint });
}
