import { Failure } from '../../failure.js';
import { type OperationRecord, type OperationStore, operationId } from '../operations/store.js';
import type { ClusterView } from '../view.js';
import { currentNode, type RollState } from './state.js';

export type RollRecord = OperationRecord<RollState>;

export function newRecord(state: RollState, view: ClusterView, now: number): RollRecord {
  return {
    schema: 'vmqctl.operation/1',
    id: operationId('roll', state.nodes[0] ?? '', now),
    kind: 'roll',
    subjects: state.nodes,
    members: view.members.map(({ name }) => name),
    phase: state.phase,
    outcome: 'running',
    startedAt: now,
    updatedAt: now,
    summary: '',
    state,
  };
}

/** @param why it stopped */
export const updated = (
  record: RollRecord,
  state: RollState,
  outcome: RollRecord['outcome'],
  now: number,
  why?: string,
): RollRecord => ({
  ...record,
  phase: state.phase,
  outcome,
  updatedAt: now,
  summary: summaryOf(state, why ?? state.stopping?.message),
  state,
});

function summaryOf(state: RollState, why: string | undefined): string {
  const done = `${state.results.length} of ${state.nodes.length} nodes done`;
  if (state.phase === 'done') return done;
  return `${done}; ${currentNode(state)}: ${state.phase}${why === undefined ? '' : ` (${why})`}`;
}

/** The rolls that were cut short, the newest first. */
export async function unfinishedRolls(store: OperationStore): Promise<RollRecord[]> {
  const records = await store.list();
  return records
    .filter(({ kind, outcome }) => kind === 'roll' && (outcome === 'running' || outcome === 'failed'))
    .filter(isRoll);
}

/** Of this cluster: another may have nodes of the same names, but not all of them. */
export const isOf = ({ members }: RollRecord, view: ClusterView): boolean =>
  members.every((name) => view.members.some((member) => member.name === name));

/** Written by another version, it may hold something else. */
function isRoll(record: OperationRecord): record is RollRecord {
  const state = record.state as Partial<RollState> | null;
  return (
    typeof state === 'object' &&
    [state?.nodes, state?.results, state?.suspended].every(Array.isArray) &&
    typeof state?.addresses === 'object' &&
    typeof state.sessions === 'number'
  );
}

export const nothingToResume = () =>
  new Failure('safety', 'nothing_to_resume', 'no roll of this cluster was cut short on this machine', {
    hint: 'Leave --resume out to begin one. Nothing was changed.',
  });
