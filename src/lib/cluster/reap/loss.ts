import type { AdminRpc, CallOptions } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import type { Fleet } from '../observe.js';
import { listQueues, type Queue, queueKey } from '../queues.js';
import { type ClusterView, memberOf } from '../view.js';
import type { Client, ReapState } from './state.js';

/** Milliseconds for a list of all queues, which is long on a large cluster. */
const LIST_DEADLINE = 120_000;

/** Above so many sessions their subscriptions are not listed: that would cost the members more than the answer is worth. */
const LIST_UP_TO = 20_000;

/**
 * How many subscriptions belong to clients whose queues were on the dead nodes: those that the whole cluster has in its
 * metadata, without those of the queues that the survivors hold. Nobody lists the queues of a dead node themselves.
 *
 * @returns null where it cannot be told
 */
export async function lostSubscriptions(
  fleet: Fleet,
  view: ClusterView,
  survivors: readonly string[],
  coordinator: string,
  signal?: AbortSignal,
): Promise<number | null> {
  const counters = survivors.map((name) => memberOf(view, name)?.own?.counters ?? null);
  const held = counters.reduce((sum, one) => sum + (one ? one.online + one.offline : 0), 0);
  // Each counts those of the whole cluster; one that has just been written may not have reached all.
  const known = Math.max(...counters.map((one) => one?.subscriptions ?? Number.NaN));
  if (Number.isNaN(known) || held > LIST_UP_TO) return null;
  const options = { deadline: LIST_DEADLINE, signal };
  const listed = await countSubscriptions(fleet.rpc(coordinator), options).catch(notKnown);
  return listed === null ? null : Math.max(0, known - listed);
}

async function countSubscriptions(rpc: AdminRpc, options: CallOptions): Promise<number | null> {
  const reply = await rpc.call(
    {
      words: ['session', 'show'],
      flags: [
        ['client_id', true],
        ['topic', true],
        ['limit', '100000000'],
        ['rowtimeout', '5000'],
      ],
    },
    options,
  );
  if (reply.outcome !== 'done') return null;
  const rows = reply.elements.flatMap((element) => (element.type === 'table' ? element.rows : []));
  return rows.filter(({ topic }) => typeof topic === 'string').length;
}

/** The queues that outlive their connections; null where they cannot be listed. */
export async function persistentQueues(
  fleet: Fleet,
  coordinator: string,
  signal?: AbortSignal,
): Promise<readonly Queue[] | null> {
  const options = { deadline: LIST_DEADLINE, signal };
  const queues = await listQueues(fleet.rpc(coordinator), options).catch(notKnown);
  return queues?.filter(({ clean }) => !clean) ?? null;
}

/** The removal does not depend on it; the report says that it is not known. */
function notKnown(thrown: unknown): null {
  if (thrown instanceof Failure && thrown.kind !== 'interrupted') return null;
  throw thrown;
}

/** Whose queues are there that were not there before and have not been noted; null where that cannot be told. */
export async function appeared(
  fleet: Fleet,
  coordinator: string,
  { known, recreated }: ReapState,
  signal?: AbortSignal,
): Promise<Client[] | null> {
  const queues = known === null ? null : await persistentQueues(fleet, coordinator, signal);
  if (known === null || queues === null) return null;
  const before = new Set([...known, ...recreated.map(queueKey)]);
  return queues
    .filter((queue) => !before.has(queueKey(queue)))
    .map(({ mountpoint, clientId }) => ({ mountpoint, clientId }));
}
