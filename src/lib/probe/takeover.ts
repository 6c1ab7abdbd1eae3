import { Failure } from '../failure.js';
import type { Message, ProbeClient } from './client.js';
import { type ProbeNode, type Run, requireFailure } from './run.js';

/** What became of a session with a queued message whose client went from one node to another. */
export interface Takeover {
  readonly from: string;
  readonly to: string;
  readonly outcome: 'delivered' | 'message_lost' | 'session_lost' | 'failed';
  /** Milliseconds from the connect on the other node to the message; null without it. */
  readonly after: number | null;
  readonly failure: Failure | null;
}

/**
 * Milliseconds. A queue whose session has gone to another node stays for a moment to hand on what still arrives: who
 * comes back before that is made to wait, or finds nothing, and the broker logs errors.
 */
const SETTLE = 1000;

type Connected = ProbeNode & { readonly client: ProbeClient };

/** On each node a client leaves a session with a queued message, and fetches it on each of the others. */
export async function probeTakeovers(run: Run): Promise<Takeover[]> {
  const nodes = run.connected;
  if (nodes.length < 2) return [];
  await run.note({ sessions: true });
  const all = await Promise.all(nodes.map((from) => travel(run, from, nodes)));
  await run.context.clock.sleep(SETTLE, run.context.signal);
  const ended = await Promise.all(nodes.map((node) => endSession(run, node)));
  if (ended.every(Boolean)) await run.note({ sessions: false });
  return all.flat();
}

async function travel(run: Run, from: Connected, nodes: readonly Connected[]): Promise<Takeover[]> {
  const taken: Takeover[] = [];
  for (const to of nodes) {
    if (to.index === from.index || run.isInterrupted) continue;
    if (taken.length > 0) await run.context.clock.sleep(SETTLE, run.context.signal);
    const pair = { from: from.node, to: to.node };
    try {
      taken.push({ ...pair, ...(await takeOver(run, from, to)), failure: null });
    } catch (thrown) {
      const failure = requireFailure(thrown);
      if (failure.kind !== 'interrupted') taken.push({ ...pair, outcome: 'failed', after: null, failure });
    }
  }
  return taken;
}

async function takeOver(
  run: Run,
  from: Connected,
  to: Connected,
): Promise<Pick<Takeover, 'outcome' | 'after'>> {
  const { ticks } = run.context;
  const topic = run.names.takeoverOf(from.index);
  await leaveSession(run, from, topic);
  const payload = `${from.index}-${to.index}`;
  await from.client.publish(topic, payload, { qos: 1 });
  let after: number | null = null;
  const started = ticks();
  const client = await connect(run, from, to, true, (message) => {
    if (message.payload === payload) after ??= ticks() - started;
  });
  try {
    await run.until(() => after !== null);
    if (after !== null) return { outcome: 'delivered', after };
    if (run.isInterrupted) throw new Failure('interrupted', 'interrupted', 'interrupted');
    return { outcome: client.sessionPresent ? 'message_lost' : 'session_lost', after };
  } finally {
    await client.end();
  }
}

async function leaveSession(run: Run, on: Connected, topic: string): Promise<void> {
  const client = await connect(run, on, on, true);
  try {
    await client.subscribe(topic, 1);
  } finally {
    await client.end();
  }
}

/** @returns whether it is sure that nothing of it is left */
async function endSession(run: Run, node: Connected): Promise<boolean> {
  try {
    await (await connect(run, node, node, false)).end();
    return true;
  } catch (thrown) {
    requireFailure(thrown);
    return false;
  }
}

/** @param whose the node whose traveller it is */
function connect(
  run: Run,
  whose: ProbeNode,
  on: ProbeNode,
  persistent: boolean,
  onMessage?: (message: Message) => void,
): Promise<ProbeClient> {
  const { access, options, signal } = run.context;
  return access.connect({
    url: on.url,
    clientId: run.names.traveller(whose.index),
    protocol: options.protocol,
    credentials: run.credentials,
    caFile: options.caFile,
    persistent,
    deadline: access.deadline,
    // What ends a session is done also after an interruption.
    signal: persistent ? signal : undefined,
    onMessage,
  });
}
