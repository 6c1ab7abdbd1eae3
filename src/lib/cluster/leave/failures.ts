import { formatDuration } from '../../duration.js';
import { Failure } from '../../failure.js';
import type { LeaveProgress } from './events.js';
import type { LeaveOptions } from './options.js';
import { STALL } from './watch.js';

const PICKS_UP = 'Run the same command again: it picks it up and sends no second leave.';

export const interrupted = ({ node }: LeaveOptions) =>
  new Failure('interrupted', 'interrupted', `stopped watching; the broker goes on taking ${node} out`, {
    hint: PICKS_UP,
  });

/** An interruption from below, told by what it means where it came. */
export function explainInterruption(thrown: unknown, message: string, hint: string): never {
  const isOurs = thrown instanceof Failure && thrown.kind === 'interrupted';
  throw isOurs ? new Failure('interrupted', 'interrupted', message, { hint }) : thrown;
}

export const stalled = ({ node }: LeaveOptions) =>
  new Failure(
    'failed',
    'leave_stalled',
    `nothing has moved on ${node} for ${formatDuration(STALL)}: the broker seems to have given up without saying so`,
    {
      hint: `See console.log on ${node}. If no other leave of it is going on, run the same command again: it looks once more and sends the leave again.`,
    },
  );

export const leaverDied = ({ node }: LeaveOptions) =>
  new Failure(
    'failed',
    'leaver_died',
    `${node} has died while it was leaving: it is still listed and runs for nobody; what had not moved is on its disk`,
    {
      hint: 'Keep its data. Start it again and run the same command; its account tells what came through. To give up what is on its disk, add --allow-message-loss.',
    },
  );

export const doneButMember = ({ node }: LeaveOptions, waited: number) =>
  new Failure(
    'unknown',
    'done_but_member',
    `the broker says Done, yet ${node} is still listed after ${formatDuration(waited)}`,
    { hint: 'Look with vmqctl cluster show; then run the same command again.' },
  );

export function timeIsUp(options: LeaveOptions, { queues, messages }: LeaveProgress): Failure {
  const seen =
    queues.left === null
      ? 'its counters are no longer known'
      : `${queues.left} of ${queues.total} queues are left, ${messages.moved ?? 0} of ${messages.total} messages moved`;
  const message = `${options.node} is still leaving after ${formatDuration(options.wait)}: ${seen}`;
  return new Failure('unknown', 'still_leaving', message, {
    hint: `The broker goes on. ${PICKS_UP}`,
  });
}
