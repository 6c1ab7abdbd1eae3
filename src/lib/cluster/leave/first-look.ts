import { observe } from '../observe.js';
import { noneAnswered } from '../reach.js';
import { type ClusterView, mergeViews, mqttListeners } from '../view.js';
import type { LeaveContext } from './context.js';
import { interrupted } from './failures.js';
import type { LeaveRecord } from './journal.js';
import { type LeavePlan, planLeave } from './preflight.js';

/** The plan that `leaveCluster` would follow now. Changes nothing. */
export async function planOnly({ fleet, options, signal }: LeaveContext): Promise<LeavePlan> {
  const view = mergeViews(await observe(fleet, signal));
  if (view.observers.length === 0) throw noneAnswered(view);
  return planLeave(view, { ...options, seeds: fleet.seeds });
}

/** Milliseconds after which a leave that has arrived at the broker has also begun to show. */
const SHOWS_AFTER = 5000;

/**
 * The view, and the record of an earlier run if it is about this cluster and that leave may still be going on. One
 * that is neither is forgotten.
 */
export async function lookFirst({
  fleet,
  journal,
  options,
  signal,
}: LeaveContext): Promise<{ view: ClusterView; record: LeaveRecord | undefined }> {
  const record = options.kill || options.allowMessageLoss ? await journal.read(options.node) : undefined;
  if (record) await fleet.clock.sleep(Math.max(0, record.sentAt + SHOWS_AFTER - fleet.clock.now()), signal);
  if (record && signal?.aborted) throw interrupted(options);
  const view = mergeViews(await observe(fleet, signal));
  if (view.observers.length === 0) throw noneAnswered(view);
  if (!record || isCurrent(record, view)) return { view, record };
  await journal.remove(record.node);
  return { view, record: undefined };
}

/**
 * A record of another cluster is not ours; and a node that serves clients again has been restarted since, or the
 * leave never arrived.
 */
function isCurrent({ survivors, node, path }: LeaveRecord, view: ClusterView): boolean {
  if (!survivors.some((name) => view.observers.includes(name))) return false;
  const own = view.members.find(({ name }) => name === node)?.own ?? null;
  return path === 'remove' ? own === null : mqttListeners(own).length === 0;
}

/** The leaving node may be the only address that was given, and will be gone: the others are remembered. */
export function withAllAddresses(context: LeaveContext, view: ClusterView): LeaveContext {
  const found = view.members.flatMap(({ address }) => (address === null ? [] : [address]));
  return { ...context, fleet: { ...context.fleet, seeds: [...new Set([...context.fleet.seeds, ...found])] } };
}
