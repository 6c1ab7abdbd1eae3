import { Failure } from '../../failure.js';
import type { LeavePlan } from '../leave/preflight.js';
import type { Fleet } from '../observe.js';
import { refuse } from '../refuse.js';
import { type ClusterView, type Member, mqttListeners, servingListeners } from '../view.js';

/**
 * Whether a member is being taken out with `-k`, which deletes its MQTT listeners first. Queues that reach it from now on
 * are not among those that it moves on: they would be left on its disk.
 */
export const isLeaving = ({ own }: Member): boolean =>
  own?.counters != null && mqttListeners(own).length === 0;

/** Whether its MQTT listeners are there and accept nobody: a leave may have been begun, and can still be undone. */
export const isSuspended = ({ own }: Member): boolean =>
  own?.counters != null && mqttListeners(own).length > 0 && servingListeners(own).length === 0;

/**
 * Why the `-k` has to wait for a leave of another member. Of two that are begun at the same time, as where an orchestrator
 * stops several nodes at once, the one whose node comes first by name goes first.
 */
export function waitsForOthers(
  node: string,
  { leaving, suspended }: { readonly leaving: readonly string[]; readonly suspended: readonly string[] },
  besideSuspended: boolean | undefined,
): string | undefined {
  if (leaving.length > 0) return `${leaving.join(', ')} is being taken out too`;
  const first = besideSuspended ? [] : suspended.filter((name) => name < node);
  return first.length > 0
    ? `${first.join(', ')} is suspended too: it goes first, unless its listeners are restarted`
    : undefined;
}

/**
 * Members whose brokers have a part in a `cluster leave` just now, of whichever node and by whomever it was sent. Only
 * Erlang distribution can tell: a member that is reached in another way, or does not answer, is not among them.
 */
export async function leavesUnderWay(
  fleet: Fleet,
  view: ClusterView,
  signal?: AbortSignal,
): Promise<string[]> {
  const options = { deadline: fleet.deadline, signal };
  const asked = view.members.map(async ({ name, address }) => {
    if (address === null) return [];
    const isRunning = await fleet.rpc(address).isLeaveRunning?.(options).catch(unlessInterrupted);
    return isRunning ? [name] : [];
  });
  return (await Promise.all(asked)).flat();
}

function unlessInterrupted(thrown: unknown): false {
  if (thrown instanceof Failure && thrown.kind !== 'interrupted') return false;
  throw thrown;
}

/**
 * Two leaves at a time lose messages: each may move its queues to the node that the other takes out.
 *
 * @param seen members whose brokers carry one out
 * @throws Failure (safety)
 */
export function refuseLeaveElsewhere({ target, survivors }: LeavePlan, seen: readonly string[]): void {
  const leaving = survivors.filter(isLeaving).map(({ name }) => name);
  if (leaving.length > 0)
    throw refuse(
      'leave_elsewhere',
      `${leaving.join(', ')} ${leaving.length === 1 ? 'has' : 'have'} no MQTT listener: being taken out too, it would lose the queues that come to it`,
      'Wait until it has left. If nobody takes it out, restart it, or give it a listener, first.',
    );
  if (seen.length > 0)
    throw refuse(
      'leave_running',
      `a cluster leave is going on in the broker of ${seen.join(', ')}`,
      `Wait until it has ended. If it is one of ${target.name}, watch it with vmqctl cluster leave node=${target.name} -k.`,
    );
}
