import type { AdminRpc } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import { type Forwarded, failureOf } from './send.js';

/** Milliseconds for the node to confirm that a trace is over. */
const STOP_DEADLINE = 10_000;

/**
 * Follows a stream until it ends or `signal` ends it, which is its normal end. Comes back when the node has confirmed
 * that it is over.
 *
 * @param onLine in the order of the lines
 * @throws Failure; unknown when nobody confirmed the end
 */
export async function followStream(
  forwarded: Forwarded,
  rpc: AdminRpc,
  onLine: (line: string, stream: 'out' | 'err') => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const reply = await rpc.call(forwarded.command, { deadline: 0, signal, onOutput: onLine });
    const failure = failureOf(forwarded, { address: rpc.address, reply });
    if (failure) throw failure;
  } catch (thrown) {
    if (!signal.aborted || !(thrown instanceof Failure) || thrown.kind !== 'interrupted') throw thrown;
    await confirmStop(rpc);
  }
}

/** A node runs one trace at a time: the one that runs is the one that we began. */
async function confirmStop(rpc: AdminRpc): Promise<void> {
  const reply = await rpc.call({ words: ['trace', 'stop_all'] }, { deadline: STOP_DEADLINE });
  if (reply.outcome === 'done') return;
  throw new Failure('unknown', 'trace_may_run', `${rpc.address}: the trace may still run: ${reply.message}`, {
    hint: 'End it with vmqctl trace stop_all.',
  });
}
