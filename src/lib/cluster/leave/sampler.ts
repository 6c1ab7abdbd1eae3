import type { AdminRpc, QueueSummary } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import type { LeaveContext } from './context.js';

/** Milliseconds between two questions, as often as the broker itself counts. */
const INTERVAL = 5000;
/** So many times as long as an answer has taken, the node is left in peace. */
const REST = 10;

/**
 * Asks the leaving node again and again what its queues do, never two questions at a time: a node that is busy with moving
 * them may take longer than a look at the cluster, which must not wait for it, and would go on with a question that was
 * given up here.
 */
export class QueueSampler {
  /** The last answer; null as long as there is none, and once the node no longer answers. */
  latest: QueueSummary | null = null;
  private isAsking = false;
  /** Milliseconds since the epoch. */
  private nextAt = 0;

  /** @param rpc to the leaving node, if it can be reached */
  constructor(
    private readonly rpc: AdminRpc | undefined,
    private readonly context: LeaveContext,
  ) {}

  /** Asks, unless an answer is still to come or the last one is young. */
  ask(): void {
    const { fleet, signal } = this.context;
    const asked = fleet.clock.now();
    if (this.isAsking || asked < this.nextAt || !this.rpc?.queueSummary) return;
    this.isAsking = true;
    this.rpc
      .queueSummary({ deadline: 0, signal })
      .catch(withoutAnswer)
      .then((summary) => {
        const answered = fleet.clock.now();
        this.latest = summary;
        this.isAsking = false;
        this.nextAt = Math.max(asked + INTERVAL, answered + REST * (answered - asked));
      });
  }
}

/** The node stops in the end, and then nobody answers: the members' views say what became of it. */
function withoutAnswer(thrown: unknown): null {
  if (thrown instanceof Failure) return null;
  throw thrown;
}
