/** Places in a leave, in their order. `suspended` is of the first stage, all others are of the second. */
export type Phase =
  | 'suspended'
  | 'listeners-deleted'
  | 'sessions-killed'
  | 'migrating'
  | 'migrated'
  | 'departing'
  | 'stopped';

interface Plan {
  readonly phase: Phase;
  readonly queues: number;
  readonly act: () => void | Promise<void>;
  readonly done: () => void;
  readonly failed: (thrown: unknown) => void;
}

/** What a test wants to happen in the course of a leave. */
export class Phases {
  private plans: readonly Plan[] = [];

  /** @param queues for `migrating`: how many have moved by then */
  at(phase: Phase, act: () => void | Promise<void>, queues = 1): Promise<void> {
    return new Promise((done, failed) => {
      this.plans = [...this.plans, { phase, queues, act, done, failed }];
    });
  }

  /** A leave is there, and waits until all that was planned is done. */
  async reach(phase: Phase, queues = 1): Promise<void> {
    const due = this.plans.filter((plan) => plan.phase === phase && plan.queues <= queues);
    if (due.length === 0) return;
    this.plans = this.plans.filter((plan) => !due.includes(plan));
    for (const { act, done, failed } of due) {
      try {
        await act();
        done();
      } catch (thrown) {
        failed(thrown);
      }
    }
  }
}
