import type { OperationRecord, OperationStore } from '../operations/store.js';
import type { ClusterView } from '../view.js';

/**
 * How far one node has come.
 * - `listed`: nothing was done to it. - `removing`: its removal has been sent. - `removed`: no member lists it.
 * - `repairing`: its repair has been sent. - `repaired`: the broker has said that it is done.
 * - `rejoined`: it came back before it was removed, and is a member. - `returned`: it came back after it was removed.
 */
export const STATUSES = [
  'listed',
  'removing',
  'removed',
  'repairing',
  'repaired',
  'rejoined',
  'returned',
] as const;
export type NodeStatus = (typeof STATUSES)[number];

export interface Client {
  readonly mountpoint: string;
  readonly clientId: string;
}

export interface NodeState {
  readonly name: string;
  readonly status: NodeStatus;
  /** Whose queues were made anew with its repair; null where that cannot be told. */
  readonly recreated: readonly Client[] | null;
}

export interface ReapState {
  readonly nodes: readonly NodeState[];
  /** Keys of the queues that were there before anything was sent; null where they could not be listed. */
  readonly known: readonly string[] | null;
  /** Whose queues have appeared since. */
  readonly recreated: readonly Client[];
}

export type ReapRecord = OperationRecord<ReapState>;

/** Where the node is out of the cluster and its repair not certain. */
const UNFINISHED: readonly NodeStatus[] = ['listed', 'removing', 'removed', 'repairing', 'returned'];

export const isUnfinished = ({ status }: NodeState): boolean => UNFINISHED.includes(status);

/** Records of this cluster, the newest first. */
export async function recordsOf(store: OperationStore, view: ClusterView): Promise<ReapRecord[]> {
  const records = await store.list();
  return records.filter(
    (record): record is ReapRecord =>
      record.kind === 'reap' &&
      isReapState(record.state) &&
      record.members.some((name) => view.observers.includes(name)),
  );
}

/** What the newer says of a node stands. */
export function mergeRecords(newer: ReapRecord, older: ReapRecord): ReapRecord {
  const names = newer.state.nodes.map(({ name }) => name);
  const nodes = [...newer.state.nodes, ...older.state.nodes.filter(({ name }) => !names.includes(name))];
  const recreated = [...newer.state.recreated, ...older.state.recreated];
  return { ...newer, state: { ...newer.state, nodes, recreated } };
}

function isReapState(value: unknown): value is ReapState {
  const state = value as Partial<ReapState> | null;
  return (
    Array.isArray(state?.nodes) &&
    state.nodes.every(isNodeState) &&
    Array.isArray(state.recreated) &&
    (state.known === null || Array.isArray(state.known))
  );
}

function isNodeState(value: unknown): boolean {
  const node = value as Partial<NodeState> | null;
  return typeof node?.name === 'string' && STATUSES.some((status) => status === node.status);
}
