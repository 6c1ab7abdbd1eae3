import { Failure } from '../../failure.js';
import type { Hashing } from '../bulk/settle.js';
import { parseRecordKey } from '../key.js';
import { byKey, identify } from '../list.js';
import type { AclStore } from '../store.js';
import type { Change } from './change.js';
import { decideRow, obstacleIn } from './decide.js';
import type { DesiredRecord } from './desired.js';
import type { Fault } from './desired-files.js';

export interface PlanContext {
  readonly store: Pick<AclStore, 'read' | 'scan'>;
  readonly desired: readonly DesiredRecord[];
  readonly hashing: Hashing;
  /** Remove the records that are not desired, in the mountpoints that desired ones are in. */
  readonly prune: boolean;
  readonly signal: AbortSignal;
}

export interface Planned {
  readonly changes: readonly Change[];
  readonly unchanged: number;
  /** Those of the desired records; the default one is the empty text. */
  readonly mountpoints: readonly string[];
  /** Where there are any, the changes are not a plan. */
  readonly faults: readonly Fault[];
}

/** Desired records that were compared. */
export interface PlanProgress {
  readonly compared: number;
  readonly total: number;
}

/** Records at a time: as many as one command should name, and passwords enough for all cores. */
const PAGE = 200;

/**
 * Compares the desired records with those in Redis, and writes nothing.
 *
 * @throws Failure: those of the store, safety for an empty set of desired records with `prune`, interrupted
 */
export async function* planRecords(context: PlanContext): AsyncGenerator<PlanProgress, Planned> {
  const { store, desired, hashing, prune, signal } = context;
  if (prune && desired.length === 0) throw nothingDesired();
  const changes: Change[] = [];
  const faults: Fault[] = [];
  let unchanged = 0;
  for (let at = 0; at < desired.length; at += PAGE) {
    if (signal.aborted) throw interrupted();
    const page = desired.slice(at, at + PAGE);
    const values = await store.read(page.map(({ row }) => row.key));
    const decided = await Promise.all(page.map(({ row }, index) => decideRow(row, values[index], hashing)));
    for (const [index, one] of decided.entries()) {
      if (one === 'unchanged') unchanged += 1;
      else if ('key' in one) changes.push(one);
      else faults.push({ file: page[index]?.file ?? '', line: page[index]?.line ?? null, why: one.why });
    }
    yield { compared: at + page.length, total: desired.length };
  }
  const mountpoints = [...new Set(desired.map(({ row }) => parseRecordKey(row.key)?.mountpoint ?? ''))];
  const removed = prune ? await undesired(context, new Set(mountpoints)) : [];
  return { changes: [...changes, ...removed], unchanged, mountpoints, faults };
}

/** The records of these mountpoints that nobody desires, in the order of their keys. */
async function undesired(
  { store, desired, signal }: PlanContext,
  mountpoints: ReadonlySet<string>,
): Promise<Change[]> {
  const wanted = new Set(desired.map(({ row }) => row.key));
  const found = new Map<string, Change>();
  for await (const page of store.scan()) {
    if (signal.aborted) throw interrupted();
    const keys = page.map(identify).flatMap((one) => {
      const isMeant = 'name' in one && mountpoints.has(one.name.mountpoint) && !wanted.has(one.key);
      return isMeant ? [one.key] : [];
    });
    const values = await store.read(keys);
    for (const [index, key] of keys.entries()) {
      const value = values[index];
      const obstacle = obstacleIn(value);
      if (obstacle !== undefined) throw cannotRemove(key, obstacle);
      if (value?.kind === 'text') found.set(key, { key, found: value.text, write: null });
    }
  }
  return [...found.values()].sort(byKey);
}

const nothingDesired = () =>
  new Failure('safety', 'empty_prune', 'nothing is desired, so --prune would have nothing to go by', {
    hint: 'Look whether the right file or folder is named. vmqctl acl remove removes a record.',
  });

const cannotRemove = (key: string, obstacle: string) =>
  new Failure('data', 'broken_record', `${key} is not desired, but ${obstacle}`, { details: { key } });

const interrupted = () => new Failure('interrupted', 'interrupted', 'interrupted: nothing was changed');
