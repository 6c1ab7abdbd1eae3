import { onTestFinished } from 'vitest';
import { openConnector } from '../../../../src/lib/admin/connect.js';
import { systemClock } from '../../../../src/lib/clock.js';
import type { OperationRecord, StockStore } from '../../../../src/lib/cluster/operations/store.js';
import type { StagedContext, StagedEvent, StagedReport } from '../../../../src/lib/cluster/staged/context.js';
import type { StagedRecord } from '../../../../src/lib/cluster/staged/ledger.js';
import { firstState, planStaged } from '../../../../src/lib/cluster/staged/plan.js';
import { runStaged } from '../../../../src/lib/cluster/staged/run.js';
import { resumed, type StagedOptions } from '../../../../src/lib/cluster/staged/state.js';
import type { SandboxNode } from '../../../../src/lib/sandbox/handle.js';

/** A store whose every write is kept, so that a run can be taken up from any of them. */
export function memoryStore(): StockStore & { readonly writes: OperationRecord[]; stock: unknown } {
  const records = new Map<string, OperationRecord>();
  const writes: OperationRecord[] = [];
  return {
    writes,
    stock: undefined,
    read: async (id) => records.get(id),
    list: async () => [...records.values()],
    write: async (record) => {
      // As on disk: nothing of the process is in it.
      const copy = JSON.parse(JSON.stringify(record)) as OperationRecord;
      records.set(record.id, copy);
      writes.push(copy);
    },
    remove: async (id) => void records.delete(id),
    async keep(_id, stock) {
      this.stock = JSON.parse(JSON.stringify(stock));
    },
    async kept() {
      return this.stock;
    },
  };
}

export const OPTIONS: StagedOptions = {
  grace: 0,
  untilSessions: 0,
  rate: undefined,
  survivorSessions: undefined,
  interval: 1,
  timeout: 5,
};

export async function contextFor(
  seeds: readonly SandboxNode[],
  more: Partial<StagedContext> = {},
): Promise<StagedContext & { readonly store: ReturnType<typeof memoryStore> }> {
  const connector = await openConnector({ apiKeyHeader: 'basic' });
  onTestFinished(() => connector.close());
  const fleet = {
    ...connector,
    seeds: seeds.map(({ httpUrl }) => httpUrl),
    deadline: 1000,
    clock: systemClock,
  };
  return { fleet, timeout: 60_000, ...more, store: memoryStore() };
}

/** As the command begins one. */
export async function begin(
  context: StagedContext,
  node: SandboxNode,
  options: Partial<StagedOptions> = {},
): Promise<StagedRecord> {
  const wish = { node: node.name, options: { ...OPTIONS, ...options }, allowUnreachableNode: false };
  const plan = await planStaged(context, { ...wish, bcryptPool: 1, bcryptCost: 12 });
  const now = context.fleet.clock.now();
  const record: StagedRecord = {
    schema: 'vmqctl.operation/1',
    id: 'leave',
    kind: 'leave',
    subjects: [node.name],
    members: [],
    phase: 'suspend',
    outcome: 'running',
    startedAt: now,
    updatedAt: now,
    summary: '',
    state: firstState(plan, now),
  };
  await context.store.keep(record.id, plan.before);
  await context.store.write(record);
  return record;
}

export interface Outcome {
  readonly events: StagedEvent[];
  readonly report?: StagedReport;
  readonly thrown?: unknown;
}

/** Runs to the end, whatever that is. */
export async function follow(
  context: StagedContext,
  record: StagedRecord,
  wish = { abort: false },
  onEvent: (event: StagedEvent) => unknown = () => undefined,
): Promise<Outcome> {
  const events: StagedEvent[] = [];
  try {
    const run = runStaged(context, record, wish);
    for (;;) {
      const next = await run.next();
      if (next.done) return { events, report: next.value };
      events.push(next.value);
      await onEvent(next.value);
    }
  } catch (thrown) {
    return { events, thrown };
  }
}

/** As another process takes up what is on disk. */
export async function takenUp(context: StagedContext): Promise<StagedRecord> {
  const [record] = (await context.store.list()) as StagedRecord[];
  if (!record) throw new Error('nothing is on disk');
  return { ...record, state: resumed(record.state) };
}
