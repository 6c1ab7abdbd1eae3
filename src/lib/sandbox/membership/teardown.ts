import type { SimulatedNode } from '../node/node.js';
import type { Session } from '../node/session.js';

/** Milliseconds within which queues are torn down together: thousands of timers at once would be slow. */
const TOGETHER = 20;

/** The queues that have moved away, which the leaving node goes on counting for a little while. */
export class Teardown {
  private batch: { readonly since: number; readonly sessions: Session[] } | null = null;
  private readonly batches: Promise<void>[] = [];

  constructor(private readonly leaver: SimulatedNode) {}

  add(session: Session): void {
    const now = this.leaver.clock.now();
    if (!this.batch || now - this.batch.since >= TOGETHER) {
      this.batch = { since: now, sessions: [] };
      this.batches.push(this.end(this.batch.sessions));
    }
    this.batch.sessions.push(session);
  }

  async finished(): Promise<void> {
    await Promise.all(this.batches);
  }

  private async end(sessions: Session[]): Promise<void> {
    const { world } = this.leaver;
    await world.sleep(world.timings.teardownLag + TOGETHER);
    if (this.batch?.sessions === sessions) this.batch = null;
    // By now the node may have started again, with a new session of the same client.
    for (const session of sessions) this.leaver.sessions.removeIfSame(session);
  }
}
