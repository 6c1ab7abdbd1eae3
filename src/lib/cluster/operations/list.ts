import type { OperationRecord, OperationStore } from './store.js';

/** One operation, without what only itself needs to go on. */
export interface OperationEntry
  extends Omit<OperationRecord, 'schema' | 'state' | 'outcome' | 'subjects' | 'members'> {
  readonly nodes: readonly string[];
  /** `interrupted`: it has no end, and no process of this machine is at it any more. */
  readonly outcome: OperationRecord['outcome'] | 'interrupted';
}

/**
 * Running and past operations, the newest first.
 *
 * @param isHeld whether a process works on this node
 */
export async function listOperations(
  store: OperationStore,
  isHeld: (node: string) => Promise<boolean>,
): Promise<OperationEntry[]> {
  const records = await store.list();
  return Promise.all(records.map(async (record) => toEntry(record, await isAtWork(record, isHeld))));
}

async function isAtWork(
  { outcome, subjects }: OperationRecord,
  isHeld: (node: string) => Promise<boolean>,
): Promise<boolean> {
  return outcome === 'running' && (await Promise.all(subjects.map(isHeld))).some(Boolean);
}

function toEntry(record: OperationRecord, isAtWork: boolean): OperationEntry {
  const { id, kind, subjects: nodes, phase, startedAt, updatedAt, summary } = record;
  const outcome = record.outcome === 'running' && !isAtWork ? 'interrupted' : record.outcome;
  return { id, kind, nodes, phase, outcome, startedAt, updatedAt, summary };
}
