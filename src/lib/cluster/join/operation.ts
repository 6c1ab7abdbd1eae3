import type { AdminReply, NodeView } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import { type Fleet, observe } from '../observe.js';
import { type ClusterView, mergeViews } from '../view.js';
import { explainInterruption, interrupted, waitForAgreement } from './agreement.js';
import { clusterAround } from './around.js';
import type { JoinEvent, JoinReport } from './events.js';
import { type JoinRecord, noteEnd, noteSent, openJoin } from './journal.js';
import type { JoinContext, JoinOptions } from './options.js';
import { checkMembership, refuseAndWarn, refuseUnlessInOrder, refuseUnlessOpen } from './preflight.js';
import { explainRefusal } from './refusal.js';

/** Milliseconds that the broker gets for a join: reaching a node that is not there takes it several seconds. */
const DEADLINE = 20_000;
/**
 * Milliseconds after which a join that has not shown has never arrived, as when `vmqctl` was killed just before it sent
 * it. The joining node lists the others as soon as its own call ends, for which the broker needs less than `DEADLINE`.
 */
const SHOWS_AFTER = 30_000;
/** Milliseconds that the members may take to agree about another node that has joined or left them: 15 s were measured. */
const SETTLES_WITHIN = 20_000;
const POLL = 500;

/**
 * Joins a node to a cluster and waits until every node sees every node. `Done` alone means nothing: it is what both
 * sides say later that counts. What was sent is in the journal, and the same call does not send it twice.
 *
 * @throws Failure
 */
export async function* joinCluster(
  context: JoinContext,
  options: JoinOptions,
): AsyncGenerator<JoinEvent, JoinReport> {
  const { fleet, store, signal } = context;
  const lock = await context.lock((await ownView(context, options.on)).node);
  try {
    const joining = await ownView(context, options.on);
    const alreadyMember = checkMembership(joining, options.discoveryNode);
    for (const { message } of await store.unreadable()) yield { type: 'warning', message };
    const earlier = await openJoin(store, joining.node, options.discoveryNode);
    if (earlier) yield { type: 'resumed', joining: joining.node, sentAt: earlier.state.sentAt };
    const hasShown =
      alreadyMember || (earlier !== undefined && (yield* untilItShows(context, options, earlier)));
    if (hasShown) yield { type: 'checked', joining: joining.node, alreadyMember: true };
    const record = hasShown ? earlier : yield* checkAndSend(context, options, joining, earlier);
    const started = record?.state.sentAt ?? fleet.clock.now();
    const members = yield* waitForAgreement(withNode(fleet, options.on), joining.node, options, signal);
    const { node } = joining;
    if (record) yield* close(context, record, 'done', `joined: ${members.join(', ')}`);
    const took = fleet.clock.now() - started;
    const { discoveryNode } = options;
    return {
      node,
      discoveryNode,
      members,
      alreadyMember: hasShown && !earlier,
      resumed: earlier !== undefined,
      took,
    };
  } finally {
    await lock.release();
  }
}

const withNode = (fleet: Fleet, on: string): Fleet => ({
  ...fleet,
  seeds: [...new Set([on, ...fleet.seeds])],
});

async function ownView({ fleet, signal }: JoinContext, on: string): Promise<NodeView> {
  const { views, self } = await fleet.rpc(on).views({ deadline: fleet.deadline, signal });
  const own = views.find(({ node }) => node === self);
  if (!own) throw new Failure('bug', 'no_self', `${on} gave no view of its own`);
  return own;
}

/** @returns whether the join that an earlier run has sent has arrived, as far as the joining node itself knows */
async function* untilItShows(
  context: JoinContext,
  options: JoinOptions,
  { state }: JoinRecord,
): AsyncGenerator<JoinEvent, boolean> {
  const { clock } = context.fleet;
  // Not longer than that, even where a clock was set back in between.
  const until = Math.min(state.sentAt, clock.now()) + SHOWS_AFTER;
  for (;;) {
    const own = await ownView(context, options.on).catch(explainInterruption);
    if (own.members.has(options.discoveryNode)) return true;
    if (clock.now() >= until) return false;
    const missing = [`${own.node} does not list ${options.discoveryNode}`];
    yield { type: 'waiting', elapsed: clock.now() - state.sentAt, missing };
    if (context.signal?.aborted) throw interrupted();
    await clock.sleep(POLL, context.signal);
  }
}

