import type { Clock } from '../../clock.js';
import { Failure } from '../../failure.js';
import type { OperationRecord, OperationStore } from '../operations/store.js';
import { unsaved } from './endings.js';
import type { StagedState } from './state.js';

export type StagedRecord = OperationRecord<StagedState>;

/** Where a leave stands, in this process and on disk. */
export class Ledger {
  constructor(
    private readonly store: OperationStore,
    private readonly clock: Clock,
    private record: StagedRecord,
    private current: StagedState = record.state,
  ) {}

  get id(): string {
    return this.record.id;
  }

  get state(): StagedState {
    return this.current;
  }

  /**
   * It is on disk on return, where it is more than what only the looks of this process have shown.
   *
   * @throws Failure (configuration) where it cannot be written: what it was to allow must not be done
   */
  async become(state: StagedState): Promise<void> {
    const before = this.current;
    this.current = state;
    if (JSON.stringify(lasting(state)) !== JSON.stringify(lasting(before))) await this.write();
  }

  async write(outcome: StagedRecord['outcome'] = 'running', summary = ''): Promise<void> {
    const { current: state } = this;
    const now = this.clock.now();
    this.record = { ...this.record, phase: state.stand, outcome, summary, updatedAt: now, state };
    await this.store.write(this.record).catch((thrown: unknown) => {
      throw thrown instanceof Failure ? unsaved(thrown, state) : thrown;
    });
  }
}

/** Without what only this process has seen. */
function lasting(state: StagedState) {
  const unseen = { moved: undefined, taken: undefined, downSince: undefined, wholeSince: undefined };
  return { ...state, ...unseen, lastBatchAt: undefined };
}
