import { Failure } from '../../failure.js';
import type { Fleet } from '../observe.js';
import { listQueues, type Queue, queueKey } from '../queues.js';
import type { Client, ReapState } from './state.js';

/** Milliseconds for a list of all queues, which is long on a large cluster. */
const LIST_DEADLINE = 120_000;

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
