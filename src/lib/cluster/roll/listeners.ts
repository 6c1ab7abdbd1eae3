import { toFailure } from '../../admin/failure.js';
import { Failure } from '../../failure.js';
import { planLeave } from '../leave/preflight.js';
import { suspend } from '../leave/suspend.js';
import { type Fleet, observe } from '../observe.js';
import { type ClusterView, formatListener, mergeViews } from '../view.js';
import type { ListenerName } from './state.js';
import { stillSuspended } from './trouble.js';

/** Milliseconds that the listeners get to accept again. */
const PATIENCE = 20_000;

/**
 * The first stage of a leave, and no more. Done only when it has been seen.
 *
 * @param seeds the addresses that the operator gave
 * @throws Failure
 */
export async function suspendNode(
  fleet: Fleet,
  node: string,
  view: ClusterView,
  seeds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const wish = { node, kill: false, allowMessageLoss: false, allowUnreachableNode: false };
  const options = { ...wish, interval: undefined, timeout: undefined, wait: 0 };
  const stages = suspend({ fleet, options, signal }, planLeave(view, { ...wish, seeds }));
  // What it tells on its way is told by the phases of the roll.
  while (!(await stages.next()).done);
}

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
