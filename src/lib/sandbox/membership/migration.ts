import type { SimulatedNode } from '../node/node.js';
import type { Session } from '../node/session.js';
import type { Leaving } from './leaving.js';
import { Teardown } from './teardown.js';

interface Queue {
  readonly session: Session;
  /** Chosen once, before the first queue moves. */
  readonly to: SimulatedNode;
}

/** Milliseconds between two rounds, as in the broker. */
const ROUND = 100;
/** Milliseconds of lost time that a migration may catch up on. */
const SLACK = 100;

/**
 * Moves every queue that is offline now with its messages to other members, at the configured speed. A queue whose
 * target is away waits for it, and the leave with it. The leaving node counts a queue a little longer than the target
 * has it already, as the broker does.
 */
export async function migrateQueues(leaving: Leaving, targets: readonly SimulatedNode[]): Promise<void> {
  const { node } = leaving;
  const migration = new Migration(leaving, targets);
  const drains = () => migration.strandDraining();
  node.migrations.add(drains);
  try {
    await migration.run();
  } finally {
    node.migrations.delete(drains);
  }
}

class Migration {
  private readonly node: SimulatedNode;
  private readonly pace: () => Promise<void>;
  private readonly teardown: Teardown;
  /** Those that another leave moves at the same time. */
  private readonly elsewhere: readonly Session[];
  private waiting: readonly Queue[];
  /** The one of `waiting` that is next. */
  private next = 0;
  private moved = 0;

  constructor(
    private readonly leaving: Leaving,
    targets: readonly SimulatedNode[],
  ) {
    this.node = leaving.node;
    this.pace = pacemaker(this.node);
    this.teardown = new Teardown(this.node);
    const sessions = this.node.sessions.all();
    this.elsewhere = sessions.filter(({ migrated }) => migrated);
    this.waiting = sessions.filter(isOffline).flatMap((session) => {
      const to = pick(targets);
      return to ? [{ session, to }] : [];
    });
  }

  async run(): Promise<void> {
    for (;;) {
      const stay: Queue[] = [];
      for (this.next = 0; this.next < this.waiting.length; this.next++) {
        const queue = this.waiting[this.next];
        if (queue && (await this.turn(queue)) === 'stays') stay.push(queue);
      }
      this.waiting = stay;
      if (stay.length === 0 && !this.elsewhere.some((session) => this.isHere(session))) break;
      await this.leaving.sleep(ROUND);
    }
    await this.teardown.finished();
    await this.leaving.step();
  }

  /** The node dies: queues that were being drained belong to their targets already, their messages do not. */
  strandDraining(): void {
    const { sessions, world } = this.node;
    const unmoved = this.waiting
      .slice(this.next)
      .filter(({ session }) => this.isHere(session) && isOffline(session));
    for (const { session, to } of unmoved.slice(0, world.timings.drainsAtOnce - 1))
      sessions.handOver(session, to.sessions, 'messages');
  }

  private async turn({ session, to }: Queue): Promise<'stays' | 'gone'> {
    const { faults, sessions, world } = this.node;
    await faults.migration.passed();
    await this.leaving.step();
    // Its client may have come back, or another leave may have taken it.
    if (!this.isHere(session) || !isOffline(session)) return 'gone';
    const isReachable = to.isRunning && !to.gate.isShut && world.sees(this.node, to);
    if (faults.heldQueues.has(session.clientId) || !isReachable) return 'stays';
    sessions.handOver(session, to.sessions, faults.lostQueues.get(session.clientId));
    this.teardown.add(session);
    this.moved++;
    await this.leaving.reach('migrating', this.moved);
    await this.pace();
    return 'gone';
  }

  private isHere(session: Session): boolean {
    return this.node.sessions.get(session.clientId) === session;
  }
}

const isOffline = ({ peer, migrated }: Session) => peer === null && !migrated;

/** Each call waits until the next queue is due. */
function pacemaker({ world }: SimulatedNode): () => Promise<void> {
  let due = world.clock.now();
  return async () => {
    due = Math.max(due, world.clock.now() - SLACK) + 1000 / world.timings.queuesPerSecond;
    const early = due - world.clock.now();
    if (early >= 1) await world.sleep(early);
  };
}

const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(Math.random() * list.length)];
