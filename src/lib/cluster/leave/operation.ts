import { Failure } from '../../failure.js';
import { observe } from '../observe.js';
import type { Queue } from '../queues.js';
import { noneAnswered } from '../reach.js';
import { type ClusterView, memberOf, mergeViews, mqttListeners } from '../view.js';
import { conclude } from './conclude.js';
import type { LeaveContext } from './context.js';
import type { LeaveEvent, LeaveReport } from './events.js';
import { lookFirst, queuesOfBrokenLeave, withAllAddresses } from './first-look.js';
import type { LeaveRecord } from './journal.js';
import { BROKER_TIMEOUT, type LeaveOptions } from './options.js';
import { type LeavePlan, planLeave } from './preflight.js';
import { newRecord } from './record.js';
import { sendLeave } from './send.js';
import { superviseLeave } from './supervise.js';
import { suspend } from './suspend.js';

/** Seconds. Nobody knows what `-t` somebody else has given: until then a leave of theirs may just be waiting. */
const LONGEST_USUAL_TIMEOUT = 600;

/**
 * Takes a node out of its cluster, in the broker's own stages, and watches it until all members agree. A run that was
 * cut short is picked up by the same call: what was sent is in the journal, and no second leave is sent while the
 * first one moves.
 *
 * @throws Failure
 */
export async function* leaveCluster(given: LeaveContext): AsyncGenerator<LeaveEvent, LeaveReport> {
  const { view, record, over } = await lookFirst(given);
  const context = withAllAddresses(given, view);
  if (record && !isListed(view, record)) return yield* finishEarlier(context, record, view);
  if (record?.path === 'migrate' && !given.options.kill && !given.options.allowMessageLoss)
    throw goingOn(record.node);
  // While a leave goes on the members disagree for a moment, which is no reason not to watch it.
  if (record && isGoingOn(record, view, given.options)) return yield* watchEarlier(context, record, view);

  const plan = planLeave(view, { ...given.options, seeds: given.fleet.seeds });
  yield { type: 'planned', plan };
  for (const message of plan.warnings) yield { type: 'warning', message };
  if (plan.path === 'suspend') return yield* suspend(context, plan);
  if (record?.path === plan.path) return yield* sendAgain(context, plan, record);
  const earlier = queuesOfBrokenLeave(over, view, given.fleet.clock.now());
  if (earlier.length > 0) yield { type: 'warning', message: brokenOff(earlier.length) };
  return yield* takeOut(context, plan, record ?? over, earlier);
}

const brokenOff = (count: number) =>
  `an earlier leave of this node broke off: the ${count} queues that it held then are in this account too`;

/** Unless the node has died since, and the operator has given up what it holds. */
function isGoingOn(
  { path, answer, node }: LeaveRecord,
  view: ClusterView,
  { allowMessageLoss }: LeaveOptions,
): boolean {
  const isDead = memberOf(view, node)?.running === 'no';
  return path === 'migrate' && answer === undefined && !(isDead && allowMessageLoss);
}

const goingOn = (node: string) =>
  new Failure(
    'safety',
    'leave_going_on',
    `a leave of ${node} with -k has been sent: its listeners are gone already`,
    {
      hint: 'Watch it, or send it again, with -k. Nothing was changed.',
    },
  );

const isListed = (view: ClusterView, { node, survivors }: LeaveRecord) =>
  survivors.some((name) => memberOf(view, name)?.own?.members.has(node));

/** A survivor that can be asked, for a leave that an earlier run has sent. */
function askable(view: ClusterView, record: LeaveRecord): string {
  const found = view.members.find(({ name, address }) => record.survivors.includes(name) && address !== null);
  if (!found?.address) throw noneAnswered(view);
  return found.address;
}

const addressOf = (view: ClusterView, node: string) => memberOf(view, node)?.address ?? null;

async function* watchEarlier(
  context: LeaveContext,
  record: LeaveRecord,
  view: ClusterView,
): AsyncGenerator<LeaveEvent, LeaveReport> {
  const coordinator = askable(view, record);
  const leaver = addressOf(view, record.node);
  yield { type: 'resumed', sentAt: record.sentAt, message: 'an earlier run has sent this leave', leaver };
  yield* superviseLeave(context, coordinator, leaver, record, undefined);
  return yield* conclude(context, coordinator, record, leaver, true);
}