/** @throws Failure (safety) when nothing was sent, or what the broker has refused it with */
async function* checkAndSend(
  context: JoinContext,
  options: JoinOptions,
  joining: NodeView,
  earlier: JoinRecord | undefined,
): AsyncGenerator<JoinEvent, JoinRecord> {
  const { fleet, store, signal } = context;
  const { before, cluster, warnings } = yield* untilInOrder(context, options, joining);
  await refuseUnlessOpen(fleet.rpc(options.on), joining, { deadline: fleet.deadline, signal });
  for (const message of warnings) yield { type: 'warning', message };
  yield { type: 'checked', joining: joining.node, alreadyMember: false };
  const members = cluster.members.map(({ name }) => name);
  const { on, discoveryNode } = options;
  const journal = { store, clock: fleet.clock };
  const record = await noteSent(journal, joining.node, members, { on, discoveryNode }, earlier);
  yield { type: 'sent', address: on, again: earlier !== undefined };
  const reply = await send(context, options);
  yield { type: 'answered', classification: reply };
  yield* judge(context, options, { joining: joining.node, before, record }, reply);
  return record;
}

interface Surroundings {
  readonly before: ClusterView;
  /** The cluster that is to be joined. */
  readonly cluster: ClusterView;
  readonly warnings: readonly string[];
}

/** While another node joins or leaves it, the members disagree for a moment: that is waited for. @throws Failure (safety) */
async function* untilInOrder(
  { fleet, signal }: JoinContext,
  options: JoinOptions,
  joining: NodeView,
): AsyncGenerator<JoinEvent, Surroundings> {
  const { clock } = fleet;
  const started = clock.now();
  for (;;) {
    const observations = await observe(withNode(fleet, options.on), signal);
    const before = mergeViews(observations);
    const warnings = refuseAndWarn(joining, before, options);
    const cluster = clusterAround(observations, [options.discoveryNode], joining.node);
    try {
      refuseUnlessInOrder(cluster, joining.node, options);
      return { before, cluster, warnings };
    } catch (thrown) {
      const elapsed = clock.now() - started;
      const mayPass = thrown instanceof Failure && thrown.code === 'cluster_not_in_order';
      if (!mayPass || elapsed >= SETTLES_WITHIN || signal?.aborted) throw thrown;
      yield { type: 'waiting', elapsed, missing: [thrown.message] };
    }
    await clock.sleep(POLL, signal);
  }
}

async function send({ fleet, signal }: JoinContext, { on, discoveryNode }: JoinOptions): Promise<AdminReply> {
  const command = { words: ['cluster', 'join'], arguments: [['discovery-node', discoveryNode]] } as const;
  const deadline = Math.max(fleet.deadline, DEADLINE);
  return fleet.rpc(on).call(command, { deadline, signal }).catch(explainInterruption);
}

/** Where the answer does not tell, the members will. */
async function* judge(
  context: JoinContext,
  { on, discoveryNode }: JoinOptions,
  facts: { readonly joining: string; readonly before: ClusterView; readonly record: JoinRecord },
  reply: AdminReply,
): AsyncGenerator<JoinEvent, void> {
  if (reply.outcome === 'unknown') return;
  const { joining, before, record } = facts;
  const failure = explainRefusal(reply, { on, joining, discoveryNode }, before);
  yield* close(context, record, 'failed', failure.message);
  throw failure;
}

/** A disk that is full by now is no reason not to tell how the join has ended. */
async function* close(
  { fleet, store }: JoinContext,
  record: JoinRecord,
  outcome: 'done' | 'failed',
  summary: string,
): AsyncGenerator<JoinEvent, void> {
  try {
    await noteEnd({ store, clock: fleet.clock }, record, outcome, summary);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    yield { type: 'warning', message: `the journal still calls the join unfinished: ${thrown.message}` };
  }
}
