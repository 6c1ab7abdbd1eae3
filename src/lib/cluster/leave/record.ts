import { listQueues, type Queue, queueKey, queuesOn } from '../queues.js';
import type { LeaveContext } from './context.js';
import { explainInterruption } from './failures.js';
import type { LeaveRecord } from './journal.js';
import { BROKER_TIMEOUT } from './options.js';
import type { LeavePlan } from './preflight.js';

/** Milliseconds for the list of all queues, which is long on a large cluster. */
export const LIST_DEADLINE = 120_000;

/**
 * Takes stock before anything is changed.
 *
 * @param earlier what it held when an earlier leave of it broke off: that has to be found in the end too
 */
export async function newRecord(
  { fleet, options, signal }: LeaveContext,
  plan: LeavePlan,
  earlier: readonly Queue[],
): Promise<LeaveRecord> {
  const queues = await listQueues(fleet.rpc(plan.coordinator), { deadline: LIST_DEADLINE, signal }).catch(
    (thrown) => explainInterruption(thrown, 'interrupted: nothing was sent', 'Nothing was changed.'),
  );
  return {
    schema: 'vmqctl.leave/1',
    node: options.node,
    path: plan.path === 'remove' ? 'remove' : 'migrate',
    survivors: plan.survivors.map(({ name }) => name),
    sentAt: fleet.clock.now(),
    timeout: options.timeout ?? BROKER_TIMEOUT,
    queueOut: plan.target.own?.counters?.queueOut,
    before: plan.path === 'remove' ? queues : withEarlier(queuesOn(queues, options.node), earlier),
  };
}

/** What the node holds now, and what it held before and holds no more. */
export function withEarlier(now: readonly Queue[], earlier: readonly Queue[]): readonly Queue[] {
  const held = new Set(now.map(queueKey));
  return [...now, ...earlier.filter((queue) => !held.has(queueKey(queue)))];
}