/** The node was gone when we came back. For a dead one the repair of its queues may have been cut short: it is repeated. */
async function* finishEarlier(
  context: LeaveContext,
  record: LeaveRecord,
  view: ClusterView,
): AsyncGenerator<LeaveEvent, LeaveReport> {
  const { fleet, options, signal } = context;
  const coordinator = askable(view, record);
  const message = 'an earlier run has sent this leave, and the node has left';
  yield { type: 'resumed', sentAt: record.sentAt, message, leaver: null };
  const unanswered = record.path === 'remove' && record.answer === undefined;
  if (unanswered) yield { type: 'sent', coordinator, again: true };
  const sent = unanswered ? sendLeave(fleet, coordinator, options, true, signal) : undefined;
  yield* superviseLeave(context, coordinator, null, record, sent);
  return yield* conclude(context, coordinator, record, null, true);
}

/**
 * The node is sent away and watched; or only watched, when somebody else has been quicker.
 *
 * @param over the record of an earlier leave that is over
 * @param earlier the queues that the node held then, as far as they matter
 */
async function* takeOut(
  context: LeaveContext,
  plan: LeavePlan,
  over: LeaveRecord | undefined,
  earlier: readonly Queue[],
): AsyncGenerator<LeaveEvent, LeaveReport> {
  const record = await newRecord(context, plan, earlier);
  // Taking stock can last minutes on a large cluster: another shell or another machine may have begun meanwhile.
  if (await isUnderWay(context, plan)) {
    const late: LeaveRecord = {
      ...record,
      late: true,
      timeout: Math.max(record.timeout, LONGEST_USUAL_TIMEOUT),
    };
    if (!(await begin(context, late, over))) return yield* leaveCluster(context);
    const message = 'its listeners are gone: a leave is going on already';
    const leaver = plan.target.address;
    yield { type: 'resumed', sentAt: late.sentAt, message, leaver };
    yield* superviseLeave(context, plan.coordinator, leaver, late, undefined);
    return yield* conclude(context, plan.coordinator, late, leaver, true);
  }
  if (!(await begin(context, record, over))) return yield* leaveCluster(context);
  return yield* sendAndWatch(context, plan, record, false);
}

/** Puts the record in its place, over the one that is over. @returns false when somebody else has just begun */
async function begin(
  { journal }: LeaveContext,
  record: LeaveRecord,
  over: LeaveRecord | undefined,
): Promise<boolean> {
  const there = await journal.read(record.node);
  if (there && there.sentAt === over?.sentAt) await journal.remove(record.node);
  return journal.create(record);
}

/** The broker has answered an earlier run with a failure, and the node is as that left it. */
async function* sendAgain(
  context: LeaveContext,
  plan: LeavePlan,
  failed: LeaveRecord,
): AsyncGenerator<LeaveEvent, LeaveReport> {
  const record = renewed(failed, context);
  await context.journal.write(record);
  return yield* sendAndWatch(context, plan, record, true);
}

async function* sendAndWatch(
  context: LeaveContext,
  { coordinator, target }: LeavePlan,
  record: LeaveRecord,
  again: boolean,
): AsyncGenerator<LeaveEvent, LeaveReport> {
  yield { type: 'sent', coordinator, again };
  const sent = sendLeave(context.fleet, coordinator, context.options, again, context.signal);
  yield* superviseLeave(context, coordinator, target.address, record, sent);
  return yield* conclude(context, coordinator, record, target.address, again);
}

/** The same leave once more: its account still begins where it began at first. */
function renewed({ answer: _answer, ...record }: LeaveRecord, { fleet, options }: LeaveContext): LeaveRecord {
  return { ...record, sentAt: fleet.clock.now(), timeout: options.timeout ?? BROKER_TIMEOUT };
}

/**
 * A leave with `-k` deletes the MQTT listeners first: a node without any, whose neighbours have some and which still
 * holds queues, is being taken out by somebody.
 */
async function isUnderWay(
  { fleet, signal }: LeaveContext,
  { path, target, survivors }: LeavePlan,
): Promise<boolean> {
  if (path !== 'migrate') return false;
  const view = mergeViews(await observe(fleet, signal));
  const own = memberOf(view, target.name)?.own;
  const holdsQueues = own?.counters ? own.counters.online + own.counters.offline > 0 : false;
  const othersServe = survivors.some((survivor) => mqttListeners(survivor.own).length > 0);
  return holdsQueues && mqttListeners(own ?? null).length === 0 && othersServe;
}
