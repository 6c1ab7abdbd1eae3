import type { Failure } from '../../failure.js';
import type { LeaveRecord } from '../leave/journal.js';
import { totalsOf } from '../queues.js';
import type { AuditedStore, OperationRecord } from './store.js';

/** One operation, without what only itself needs to go on. */
export interface OperationEntry
  extends Omit<OperationRecord, 'schema' | 'state' | 'outcome' | 'subjects' | 'members'> {
  readonly nodes: readonly string[];
  /**
   * `interrupted`: it has no end, and no process of this machine is at it any more. `open`: a plain leave that was sent,
   * which nobody has seen end; whether one watches it is not recorded.
   */
  readonly outcome: OperationRecord['outcome'] | 'interrupted' | 'open';
}

export interface OperationList {
  /** The newest first. */
  readonly operations: readonly OperationEntry[];
  /** Why each of the others cannot be told of. */
  readonly unreadable: readonly Failure[];
}

/** The plain leaves that are in their own journal until their account is taken. */
export interface LeaveList {
  readonly records: readonly LeaveRecord[];
  readonly unreadable: readonly Failure[];
}

/**
 * Running and past operations.
 *
 * @param isHeld whether a process works on this node
 */
export async function listOperations(
  store: AuditedStore,
  leaves: LeaveList,
  isHeld: (node: string) => Promise<boolean>,
): Promise<OperationList> {
  const records = await store.list();
  const entries = await Promise.all(
    records.map(async (record) => toEntry(record, await isAtWork(record, isHeld))),
  );
  return {
    operations: [...entries, ...leaves.records.map(ofLeave)].sort(
      (one, other) => other.startedAt - one.startedAt,
    ),
    unreadable: [...(await store.unreadable()), ...leaves.unreadable],
  };
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

function ofLeave({ node, path, sentAt, answer, before }: LeaveRecord): OperationEntry {
  const { queues, messages } = totalsOf(before);
  return {
    id: `leave-${node}`,
    kind: 'leave',
    nodes: [node],
    phase: path,
    outcome: answer === undefined ? 'open' : 'failed',
    startedAt: sentAt,
    updatedAt: sentAt,
    summary: [`${queues} queues and ${messages} messages when it was sent`, ...(answer ? [answer] : [])].join(
      '; ',
    ),
  };
}
