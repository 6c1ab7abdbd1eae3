import { lookAround } from '../reach.js';
import type { ClusterView } from '../view.js';
import type { ReapContext } from './options.js';
import { deadMembers, planReap, type ReapPlan } from './plan.js';
import { lookForLife } from './signs.js';
import { isUnfinished, mergeRecords, type ReapRecord, recordsOf } from './state.js';

/** What is there to begin with. */
export interface FirstLook {
  readonly view: ClusterView;
  readonly plan: ReapPlan;
  /** Of the earlier runs that were not finished, as one. */
  readonly earlier: ReapRecord | undefined;
  /** Records that are part of it. */
  readonly merged: readonly string[];
  readonly stamp: string;
}

/** What `reapCluster` would do now. Changes nothing. @throws Failure */
export const planOnly = async (context: ReapContext): Promise<ReapPlan> => (await lookFirst(context)).plan;

export async function lookFirst({ fleet, store, options, signal }: ReapContext): Promise<FirstLook> {
  const view = await lookAround(fleet, signal);
  const records = await recordsOf(store, view);
  const [newest, ...others] = records.filter(
    ({ state, subjects }) =>
      state.nodes.some(isUnfinished) &&
      (options.nodes.length === 0 || subjects.some((name) => options.nodes.includes(name))),
  );
  const earlier = newest && others.reduce(mergeRecords, newest);
  const unfinished = (earlier?.state.nodes ?? []).filter(isUnfinished).map(({ name }) => name);
  const wanted = options.nodes.length > 0 ? options.nodes : deadMembers(view);
  const nodes = [...new Set([...wanted, ...unfinished])];
  const signs = await lookForLife(fleet, view, nodes, signal);
  const wish = { ...options, nodes, unfinished, earlier: records.flatMap(({ subjects }) => subjects) };
  const plan = planReap(view, signs, wish);
  return { view, plan, earlier, merged: others.map(({ id }) => id), stamp: stampOf(records, plan) };
}

/** What was last written of these nodes: it differs once somebody else has gone on. */
function stampOf(records: readonly ReapRecord[], plan: ReapPlan): string {
  const names = namesOf(plan);
  return JSON.stringify(
    records.find(({ subjects }) => subjects.some((name) => names.includes(name))) ?? null,
  );
}

/** The nodes that something will be sent for. */
export const namesOf = ({ targets, gone }: ReapPlan) => [...targets.map(({ name }) => name), ...gone].sort();

/** Whoever held the locks until now may have done it all. */
export const isOutdated = async (
  { store }: ReapContext,
  { view, plan, stamp }: FirstLook,
): Promise<boolean> => stampOf(await recordsOf(store, view), plan) !== stamp;
