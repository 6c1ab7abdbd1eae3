import { observe } from '../observe.js';
import { noneAnswered } from '../reach.js';
import { type ClusterView, mergeViews, mqttListeners } from '../view.js';
import { conclude } from './conclude.js';
import type { LeaveContext } from './context.js';
import type { LeaveEvent, LeaveReport } from './events.js';
import { lookFirst, withAllAddresses } from './first-look.js';
import type { LeaveRecord } from './journal.js';
import { BROKER_TIMEOUT, type LeaveOptions } from './options.js';
import { type LeavePlan, planLeave } from './preflight.js';
import { newRecord } from './record.js';
import { sendLeave } from './send.js';
import { superviseLeave } from './supervise.js';
import { suspend } from './suspend.js';

/**
 * Takes a node out of its cluster, in the broker's own stages, and watches it until all members agree. A run that was
 * cut short is picked up by the same call: what was sent is in the journal, and no second leave is sent while the
 * first one moves.
 *
 * @throws Failure
 */
export async function* leaveCluster(given: LeaveContext): AsyncGenerator<LeaveEvent, LeaveReport> {
  const { view, record } = await lookFirst(given);
  const context = withAllAddresses(given, view);
  if (record && !isListed(view, record)) return yield* finishEarlier(context, record, view);
  // While a leave goes on the members disagree for a moment, which is no reason not to watch it.
  if (record && isGoingOn(record, view, given.options)) return yield* watchEarlier(context, record, view);

  const plan = planLeave(view, { ...given.options, seeds: given.fleet.seeds });
  yield { type: 'planned', plan };
  for (const message of plan.warnings) yield { type: 'warning', message };
  if (plan.path === 'suspend') return yield* suspend(context, plan);
  if (record?.path === plan.path) return yield* takeOut(context, plan, record);
  await given.journal.remove(given.options.node); // it began as something else, which is over
  return yield* takeOut(context, plan, undefined);
}

/** Unless the node has died since, and the operator has given up what it holds. */
function isGoingOn(
  { path, answer, node }: LeaveRecord,
  view: ClusterView,
  { allowMessageLoss }: LeaveOptions,
): boolean {
  const isDead = view.members.find(({ name }) => name === node)?.running === 'no';
  return path === 'migrate' && answer === undefined && !(isDead && allowMessageLoss);
}

const isListed = (view: ClusterView, { node, survivors }: LeaveRecord) =>
  survivors.some((name) => view.members.find((member) => member.name === name)?.own?.members.has(node));

/** A survivor that can be asked, for a leave that an earlier run has sent. */
function askable(view: ClusterView, record: LeaveRecord): string {
  const found = view.members.find(({ name, address }) => record.survivors.includes(name) && address !== null);
  if (!found?.address) throw noneAnswered(view);
  return found.address;
}

const addressOf = (view: ClusterView, node: string) =>
  view.members.find(({ name }) => name === node)?.address ?? null;

async function* watchEarlier(
  context: LeaveContext,
  record: LeaveRecord,
  view: ClusterView,
): AsyncGenerator<LeaveEvent, LeaveReport> {
  const coordinator = askable(view, record);
  yield { type: 'resumed', sentAt: record.sentAt, message: 'an earlier run has sent this leave' };
  yield* superviseLeave(context, coordinator, record, undefined);
  return yield* conclude(context, coordinator, record, addressOf(view, record.node), true);
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
  yield { type: 'resumed', sentAt: record.sentAt, message };
  const unanswered = record.path === 'remove' && record.answer === undefined;
  if (unanswered) yield { type: 'sent', coordinator, again: true };
  const sent = unanswered ? sendLeave(fleet, coordinator, options, signal) : undefined;
  yield* superviseLeave(context, coordinator, record, sent);
  return yield* conclude(context, coordinator, record, null, true);
}

/**
 * The node is sent away and watched; or only watched, when somebody else has been quicker.
 *
 * @param failed the record of an earlier run that the broker has answered with a failure
 */
async function* takeOut(
  context: LeaveContext,
  plan: LeavePlan,
  failed: LeaveRecord | undefined,
): AsyncGenerator<LeaveEvent, LeaveReport> {
  const { fleet, journal, options, signal } = context;
  const { coordinator, target } = plan;
  const record = failed ? renewed(failed, context) : await newRecord(context, plan);
  // Taking stock can last minutes on a large cluster: another shell or another machine may have begun meanwhile.
  if (!failed && (await isUnderWay(context, plan))) {
    const late: LeaveRecord = { ...record, late: true };
    await journal.write(late);
    yield {
      type: 'resumed',
      sentAt: late.sentAt,
      message: 'its listeners are gone: a leave is going on already',
    };
    yield* superviseLeave(context, coordinator, late, undefined);
    return yield* conclude(context, coordinator, late, target.address, true);
  }
  if (failed) await journal.write(record);
  else if (!(await journal.create(record))) return yield* leaveCluster(context);
  yield { type: 'sent', coordinator, again: failed !== undefined };
  const sent = sendLeave(fleet, coordinator, options, signal);
  yield* superviseLeave(context, coordinator, record, sent);
  return yield* conclude(context, coordinator, record, target.address, failed !== undefined);
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
  const own = view.members.find(({ name }) => name === target.name)?.own;
  const holdsQueues = own?.counters ? own.counters.online + own.counters.offline > 0 : false;
  const othersServe = survivors.some((survivor) => mqttListeners(survivor.own).length > 0);
  return holdsQueues && mqttListeners(own ?? null).length === 0 && othersServe;
}
