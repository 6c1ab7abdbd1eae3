import type { Clock } from '../../clock.js';
import type { OperationRecord, OperationStore } from '../operations/store.js';
import { operationId } from '../operations/store.js';
import type { Client, NodeStatus, ReapRecord, ReapState } from './state.js';

/** The record of one removal of dead nodes: what it says is on disk before it is done. */
export class ReapJournal {
  private constructor(
    private readonly store: OperationStore,
    private readonly clock: Clock,
    private record: ReapRecord,
  ) {}

  static async begin(
    { store, clock }: { readonly store: OperationStore; readonly clock: Clock },
    members: readonly string[],
    state: ReapState,
    earlier: ReapRecord | undefined,
  ): Promise<ReapJournal> {
    const now = clock.now();
    const subjects = state.nodes.map(({ name }) => name);
    const record: ReapRecord = {
      schema: 'vmqctl.operation/1',
      id: earlier?.id ?? operationId('reap', subjects[0] ?? '', now),
      kind: 'reap',
      subjects,
      members: earlier?.members ?? members,
      phase: 'planned',
      outcome: 'running',
      startedAt: earlier?.startedAt ?? now,
      updatedAt: now,
      summary: `${subjects.length} dead nodes to remove`,
      state,
    };
    await store.write(record);
    return new ReapJournal(store, clock, record);
  }

  get id(): string {
    return this.record.id;
  }

  get startedAt(): number {
    return this.record.startedAt;
  }

  get state(): ReapState {
    return this.record.state;
  }

  /**
   * On return it is on disk.
   *
   * @param appeared whose queues have appeared with it; null where that cannot be told
   */
  async note(name: string, status: NodeStatus, appeared: readonly Client[] | null = null): Promise<void> {
    const nodes = this.state.nodes.map((node) =>
      node.name === name ? { ...node, status, recreated: add(node.recreated, appeared) } : node,
    );
    const done = nodes.filter((node) => node.status === 'repaired').length;
    const change = {
      phase: `${status} ${name}`,
      summary: `${done} of ${nodes.length} dead nodes removed and repaired`,
      state: { ...this.state, nodes, recreated: add(this.state.recreated, appeared) ?? [] },
    };
    // What is announced and cannot be written is not done; what is done is so, whether or not it can be written.
    const before = this.record;
    await this.write(change).catch((thrown) => {
      if (status === 'removing' || status === 'repairing') this.record = before;
      throw thrown;
    });
  }

  /** Queues have appeared, and of whose they were nobody can tell. */
  async noteAppeared(appeared: readonly Client[]): Promise<void> {
    await this.write({ state: { ...this.state, recreated: [...this.state.recreated, ...appeared] } });
  }

  async end(outcome: OperationRecord['outcome'], phase: string, summary: string): Promise<undefined> {
    await this.write({ outcome, phase, summary });
  }

  private async write(change: Partial<ReapRecord>): Promise<void> {
    this.record = { ...this.record, ...change, updatedAt: this.clock.now() };
    await this.store.write(this.record);
  }
}

const add = (before: readonly Client[] | null, more: readonly Client[] | null) =>
  before === null || more === null ? (more ?? before) : [...before, ...more];
