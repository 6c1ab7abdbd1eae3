import type { SimulatedNode } from '../node/node.js';
import type { Phase } from '../node/phases.js';

/** What the node that was asked says of a function whose node it has lost. */
export const NO_CONNECTION = 'Unknown error: noconnection';

/** The function that leaves has ended before its time. */
export class LeaveEnded extends Error {
  constructor(readonly reply: string | 'crashed') {
    super(reply);
  }
}

/** The function that the broker runs on the leaving node: it dies with that node, and nobody starts it again. */
export class Leaving {
  private readonly incarnation: number;

  constructor(readonly node: SimulatedNode) {
    this.incarnation = node.incarnation;
  }

  /** Stands still while the node is frozen. @throws LeaveEnded when it is dead, or has been made to crash */
  async step(): Promise<void> {
    const { gate, faults, world } = this.node;
    await gate.passed();
    if (world.isClosed || this.node.incarnation !== this.incarnation) throw new LeaveEnded(NO_CONNECTION);
    const { leaveCrash } = faults;
    faults.leaveCrash = null;
    if (leaveCrash !== null) throw new LeaveEnded(leaveCrash);
  }

  /** @param queues how many have moved, while they do */
  async reach(phase: Phase, queues?: number): Promise<void> {
    await this.node.phases.reach(phase, queues);
    await this.step();
  }

  async sleep(milliseconds: number): Promise<void> {
    await this.node.world.sleep(milliseconds);
    await this.step();
  }
}
