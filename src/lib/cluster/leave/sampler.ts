import type { AdminRpc, QueueSummary } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import type { LeaveContext } from './context.js';

/**
 * Asks the leaving node again and again what its queues do, one question at a time: on a node that is busy with moving
 * them the answer can take longer than a look at the cluster, which must not wait for it.
 */
export class QueueSampler {
  /** The last answer; null as long as there is none, and once the node no longer answers. */
  latest: QueueSummary | null = null;
  private isAsking = false;

  /** @param rpc to the leaving node, if it can be reached */
  constructor(
    private readonly rpc: AdminRpc | undefined,
    private readonly context: LeaveContext,
  ) {}

  /** Asks, unless an answer is still to come. */
  ask(): void {
    const { fleet, signal } = this.context;
    if (this.isAsking || !this.rpc?.queueSummary) return;
    this.isAsking = true;
    this.rpc
      .queueSummary({ deadline: fleet.deadline, signal })
      .catch(withoutAnswer)
      .then((summary) => {
        this.latest = summary;
        this.isAsking = false;
      });
  }
}

/** The node stops in the end, and then nobody answers: the members' views say what became of it. */
function withoutAnswer(thrown: unknown): null {
  if (thrown instanceof Failure) return null;
  throw thrown;
}
