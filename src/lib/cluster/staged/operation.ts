import { Failure } from '../../failure.js';
import { withEarlier } from '../leave/record.js';
import { observe } from '../observe.js';
import { operationId } from '../operations/store.js';
import { lookAround } from '../reach.js';
import { type ClusterView, memberOf, mergeViews, servingListeners } from '../view.js';
import { reaching, type StagedContext } from './context.js';
import { assertReadable, keptStock } from './journal.js';
import type { StagedRecord } from './ledger.js';
import { firstState, type StagedPlan, type StagedWish } from './plan.js';
import { resumed, type StagedState } from './state.js';

/**
 * An earlier leave of the node, cut short, that is over by now: its node serves again, or it was about another cluster.
 *
 * @throws Failure (safety) while it is not over
 */
export async function findOver(
  { fleet, store, signal }: StagedContext,
  node: string,
): Promise<StagedRecord | undefined> {
  const earlier = await findUnfinished(store, node);
  if (!earlier) return undefined;
  const known = reaching({ fleet, store, signal }, earlier.state);
  if (isOver(earlier.state, await lookAround(known.fleet, signal))) return earlier;
  throw unfinished(earlier);
}

/**
 * Puts a new leave on disk.
 *
 * @param over an earlier one, which it takes the place of
 */
export async function beginStaged(
  { fleet, store }: StagedContext,
  plan: StagedPlan,
  over: StagedRecord | undefined,
): Promise<StagedRecord> {
  const node = plan.leave.target.name;
  // The last one has to be known by its time, also where the clock was set back in between.
  const last = await findLast(store, node);
  const now = Math.max(fleet.clock.now(), (last?.startedAt ?? 0) + 1);
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
  const earlier = over && brokeOff(over, plan, now) ? await keptStock(store, over.id) : [];
  await store.keep(record.id, withEarlier(plan.before, earlier));
  await store.write(record);
  if (over) await store.write({ ...over, outcome: 'failed', summary: `over: begun anew as ${record.id}` });
  return record;
}

/** Milliseconds for which the queues of a leave that broke off are worth looking for: later, many have expired. */
const WORTH_KNOWING = 24 * 3_600_000;

/** Whether the broker may have moved queues for it, and may have lost some when it broke off. */
export const brokeOff = ({ state, startedAt }: StagedRecord, { leave }: StagedPlan, now: number): boolean =>
  state.left !== undefined &&
  now - startedAt < WORTH_KNOWING &&
  leave.survivors.some(({ name }) => state.survivors.includes(name));

/**
 * The leave of a node that an earlier process has begun, as this one goes on with it.
 *
 * @param abort it is to be undone, and needs no account
 * @param options what the operator wants otherwise from now on
 * @throws Failure (safety) where there is none, or where it is about another cluster
 */
export async function pickUpStaged(
  given: StagedContext,
  node: string,
  { abort, options }: { readonly abort: boolean; readonly options: StagedWish['options'] },
): Promise<StagedRecord> {
  const { store, signal } = given;
  const record = await findUnfinished(store, node);
  if (!record) throw nothingToResume(node);
  const { fleet } = reaching(given, record.state);
  if (!abort) await keptStock(store, record.id);
  const view = mergeViews(await observe(fleet, signal));
  if (view.observers.length > 0 && isElsewhere(record.state, view)) throw otherCluster(record.state);
  const state = resumed(record.state);
  return { ...record, outcome: 'running', state: { ...state, options: { ...state.options, ...options } } };
}

/** The last one that was begun here, unless it has come to its end. */
async function findUnfinished(
  store: StagedContext['store'],
  node: string,
): Promise<StagedRecord | undefined> {
  const last = await findLast(store, node);
  if (!last || last.outcome === 'done' || last.outcome === 'aborted') return undefined;
  const record = assertReadable(last);
  return record.state.stand === 'done' || record.state.stand === 'aborted' ? undefined : record;
}

const findLast = async (store: StagedContext['store'], node: string) =>
  (await store.list()).find(({ kind, subjects }) => kind === 'leave' && subjects.includes(node));

const isElsewhere = ({ survivors }: StagedState, view: ClusterView): boolean =>
  !survivors.some((name) => memberOf(view, name));

function isOver(state: StagedState, view: ClusterView): boolean {
  if (isElsewhere(state, view)) return true;
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

const nothingToResume = (node: string) =>
  new Failure('safety', 'nothing_to_resume', `no unfinished staged leave of ${node} is on this machine`, {
    hint: 'See vmqctl cluster operations. It is taken up where it was begun, or begun anew without --resume. Nothing was changed.',
  });

const otherCluster = ({ node, survivors }: StagedState) =>
  new Failure(
    'safety',
    'other_cluster',
    `the leave of ${node} that was begun here is about a cluster with ${survivors.join(', ')}, none of which is a member of this one`,
    { hint: 'Check --context and --node. Nothing was changed.' },
  );
