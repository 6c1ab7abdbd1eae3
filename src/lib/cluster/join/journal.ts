import type { Clock } from '../../clock.js';
import { type OperationRecord, type OperationStore, operationId } from '../operations/store.js';

/** What has been sent, so that it is not sent twice. */
export interface JoinState {
  /** Address of the joining node. */
  readonly on: string;
  readonly discoveryNode: string;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
}

export type JoinRecord = OperationRecord<JoinState>;

/** The newest join of this node into the cluster of that one that has no end. */
export async function openJoin(
  store: OperationStore,
  node: string,
  discoveryNode: string,
): Promise<JoinRecord | undefined> {
  const records = await store.list();
  return records.find(
    (record): record is JoinRecord =>
      record.kind === 'join' &&
      record.outcome === 'running' &&
      record.subjects.includes(node) &&
      isJoinState(record.state) &&
      (record.state.discoveryNode === discoveryNode || record.members.includes(discoveryNode)),
  );
}

function isJoinState(value: unknown): value is JoinState {
  const state = value as Partial<JoinState> | null;
  return typeof state?.discoveryNode === 'string' && Number.isFinite(state.sentAt);
}

/** On return it is on disk that the join is about to be sent. */
export async function noteSent(
  { store, clock }: { readonly store: OperationStore; readonly clock: Clock },
  node: string,
  members: readonly string[],
  sent: Omit<JoinState, 'sentAt'>,
  earlier: JoinRecord | undefined,
): Promise<JoinRecord> {
  const now = clock.now();
  const record: JoinRecord = {
    schema: 'vmqctl.operation/1',
    id: earlier?.id ?? operationId('join', node, now),
    kind: 'join',
    subjects: [node],
    members,
    phase: 'sent',
    outcome: 'running',
    startedAt: earlier?.startedAt ?? now,
    updatedAt: now,
    summary: `told to join ${sent.discoveryNode}; not all members have agreed yet`,
    state: { ...sent, sentAt: now },
  };
  await store.write(record);
  return record;
}

export async function noteEnd(
  { store, clock }: { readonly store: OperationStore; readonly clock: Clock },
  record: JoinRecord,
  outcome: 'done' | 'failed',
  summary: string,
): Promise<void> {
  await store.write({ ...record, phase: 'ended', outcome, summary, updatedAt: clock.now() });
}
