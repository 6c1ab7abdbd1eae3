import { join } from 'node:path';
import { stageFile } from '../../atomic-file.js';
import { Failure } from '../../failure.js';
import { undone } from './change.js';
import { digestOf, formatPlan, type Plan, readPlan } from './plan-file.js';

/**
 * Writes the plan that brings back what is there now, so that only its owner can read it. The same plan has the same
 * undo: where it is there already, an interrupted command is being repeated.
 *
 * @param given a path, instead of one in the folder where vmqctl keeps what it is doing
 * @returns its path; it is on disk then
 * @throws Failure: safety when something else is in its place, configuration when it cannot be written
 */
export async function writeUndo(plan: Plan, given: string | undefined, folder: string): Promise<string> {
  const undo = { redis: plan.redis, changes: undone(plan.changes) };
  const digest = digestOf(undo);
  const path = given ?? join(folder, 'acl-undo', `${digest.slice(0, 16)}.plan`);
  const staged = await stageFile(path, formatPlan(undo));
  if ((await staged.create()) || (await digestIn(path)) === digest) return path;
  throw new Failure('safety', 'undo_exists', `there is a file ${path} already`, {
    hint: 'Name another one with --undo, or move it away. Nothing was changed.',
  });
}

/** Undefined for what is no plan. */
async function digestIn(path: string): Promise<string | undefined> {
  try {
    return digestOf(await readPlan(path));
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined;
    throw thrown;
  }
}
