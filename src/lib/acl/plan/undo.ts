import { basename, dirname, join } from 'node:path';
import { removeFile, stageFile, sweepStaged } from '../../atomic-file.js';
import { Failure } from '../../failure.js';
import { undone } from './change.js';
import { digestOf, formatPlan, isPlanFile, type Plan, readPlan } from './plan-file.js';

/**
 * Writes the plan that brings back what is there now, so that only its owner can read it. The same plan has the same
 * undo: where it is there already, an interrupted command is being repeated.
 *
 * @param given a path, instead of one in the folder where vmqctl keeps what it is doing
 * @returns its path; it is on disk then
 * @throws Failure: safety when something else is in its place, configuration when it cannot be written
 */
export async function writeUndo(plan: Plan, given: string | undefined, folder: string): Promise<string> {
  const undo = undoOf(plan);
  const digest = digestOf(undo);
  const path = given ?? join(folder, 'acl-undo', `${digest.slice(0, 16)}.plan`);
  // What a killed command has left there has passhashes in it.
  await sweepStaged(dirname(path), given === undefined ? undefined : basename(path));
  const staged = await stageFile(path, formatPlan(undo, 'undo'));
  if ((await staged.create()) || (await digestIn(path)) === digest) return path;
  throw new Failure('safety', 'undo_exists', `there is a file ${path} already`, {
    hint: 'Nothing was changed. Name another one with --undo; where this one is of a command that was interrupted, keep it: the newer one is applied first.',
  });
}

/**
 * Takes the records that were left alone out of an undo: what others have written there would keep all of it from being
 * applied.
 *
 * @param left their keys
 * @returns null where nothing is left that it could bring back: then it is gone
 * @throws Failure (configuration) when it cannot be written
 */
export async function narrowUndo(path: string, plan: Plan, left: readonly string[]): Promise<string | null> {
  if (left.length === 0) return path;
  const leftAlone = new Set(left);
  const changes = plan.changes.filter(({ key }) => !leftAlone.has(key));
  if (changes.length > 0)
    await (await stageFile(path, formatPlan(undoOf({ ...plan, changes }), 'undo'))).replace();
  else await removeFile(path);
  return changes.length > 0 ? path : null;
}

const undoOf = ({ redis, changes }: Plan): Plan => ({ redis, changes: undone(changes) });

/** Undefined for what is no plan. */
async function digestIn(path: string): Promise<string | undefined> {
  try {
    return (await isPlanFile(path)) ? digestOf(await readPlan(path)) : undefined;
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined;
    throw thrown;
  }
}
