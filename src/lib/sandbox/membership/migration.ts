import type { SimulatedNode } from '../node/node.js';
import type { Session } from '../node/session.js';
import type { SessionStore } from '../node/session-store.js';

/** Whom a queue may go to; undefined when there is nobody left, and the queue stays. */
type PickTarget = () => { readonly sessions: SessionStore } | undefined;

/**
 * Moves every offline queue with its messages to other members, at the configured speed. The leaving node counts a
 * queue a little longer than the target has it already, as the broker does.
 */
export async function migrateQueues(leaver: SimulatedNode, pickTarget: PickTarget): Promise<void> {
  const pace = pacemaker(leaver);
  const teardowns: Promise<void>[] = [];
  for (let waiting = offline(leaver); waiting.length > 0; waiting = offline(leaver)) {
    for (const session of waiting) {
      await leaver.faults.migration.passed();
      if (leaver.world.isClosed || !leaver.isRunning) return;
      const target = pickTarget();
      if (!target) return;
      // While we waited its client may have come back, or another leave may have taken it.
      if (!isOffline(session)) continue;
      leaver.sessions.handOver(session, target.sessions);
      teardowns.push(tearDown(leaver, session.clientId));
      await pace();
    }
  }
  await Promise.all(teardowns);
}

const isOffline = ({ peer, migrated }: Session) => peer === null && !migrated;

const offline = (leaver: SimulatedNode) => leaver.sessions.all().filter(isOffline);

/** Each call waits until the next queue is due. */
function pacemaker({ world }: SimulatedNode): () => Promise<void> {
  let due = world.clock.now();
  return async () => {
    due += 1000 / world.timings.queuesPerSecond;
    const early = due - world.clock.now();
    if (early >= 1) await world.sleep(early);
  };
}

async function tearDown(leaver: SimulatedNode, clientId: string): Promise<void> {
  await leaver.world.sleep(leaver.world.timings.teardownLag);
  leaver.sessions.remove(clientId);
}
