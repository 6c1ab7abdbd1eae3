import { toFailure } from '../../admin/failure.js';
import { Failure } from '../../failure.js';
import { observe } from '../observe.js';
import { formatListener, mergeViews, servingListeners } from '../view.js';
import type { LeaveContext } from './context.js';
import type { LeaveEvent, LeaveReport } from './events.js';
import type { LeavePlan } from './preflight.js';
import { leaveCommand } from './send.js';

/** Stage one: the listeners stop accepting; everything else stays as it is. */
export async function* suspend(
  { fleet, options, signal }: LeaveContext,
  plan: LeavePlan,
): AsyncGenerator<LeaveEvent, LeaveReport> {
  const started = fleet.clock.now();
  yield { type: 'sent', coordinator: plan.coordinator, again: false };
  const reply = await fleet
    .rpc(plan.coordinator)
    .call(leaveCommand(options), { deadline: fleet.deadline, signal });
  yield { type: 'answered', classification: reply };
  if (reply.code === 'leave_unverified') throw expelled(plan);
  if (reply.outcome !== 'done') throw toFailure(plan.coordinator, reply);
  const view = mergeViews(await observe(fleet, signal));
  const own = view.members.find(({ name }) => name === options.node)?.own ?? null;
  const open = servingListeners(own);
  if (open.length > 0) {
    throw new Failure(
      'failed',
      'listeners_still_open',
      `the broker says Done, yet listeners of ${options.node} still accept: ${open.map(formatListener).join(', ')}`,
    );
  }
  const survivors = plan.survivors.map(({ name }) => name);
  return {
    node: options.node,
    path: 'suspend',
    survivors,
    resumed: false,
    took: fleet.clock.now() - started,
    account: null,
    recreated: null,
    stopped: null,
  };
}

const expelled = ({ target, coordinator }: LeavePlan) =>
  new Failure(
    'failed',
    'removed_instead',
    `${coordinator} could not reach ${target.name} and has removed its membership instead of suspending its listeners`,
    {
      hint: 'Look with vmqctl cluster show. The node still runs: stop it, wipe its data and join it again.',
    },
  );
