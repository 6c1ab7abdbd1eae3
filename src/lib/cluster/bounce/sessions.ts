import { Failure } from '../../failure.js';
import { type SessionRow, sightAll } from '../explain/sightings.js';
import type { Fleet } from '../observe.js';
import type { ClusterView } from '../view.js';

/** Milliseconds: a broker goes through all its queues, and ends a call over HTTP itself after a minute. */
const LIST_DEADLINE = 60_000;

/**
 * All sessions of the cluster. One node speaks for all while all are seen by all; in a split each knows its own clients.
 *
 * @throws Failure when no node lists any
 */
export async function listSessions(
  fleet: Fleet,
  { members }: ClusterView,
  signal: AbortSignal,
): Promise<SessionRow[]> {
  const addresses = members.flatMap(({ address }) => (address === null ? [] : [address]));
  const isWhole = members.every(({ running }) => running === 'yes');
  const options = { deadline: Math.max(fleet.deadline, LIST_DEADLINE), signal };
  let failure: unknown = new Failure('unreachable', 'no_node', 'no node can list its sessions');
  const found: SessionRow[][] = [];
  for (const address of addresses) {
    try {
      found.push(await sightAll(fleet.rpc(address), options));
      if (isWhole) break;
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.kind === 'interrupted') throw thrown;
      failure = thrown;
    }
  }
  if (found.length === 0) throw failure;
  const unique = new Map(found.flat().map((row) => [JSON.stringify(row), row]));
  return [...unique.values()];
}
