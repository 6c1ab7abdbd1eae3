import { toFailure } from '../../admin/failure.js';
import type { NodeView } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import { observe } from '../observe.js';
import { type ClusterView, formatListener, memberOf, mergeViews, servingListeners } from '../view.js';
import type { LeaveContext } from './context.js';
import type { LeaveEvent, LeaveReport } from './events.js';
import { explainInterruption } from './failures.js';
import type { LeavePlan } from './preflight.js';
import { leaveCommand } from './send.js';

/** Milliseconds that the broker gets to suspend the listeners, and then to show that it has. */
const PATIENCE = 20_000;

type SuspendContext = Omit<LeaveContext, 'journal'>;

/** Stage one: the listeners stop accepting; everything else stays as it is. Done only when it has been seen. */
export async function* suspend(
  context: SuspendContext,
  plan: LeavePlan,
): AsyncGenerator<LeaveEvent, LeaveReport> {
  const { fleet, options, signal } = context;
  const started = fleet.clock.now();
  yield { type: 'sent', coordinator: plan.coordinator, again: false };
  const deadline = Math.max(fleet.deadline, PATIENCE);
  const reply = await fleet
    .rpc(plan.coordinator)
    .call(leaveCommand(options), { deadline, signal })
    .catch(perhapsSuspended);
  yield { type: 'answered', classification: reply };
  if (reply.code === 'leave_unverified') throw expelled(plan);
  if (reply.outcome !== 'done' && reply.outcome !== 'unknown') throw toFailure(plan.coordinator, reply);
  await untilSuspended(context).catch(perhapsSuspended);
  return {
    node: options.node,
    path: 'suspend',
    survivors: plan.survivors.map(({ name }) => name),
    resumed: false,
    took: fleet.clock.now() - started,
    account: null,
    accountIsLate: false,
    recreated: null,
    stopped: null,
  };
}

const perhapsSuspended = (thrown: unknown) =>
  explainInterruption(
    thrown,
    'interrupted: the listeners may be suspended by now',
    'Look with vmqctl cluster show.',
  );

/** @throws Failure when a listener still accepts, or when nobody can see whether one does */
async function untilSuspended({ fleet, options, signal }: SuspendContext): Promise<void> {
  const until = fleet.clock.now() + PATIENCE;
  for (;;) {
    const own = seenByAll(mergeViews(await observe(fleet, signal)), options.node);
    if (own && servingListeners(own).length === 0) return;
    if (fleet.clock.now() > until) throw own ? stillOpen(own) : unverified(options.node);
    await fleet.clock.sleep(500, signal);
  }
}

/** Its full view of itself, as long as every other member whose view is known still lists it. */
function seenByAll(view: ClusterView, node: string): NodeView | undefined {
  const member = memberOf(view, node);
  const isListed = Object.values(member?.seenBy ?? {}).every((seen) => seen !== null);
  return isListed && member?.own?.counters ? member.own : undefined;
}

const stillOpen = (own: NodeView) =>
  new Failure(
    'failed',
    'listeners_still_open',
    `the broker says Done, yet listeners of ${own.node} still accept: ${servingListeners(own).map(formatListener).join(', ')}`,
    { hint: 'Look at console.log of that node, then run the same command again.' },
  );

const unverified = (node: string) =>
  new Failure(
    'unknown',
    'suspend_unverified',
    `nobody can see whether the listeners of ${node} are suspended`,
    {
      hint: 'Look with vmqctl cluster show; running the same command again does no harm.',
    },
  );

const expelled = ({ target, coordinator }: LeavePlan) =>
  new Failure(
    'failed',
    'removed_instead',
    `${coordinator} could not reach ${target.name} and has removed its membership instead of suspending its listeners`,
    {
      hint: 'Look with vmqctl cluster show. The node still runs: stop it, wipe its data and join it again.',
    },
  );
