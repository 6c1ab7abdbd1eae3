import { toFailure } from '../../admin/failure.js';
import { Failure } from '../../failure.js';
import { type Fleet, observe } from '../observe.js';
import { formatListener, mergeViews } from '../view.js';
import type { ListenerName } from './state.js';
import { stillSuspended } from './trouble.js';

/** Milliseconds that the listeners get to accept again. */
const PATIENCE = 20_000;

/**
 * Lets those of the recorded listeners accept again that are there and do not. Done only when it has been seen.
 *
 * @param address of the node
 * @throws Failure
 */
export async function serveAgain(
  fleet: Fleet,
  { node, address }: { readonly node: string; readonly address: string },
  recorded: readonly ListenerName[],
  signal?: AbortSignal,
): Promise<void> {
  const until = fleet.clock.now() + PATIENCE;
  const look = () => suspendedOn(fleet, node, address, recorded, signal);
  for (const listener of await look()) {
    const reply = await fleet.rpc(address).call(
      {
        words: ['listener', 'restart'],
        arguments: [
          ['address', listener.address],
          ['port', String(listener.port)],
        ],
      },
      { deadline: fleet.deadline, signal },
    );
    if (reply.outcome !== 'done' && reply.outcome !== 'unknown') throw toFailure(address, reply);
  }
  for (let suspended = await look(); suspended.length > 0; suspended = await look()) {
    if (fleet.clock.now() > until)
      throw new Failure(
        'failed',
        'listeners_still_suspended',
        `${node} was told to, and does not accept clients again: ${suspended.map(formatListener).join(', ')}`,
        { hint: `See console.log on ${node}.` },
      );
    await fleet.clock.sleep(500, signal);
  }
}

async function suspendedOn(
  fleet: Fleet,
  node: string,
  address: string,
  recorded: readonly ListenerName[],
  signal?: AbortSignal,
) {
  const [observation] = await observe({ ...fleet, seeds: [address] }, signal, { follow: false });
  if (observation && 'self' in observation && !observation.partial)
    return stillSuspended(mergeViews([observation]), node, recorded);
  const why = observation && 'error' in observation ? observation.error : 'it does not tell its listeners';
  throw new Failure('unreachable', 'node_silent', `${node} (${address}): ${why}`, {
    hint: `See console.log on ${node}.`,
  });
}
