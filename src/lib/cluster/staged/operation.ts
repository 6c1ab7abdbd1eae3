import { Failure } from '../../failure.js';
import { operationId } from '../operations/store.js';
import { lookAround } from '../reach.js';
import { type ClusterView, memberOf, servingListeners } from '../view.js';
import type { StagedContext } from './context.js';
import type { StagedRecord } from './ledger.js';
import { firstState, type StagedPlan } from './plan.js';
import { resumed } from './state.js';

/**
 * Puts a new leave on disk.
 *
 * @throws Failure (safety) while an earlier one of the same node is not over
 */
export async function beginStaged(
  { fleet, store, signal }: StagedContext,
  plan: StagedPlan,
): Promise<StagedRecord> {
  const node = plan.leave.target.name;
  const earlier = await findUnfinished(store, node);
  if (earlier) {
    const view = await lookAround(fleet, signal);
    if (!isOver(earlier, view)) throw unfinished(earlier);
    await store.write({ ...earlier, outcome: 'failed', summary: 'over: the node serves again' });
  }
  const now = fleet.clock.now();
  const record: StagedRecord = {
    schema: 'vmqctl.operation/1',
    id: operationId('leave', node, now),
    kind: 'leave',
    subjects: [node],
    members: [node, ...plan.leave.survivors.map(({ name }) => name)],
    phase: 'suspend',
    outcome: 'running',
    startedAt: now,
    updatedAt: now,
    summary: '',
    state: firstState(plan, now),
  };
  await store.keep(record.id, plan.before);
  await store.write(record);
  return record;
}

/**
 * The leave of a node that an earlier process has begun, as this one goes on with it.
 *
 * @throws Failure (safety) where there is none
 */
export async function pickUpStaged({ store }: StagedContext, node: string): Promise<StagedRecord> {
  const record = await findUnfinished(store, node);
  if (record) return { ...record, outcome: 'running', state: resumed(record.state) };
  throw new Failure(
    'safety',
    'nothing_to_resume',
    `no unfinished staged leave of ${node} is on this machine`,
    {
      hint: 'See vmqctl cluster operations. It is taken up where it was begun, or begun anew without --resume. Nothing was changed.',
    },
  );
}

async function findUnfinished(
  store: StagedContext['store'],
  node: string,
): Promise<StagedRecord | undefined> {
  const records = (await store.list()) as StagedRecord[];
  return records.find(
    ({ kind, subjects, outcome, state }) =>
      kind === 'leave' &&
      subjects.includes(node) &&
      (outcome === 'running' || outcome === 'failed') &&
      state.stand !== 'done' &&
      state.stand !== 'aborted',
  );
}

/** It was about another cluster, or the node serves clients again. */
function isOver({ state, outcome, summary }: StagedRecord, view: ClusterView): boolean {
  if (outcome === 'failed' && summary.startsWith('over: ')) return true;
  if (!state.survivors.some((name) => view.observers.includes(name))) return true;
  const own = memberOf(view, state.node)?.own;
  return own ? servingListeners(own).length > 0 : false;
}

const unfinished = ({ state: { node, stand }, startedAt }: StagedRecord) =>
  new Failure(
    'safety',
    'leave_unfinished',
    `a leave of ${node} that was begun at ${new Date(startedAt).toISOString()} stands in ${stand}`,
    { hint: 'Go on with --resume, or undo it with --abort. Nothing was changed.' },
  );
