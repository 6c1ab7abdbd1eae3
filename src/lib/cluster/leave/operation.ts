import { type Fleet, observe } from '../observe.js';
import { listQueues, type Queue, queuesOn, totalsOf } from '../queues.js';
import { noneAnswered } from '../reach.js';
import { type ClusterView, mqttListeners } from '../view.js';
import { takeAccount } from './account.js';
import type { LeaveContext } from './context.js';
import type { LeaveEvent, LeaveReport } from './events.js';
import { lookFirst, withAllAddresses } from './first-look.js';
import type { LeaveRecord } from './journal.js';
import { BROKER_TIMEOUT } from './options.js';
import { type LeavePlan, planLeave } from './preflight.js';
import { sendLeave } from './send.js';
import { superviseLeave } from './supervise.js';
import { suspend } from './suspend.js';

/** Milliseconds for the list of all queues, which is long on a large cluster. */
const LIST_DEADLINE = 120_000;

/**
 * Takes a node out of its cluster, in the broker's own stages, and watches it until all members agree. A run that was
 * cut short is picked up by the same call: what was sent is in the journal, and no second leave is sent while the
 * first one moves.
 *
 * @throws Failure
 */
export async function* leaveCluster(given: LeaveContext): AsyncGenerator<LeaveEvent, LeaveReport> {
  const { options } = given;
  const { view, record } = await lookFirst(given);
  const context = withAllAddresses(given, view);
  if (record && !isListed(view, record)) return yield* finishEarlier(context, record, view);

  const plan = planLeave(view, { ...options, seeds: given.fleet.seeds });
  yield { type: 'planned', plan };
  for (const message of plan.warnings) yield { type: 'warning', message };
  if (plan.path === 'suspend') return yield* suspend(context, plan);
  return yield* takeOut(context, plan, record);
}

const isListed = (view: ClusterView, { node, survivors }: LeaveRecord) =>
  survivors.some((name) => view.members.find((member) => member.name === name)?.own?.members.has(node));

/** The node is sent away, or found to be on its way already, and watched. */
async function* takeOut(
  context: LeaveContext,
  plan: LeavePlan,
  earlier: LeaveRecord | undefined,
): AsyncGenerator<LeaveEvent, LeaveReport> {
  const { fleet, journal, options, signal } = context;
  const leaver = plan.target.address;
  const adopted = earlier ?? (startedElsewhere(plan) ? await newRecord(context, plan) : undefined);
  if (adopted && adopted.answer === undefined) {
    const message = earlier
      ? 'an earlier run has sent this leave'
      : 'its listeners are gone: a leave seems to be going on already';
    yield { type: 'resumed', sentAt: adopted.sentAt, message };
    yield* superviseLeave(context, plan.coordinator, adopted, undefined);
    return yield* conclude(context, plan.coordinator, adopted, leaver, true);
  }
  const record: LeaveRecord = adopted
    ? { ...withoutAnswer(adopted), sentAt: fleet.clock.now(), timeout: options.timeout ?? BROKER_TIMEOUT }
    : await newRecord(context, plan);
  await journal.write(record);
  yield { type: 'sent', coordinator: plan.coordinator, again: adopted !== undefined };
  const sent = sendLeave(fleet, plan.coordinator, options, signal);
  yield* superviseLeave(context, plan.coordinator, record, sent);
  return yield* conclude(context, plan.coordinator, record, leaver, earlier !== undefined);
}

/**
 * A leave with `-k` deletes the MQTT listeners first: a node without any, whose neighbours have some and which still
 * holds queues, is being taken out by somebody.
 */
function startedElsewhere({ path, target, survivors }: LeavePlan): boolean {
  const counters = target.own?.counters;
  const holdsQueues = counters ? counters.online + counters.offline > 0 : false;
  const hasNone = mqttListeners(target.own).length === 0;
  return (
    path === 'migrate' && holdsQueues && hasNone && survivors.some(({ own }) => mqttListeners(own).length > 0)
  );
}

function withoutAnswer({ answer: _answered, ...record }: LeaveRecord): LeaveRecord {
  return record;
}

async function newRecord({ fleet, options, signal }: LeaveContext, plan: LeavePlan): Promise<LeaveRecord> {
  const queues = await listQueues(fleet.rpc(plan.coordinator), { deadline: LIST_DEADLINE, signal });
  return {
    schema: 'vmqctl.leave/1',
    node: options.node,
    path: plan.path === 'remove' ? 'remove' : 'migrate',
    survivors: plan.survivors.map(({ name }) => name),
    sentAt: fleet.clock.now(),
    timeout: options.timeout ?? BROKER_TIMEOUT,
    queueOut: plan.target.own?.counters?.queueOut,
    before: plan.path === 'remove' ? queues : queuesOn(queues, options.node),
  };
}

/** The node was gone when we came back. For a dead one the repair of its queues may have been cut short: it is repeated. */
async function* finishEarlier(
  context: LeaveContext,
  record: LeaveRecord,
  view: ClusterView,
): AsyncGenerator<LeaveEvent, LeaveReport> {
  const { fleet, signal } = context;
  yield {
    type: 'resumed',
    sentAt: record.sentAt,
    message: 'an earlier run has sent this leave, and the node has left',
  };
  const coordinator = view.members.find(
    ({ name, address }) => record.survivors.includes(name) && address !== null,
  )?.address;
  if (!coordinator) throw noneAnswered(view);
  const unanswered = record.path === 'remove' && record.answer === undefined;
  if (unanswered) yield { type: 'sent', coordinator, again: true };
  const sent = unanswered ? sendLeave(fleet, coordinator, context.options, signal) : undefined;
  yield* superviseLeave(context, coordinator, record, sent);
  return yield* conclude(context, coordinator, record, null, true);
}

/** All members agree: takes the account, and only then forgets the record. */
async function* conclude(
  { fleet, journal, signal }: LeaveContext,
  coordinator: string,
  record: LeaveRecord,
  leaver: string | null,
  resumed: boolean,
): AsyncGenerator<LeaveEvent, LeaveReport> {
  const took = fleet.clock.now() - record.sentAt;
  yield { type: 'departed', survivors: record.survivors };
  const stopped = record.path === 'migrate' && leaver ? await waitForStop(fleet, leaver, signal) : null;
  const after = await listQueues(fleet.rpc(coordinator), { deadline: LIST_DEADLINE, signal });
  await journal.remove(record.node);
  const { node, path, survivors, before } = record;
  const account = path === 'migrate' ? takeAccount(node, before, after) : null;
  const recreated = path === 'remove' ? countNew(before, after) : null;
  return { node, path, survivors, resumed, took, account, recreated, stopped };
}

const countNew = (before: readonly Queue[], after: readonly Queue[]) =>
  Math.max(0, totalsOf(after).queues - totalsOf(before).queues);

/** The broker stops itself about two seconds after it has left; its data must not be touched before. */
async function waitForStop(fleet: Fleet, leaver: string, signal?: AbortSignal): Promise<boolean> {
  const until = fleet.clock.now() + 15_000;
  while (fleet.clock.now() < until && !signal?.aborted) {
    const [observation] = await observe({ ...fleet, seeds: [leaver], deadline: 1000 }, signal, {
      follow: false,
    });
    if (observation && 'error' in observation) return true;
    await fleet.clock.sleep(500, signal);
  }
  return false;
}
