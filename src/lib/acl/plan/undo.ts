import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stageFile } from '../../atomic-file.js';
import { Failure } from '../../failure.js';
import { undone } from './change.js';
import { digestOf, formatPlan, type Plan } from './plan-file.js';

/**
 * Writes the plan that brings back what is there now, so that only its owner can read it. The same plan has the same
 * undo: where it is there already, an interrupted command is being repeated.
 *
 * @param given a path, instead of one in the folder where vmqctl keeps what it is doing
 * @returns its path; it is on disk then
 * @throws Failure: safety when something else is in its place, configuration when it cannot be written
 */
export async function writeUndo(plan: Plan, given: string | undefined, folder: string): Promise<string> {
  const text = formatPlan({ redis: plan.redis, changes: undone(plan.changes) });
  const path = given ?? join(folder, 'acl-undo', `${digestOf(plan.redis, text).slice(0, 16)}.plan`);
  const staged = await stageFile(path, text);
  if (await staged.create()) return path;
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return path;
  throw new Failure('safety', 'undo_exists', `there is a file ${path} already`, {
    hint: 'Name another one with --undo, or move it away. Nothing was changed.',
  });
}
