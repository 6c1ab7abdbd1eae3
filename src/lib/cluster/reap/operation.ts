import { Failure } from '../../failure.js';
import { queueKey } from '../queues.js';
import type { ReapEvent, ReapReport } from './events.js';
import { type FirstLook, isOutdated, lookFirst, namesOf } from './first-look.js';
import { ReapJournal } from './journal.js';
import { appeared, persistentQueues } from './loss.js';
import type { ReapContext } from './options.js';
import { requireConsent } from './plan.js';
import { removeNode } from './remove.js';
import { repairNode } from './repair.js';
import { reportOf } from './report.js';
import { coordinatorOf, Run } from './run.js';
import { isUnfinished, type NodeState, type ReapState } from './state.js';

/** Milliseconds: the broker itself closes a connection after 60 s. */
const SETTLE = 60_000;

/**
 * Takes dead nodes out of their cluster: all memberships first, because the broker repairs nothing while another dead
 * member is listed, then the repair of each, until the broker has said that it is done. Cut short, the same call goes
 * on where it stopped: each step is in the journal before it is taken, and each can be repeated without harm.
 *
 * @throws Failure when nothing was done; what was done in part is told in the report
 */
export async function* reapCluster(context: ReapContext): AsyncGenerator<ReapEvent, ReapReport> {
  const first = await lookFirst(context);
  const { plan, earlier } = first;
  yield { type: 'planned', plan };
  for (const message of plan.warnings) yield { type: 'warning', message };
  for (const { message } of await context.store.unreadable())
    yield { type: 'warning', message: unknowable(message) };
  requireConsent(plan, context.options);
  const lock = await context.lock(namesOf(plan));
  try {
    if (!(await isOutdated(context, first))) {
      if (earlier) yield { type: 'resumed', startedAt: earlier.startedAt };
      return yield* work(context, first);
    }
  } finally {
    await lock.release();
  }
  return yield* reapCluster(context);
}

async function* work(context: ReapContext, first: FirstLook): AsyncGenerator<ReapEvent, ReapReport> {
  const { fleet, options, signal, store } = context;
  const { view, plan, earlier } = first;
  const state = await firstState(context, first);
  if (state.nodes.length === 0) return reportOf(state, plan.survivors, { resumed: false, took: 0 });
  const names = view.members.map(({ name }) => name);
  const journal = await ReapJournal.begin({ store, clock: fleet.clock }, names, state, earlier);
  for (const id of first.merged) await store.remove(id);
  const answering = view.members.flatMap(({ address }) => address ?? []);
  const run = new Run(fleet, journal, plan.survivors, options, signal, answering);
  const facts = { resumed: earlier !== undefined };
  try {
    const trouble = yield* takeSteps(run);
    return await conclude(run, trouble, facts);
  } finally {
    run.close();
  }
}

/** Taken before anything is changed: what is new in the end has been made anew. */
async function firstState(
  { fleet, signal }: ReapContext,
  { view, plan, earlier }: FirstLook,
): Promise<ReapState> {
  const before = new Map(earlier?.state.nodes.map((node) => [node.name, node]));
  const fresh = (name: string, status: NodeState['status']): NodeState => ({
    name,
    status,
    recreated: before.get(name)?.recreated ?? null,
  });
  const planned = [
    ...plan.targets.map(({ name }) => fresh(name, 'listed')),
    ...plan.gone.map((name) => fresh(name, 'removed')),
    ...plan.back.map((name) => fresh(name, 'rejoined')),
  ];
  const done = [...before.values()].filter(({ name }) => !planned.some((node) => node.name === name));
  const nodes = [...done, ...planned];
  if (earlier) return { ...earlier.state, nodes };
  if (nodes.length === 0) return { nodes, known: null, recreated: [] };
  const coordinator = coordinatorOf(view, plan.survivors, fleet.seeds);
  const queues = await persistentQueues(fleet, coordinator, signal);
  return { nodes, known: queues?.map(queueKey) ?? null, recreated: [] };
}

/** @returns what kept it from being finished, if anything did */
async function* takeSteps(run: Run): AsyncGenerator<ReapEvent, Failure | undefined> {
  const named = (...statuses: NodeState['status'][]) =>
    run.journal.state.nodes.filter(({ status }) => statuses.includes(status)).map(({ name }) => name);
  try {
    for (const node of named('listed', 'removing')) yield* removeNode(run, node);
    // A check that hung because of the others ends now that they are out, and goes on to repair: not two at a time.
    if (run.isAwaited) yield { type: 'settling' };
    await run.settle(SETTLE);
    await noteFirstRepairs(run);
    for (const node of named('removed', 'repairing')) yield* repairNode(run, node);
    return undefined;
  } catch (thrown) {
    return asFailure(thrown);
  }
}

/** What has been done until then is told all the same. */
function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  throw thrown;
}

/** The last removal has repaired its node too. The same repair is repeated all the same, which does no harm. */
async function noteFirstRepairs(run: Run): Promise<void> {
  const { fleet, journal, signal } = run;
  const coordinator = run.coordinator(await run.look());
  const clients = await appeared(fleet, coordinator, journal.state, signal);
  if (clients === null || clients.length === 0) return;
  const [only, ...others] = run.done;
  if (only !== undefined && others.length === 0) await journal.note(only, 'removed', clients);
  else await journal.noteAppeared(clients);
}

async function conclude(
  run: Run,
  trouble: Failure | undefined,
  { resumed }: { readonly resumed: boolean },
): Promise<ReapReport> {
  const { journal, survivors } = run;
  const { nodes } = journal.state;
  if (trouble?.kind === 'interrupted') throw interrupted();
  const left = nodes.filter(isUnfinished).map(({ name }) => name);
  const done = nodes.filter(({ status }) => status === 'repaired').length;
  const summary = `${done} of ${nodes.length} dead nodes removed and repaired${left.length > 0 ? `; open: ${left.join(', ')}` : ''}`;
  const outcome = left.length > 0 ? 'failed' : 'done';
  const unwritten = await journal.end(outcome, trouble?.code ?? 'ended', summary).catch(asFailure);
  const nothingDone = nodes.every(({ status }) => status === 'listed' || status === 'rejoined');
  if (trouble && nothingDone) throw trouble;
  const facts = { resumed, took: run.now() - journal.startedAt, trouble: trouble ?? unwritten };
  return reportOf(journal.state, survivors, facts);
}

/** What is in it may be of these very nodes: a repair that it calls open would not be taken up. */
const unknowable = (message: string) => `${message}; what it says of an earlier reap is not taken up`;

const interrupted = () =>
  new Failure('interrupted', 'interrupted', 'stopped; what was sent to the broker goes on', {
    hint: 'Run the same command again: it goes on where this stopped.',
  });
