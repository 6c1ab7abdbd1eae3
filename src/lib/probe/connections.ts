import { type ProbeNode, type Run, requireFailure } from './run.js';

/** Milliseconds between two messages that ask whether a subscription is known everywhere. */
const CALL_EVERY = 100;

/** Connects and subscribes where that is not so yet. Why one fails is noted there. */
export async function connectNodes(run: Run): Promise<void> {
  await Promise.all(
    run.nodes
      .filter((node) => !run.connected.some(({ index }) => index === node.index))
      .map((node) => connectNode(run, node)),
  );
}

async function connectNode(run: Run, node: ProbeNode): Promise<void> {
  const { access, options, signal } = run.context;
  const { names } = run;
  await node.client?.end();
  node.client = null;
  try {
    node.client = await access.connect({
      url: node.url,
      clientId: names.client(node.index),
      protocol: options.protocol,
      credentials: run.credentials,
      caFile: options.caFile,
      deadline: access.deadline,
      retained: options.extras.includes('retained') ? names.retainedOf(node.index) : undefined,
      signal,
      onMessage: (message) => run.dispatch(node.index, message),
    });
    node.took = node.client.took;
    await node.client.subscribe(names.messages, 2);
    if (options.extras.includes('shared')) await node.client.subscribe(names.shared, 1);
    node.failure = null;
  } catch (thrown) {
    const failure = requireFailure(thrown);
    // It is the same for all.
    if (failure.kind === 'configuration') throw failure;
    node.failure = failure;
  }
}

/**
 * A broker acknowledges a subscription before the other members know of it. So everybody calls until all have heard all.
 *
 * @returns milliseconds that it took, or null when some never heard of some
 */
export async function awaitSubscriptions(run: Run): Promise<number | null> {
  const { options, clock, signal, ticks } = run.context;
  const { connected, names } = run;
  if (connected.length === 0) return null;
  const heard = new Set<string>();
  run.handlers.set('m', (to, from) => void heard.add(`${from}-${to}`));
  const started = ticks();
  const isDone = () => heard.size === connected.length ** 2;
  for (const end = clock.now() + options.wait; !isDone() && clock.now() < end && !signal.aborted; ) {
    for (const node of connected) void run.publish(node, names.message(node.index, 0), '0.0', { qos: 0 });
    await run.until(isDone, CALL_EVERY);
  }
  run.handlers.delete('m');
  return isDone() ? ticks() - started : null;
}

export async function endConnections(run: Run): Promise<void> {
  await Promise.all(run.nodes.map(({ client }) => client?.end()));
}
