import { parseRecordKey } from '../acl/key.js';
import type { DesiredRecord } from '../acl/plan/desired.js';
import { assertSameRedis, isPlanFile, type Plan, readPlan } from '../acl/plan/plan-file.js';
import type { AclStore } from '../acl/store.js';
import type { Unfinished } from '../cluster/bounce/unfinished.js';
import { Failure } from '../failure.js';
import { planFiles } from './acl-plan.js';
import type { PlanFlags } from './acl-plan-flags.js';
import type { Streams } from './streams.js';

/** A plan that can be applied, and how it came about. */
export interface PreparedPlan {
  readonly store: AclStore;
  readonly plan: Plan;
  /** It was read from a file, so it has been seen. */
  readonly isSeen: boolean;
  /** Of the desired records; null where the plan was read. */
  readonly unchanged: number | null;
  readonly pruned: readonly string[] | null;
  /** Empty where the plan was read. */
  readonly desired: readonly DesiredRecord[];
}

export interface ApplyInput {
  readonly path: string;
  readonly flags: PlanFlags & { readonly 'dry-run': boolean };
  readonly openStore: () => Promise<{ readonly store: AclStore; readonly url: string }>;
  readonly streams: Streams;
  readonly signal: AbortSignal;
}

/** What says how a plan is made, and so is of no use where there is one. */
const FOR_PLANNING = ['prune', 'cost', 'hash-once', 'topic-max-depth'] as const;

/**
 * Reads a plan, or makes one of desired records.
 *
 * @throws Failure: usage, configuration, data, safety (a plan for another Redis), those of the store
 */
export async function preparePlan(input: ApplyInput): Promise<PreparedPlan> {
  return (await isPlanFile(input.path)) ? await planFrom(input) : await planOf(input);
}

async function planFrom({ path, flags, openStore }: ApplyInput): Promise<PreparedPlan> {
  const useless = FOR_PLANNING.filter((name) => flags[name] !== undefined && flags[name] !== false);
  if (useless.length > 0) {
    const names = useless.map((name) => `--${name}`).join(', ');
    throw new Failure('usage', 'useless_flag', `${names}: of no use, as ${path} is a plan already`);
  }
  const plan = await readPlan(path);
  const { store, url } = await openStore();
  assertSameRedis(plan.redis, url);
  return { store, plan, isSeen: true, unchanged: null, pruned: null, desired: [] };
}

async function planOf({ path, flags, openStore, streams, signal }: ApplyInput): Promise<PreparedPlan> {
  let redis = '';
  const opened = async () => {
    const { store, url } = await openStore();
    redis = url;
    return store;
  };
  const isForUse = !flags['dry-run'];
  const planned = await planFiles({ path, flags, openStore: opened, isForUse, streams, signal });
  const { changes, unchanged, mountpoints, store, desired } = planned;
  const pruned = flags.prune ? mountpoints : null;
  return { store, plan: { redis, changes }, isSeen: false, unchanged, pruned, desired };
}

/**
 * What commands before this one have left of the records that this plan, or its desired records, are about.
 *
 * @throws Failure (configuration)
 */
export async function unfinishedOf(
  { plan, desired, pruned }: PreparedPlan,
  folder: string,
): Promise<Unfinished> {
  const { openUnfinished } = await import('../cluster/bounce/unfinished.js');
  const keys = new Set([...plan.changes.map(({ key }) => key), ...desired.map(({ row }) => row.key)]);
  // What a prune has removed is desired nowhere any more.
  const isPruned = (key: string) => pruned?.includes(parseRecordKey(key)?.mountpoint ?? '') ?? false;
  return await openUnfinished(folder, plan.redis, (key) => keys.has(key) || isPruned(key));
}
