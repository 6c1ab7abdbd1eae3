import type { AdminRpc } from '../../admin/rpc.js';
import type { Clock } from '../../clock.js';
import { Failure } from '../../failure.js';
import { type Forwarded, failureOf } from './send.js';

/** Milliseconds for the node to confirm that a trace is over. */
const STOP_DEADLINE = 10_000;
/** Milliseconds between two looks whether the tracer still runs. */
const POLL = 200;

/** Milliseconds that a tracer takes at most to be gone after it has said so. */
const GONE_WITHIN = 2000;

/**
 * What the tracer says when it ends by itself; what called it goes on and hears nothing more. A payload can say the same,
 * so that the tracer is looked after.
 */
const ENDS: readonly (readonly [RegExp, code: string, message: string, hint: string])[] = [
  [
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ Trace rate limit triggered\.$/,
    'trace_rate_limit',
    'the tracer has stopped itself: there were more messages than its limit allows',
    'Raise --rate-max or --rate-interval; by default it is 10 messages in 100 ms.',
  ],
  [
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ Trace terminated by external action\.$/,
    'trace_terminated',
    'somebody else has stopped the trace',
    'trace stop_all ends every trace of a node.',
  ],
];

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
  clock: Clock,
): Promise<void> {
  const over = new AbortController();
  let ended: Failure | undefined;
  const onOutput = (line: string, stream: 'out' | 'err') => {
    onLine(line, stream);
    const told = endTold(rpc.address, line);
    if (!told || ended) return;
    void isGone(rpc, clock, GONE_WITHIN).then((gone) => {
      if (!gone) return;
      ended ??= told;
      over.abort();
    });
  };
  const stop = AbortSignal.any([signal, over.signal]);
  try {
    const reply = await rpc.call(forwarded.command, { deadline: 0, signal: stop, onOutput });
    const failure = failureOf(forwarded, { address: rpc.address, reply });
    if (failure) throw failure;
    if (!ended && !(await isGone(rpc, clock, STOP_DEADLINE))) throw mayRun(rpc, 'it has not stopped yet');
  } catch (thrown) {
    if (!wasBrokenOff(thrown, stop)) throw thrown;
    await confirmStop(rpc);
  }
  if (ended) throw ended;
}

/** The call was given up without an answer, and had been sent. */
const wasBrokenOff = (thrown: unknown, { aborted }: AbortSignal) =>
  aborted && thrown instanceof Failure && thrown.kind === 'interrupted' && thrown.code !== 'not_sent';

function endTold(address: string, line: string): Failure | undefined {
  const end = ENDS.find(([pattern]) => pattern.test(line));
  if (!end) return undefined;
  const [, code, message, hint] = end;
  return new Failure('failed', code, `${address}: ${message}`, { hint });
}

/**
 * Whether the tracer is gone in time: it works off what it has taken in. Where nobody can be asked, what was said is
 * believed; a node that does not answer has not said so.
 */
async function isGone(rpc: AdminRpc, clock: Clock, within: number): Promise<boolean> {
  const until = clock.now() + within;
  try {
    while (await rpc.isTracing?.({ deadline: STOP_DEADLINE })) {
      if (clock.now() > until) return false;
      await clock.sleep(POLL);
    }
    return true;
  } catch (thrown) {
    if (thrown instanceof Failure) return false;
    throw thrown;
  }
}

/** A node runs one trace at a time: the one that runs is the one that we began. */
async function confirmStop(rpc: AdminRpc): Promise<void> {
  const reply = await rpc.call({ words: ['trace', 'stop_all'] }, { deadline: STOP_DEADLINE });
  if (reply.outcome !== 'done') throw mayRun(rpc, reply.message);
}

const mayRun = ({ address }: AdminRpc, why: string) =>
  new Failure('unknown', 'trace_may_run', `${address}: the trace may still run: ${why}`, {
    hint: 'End it with vmqctl trace stop_all.',
  });
