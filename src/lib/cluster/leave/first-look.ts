import { reachingAlso } from '../observe.js';
import type { Queue } from '../queues.js';
import { lookAround } from '../reach.js';
import { type ClusterView, memberOf, mqttListeners } from '../view.js';
import type { LeaveContext } from './context.js';
import { interrupted } from './failures.js';
import type { LeaveRecord } from './journal.js';
import { type LeavePlan, planLeave } from './preflight.js';

/** The plan that `leaveCluster` would follow now. Changes nothing. */
export async function planOnly({ fleet, options, signal }: LeaveContext): Promise<LeavePlan> {
  const view = await lookAround(fleet, signal);
  return planLeave(view, { ...options, seeds: fleet.seeds });
}

/** Milliseconds after which a leave that has arrived at the broker has also begun to show. */
const SHOWS_AFTER = 5000;

/** What is there to begin with. */
export interface FirstLook {
  readonly view: ClusterView;
  /** Of an earlier run whose leave may still be going on. */
  readonly record: LeaveRecord | undefined;
  /** Of an earlier run whose leave is over, or was never about this cluster. */
  readonly over: LeaveRecord | undefined;
}

export async function lookFirst({ fleet, journal, options, signal }: LeaveContext): Promise<FirstLook> {
  const record = await journal.read(options.node);
  if (record) await fleet.clock.sleep(untilItShows(record, fleet.clock.now()), signal);
  if (record && signal?.aborted) throw interrupted(options);
  const view = await lookAround(fleet, signal);
  const isCurrentOne = record !== undefined && isCurrent(record, view);
  return { view, record: isCurrentOne ? record : undefined, over: isCurrentOne ? undefined : record };
}

/** Not longer than that, even where a clock was set back in between. */
const untilItShows = ({ sentAt }: LeaveRecord, now: number) =>
  Math.min(SHOWS_AFTER, Math.max(0, sentAt + SHOWS_AFTER - now));

/** Milliseconds for which the queues of a leave that broke off are worth looking for: later, many have expired. */
const WORTH_KNOWING = 24 * 3_600_000;

/** The queues that a node held when an earlier leave of it broke off: they have to be found in the end too. */
export function queuesOfBrokenLeave(
  over: LeaveRecord | undefined,
  view: ClusterView,
  now: number,
): readonly Queue[] {
  const isOurs = over?.survivors.some((name) => view.observers.includes(name));
  const isWorthKnowing = over?.path === 'migrate' && isOurs && now - over.sentAt < WORTH_KNOWING;
  return isWorthKnowing ? over.before.filter(({ clean }) => !clean) : [];
}

/**
 * A record of another cluster is not ours; and a node that serves clients again has been restarted since, or the
 * leave never arrived.
 */
function isCurrent({ survivors, node, path }: LeaveRecord, view: ClusterView): boolean {
  if (!survivors.some((name) => view.observers.includes(name))) return false;
  const own = memberOf(view, node)?.own ?? null;
  return path === 'remove' ? own === null : mqttListeners(own).length === 0;
}

/** The leaving node may be the only address that was given, and will be gone: the others are remembered. */
export function withAllAddresses(context: LeaveContext, view: ClusterView): LeaveContext {
  const found = view.members.flatMap(({ address }) => (address === null ? [] : [address]));
  return { ...context, fleet: reachingAlso(context.fleet, found) };
}
