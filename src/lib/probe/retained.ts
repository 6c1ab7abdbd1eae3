import type { ProbeClient } from './client.js';
import { type ProbeNode, type Run, requireFailure } from './run.js';

/** When a new subscriber on one node got what another one has retained; null when it never did. Milliseconds. */
export interface RetainedSight {
  readonly from: string;
  readonly to: string;
  readonly after: number | null;
}

/** Milliseconds after which a subscriber that has not got everything subscribes anew. */
const AGAIN_AFTER = 250;

/**
 * Each node retains a message, each is asked for all of them, and they are removed again. Members tell each other of
 * retained messages in their own time, and a subscriber gets what its node knows at that moment: so it asks again.
 */
export async function probeRetained(run: Run): Promise<RetainedSight[]> {
  const { ticks } = run.context;
  const nodes = run.connected;
  const publishedAt = new Map<number, number>();
  const seen = new Map<string, number>();
  run.handlers.set('r', (to, from, { payload, retain }) => {
    const name = `${from}-${to}`;
    if (retain && payload !== '' && !seen.has(name))
      seen.set(name, ticks() - (publishedAt.get(from) ?? ticks()));
  });
  await run.note({ retained: true });
  for (const node of nodes) publishedAt.set(node.index, ticks());
  await Promise.all(nodes.map((node) => retain(run, node, node.node)));
  await Promise.all(
    nodes.map(({ client, index }) =>
      look(run, client, () => nodes.every((from) => seen.has(`${from.index}-${index}`))),
    ),
  );
  run.handlers.delete('r');
  const removed = await Promise.all(nodes.map((node) => retain(run, node, '')));
  if (removed.every(Boolean)) await run.note({ retained: false });
  if (run.isInterrupted) return [];
  return nodes.flatMap((from) =>
    nodes.map((to) => ({
      from: from.node,
      to: to.node,
      after: seen.get(`${from.index}-${to.index}`) ?? null,
    })),
  );
}

const retain = (run: Run, node: ProbeNode, payload: string) =>
  run.publish(node, run.names.retainedOf(node.index), payload, { qos: 1, retain: true });

/** A subscriber that is lost or refused has not seen what it has not seen. */
async function look(run: Run, client: ProbeClient, hasAll: () => boolean): Promise<void> {
  const { clock, options } = run.context;
  try {
    for (const end = clock.now() + options.wait; clock.now() < end && !run.isInterrupted; ) {
      await client.subscribe(run.names.retained, 1);
      const isDone = await run.until(hasAll, AGAIN_AFTER);
      await client.unsubscribe(run.names.retained);
      if (isDone) return;
    }
  } catch (thrown) {
    requireFailure(thrown);
  }
}
