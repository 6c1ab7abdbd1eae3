import { Failure } from '../failure.js';
import { configFolder, readSelection } from './current.js';
import { checkName, contextNames, loadContext, unknownContext } from './load.js';
import type { SavedContext } from './schema.js';
import { type RemovedContext, removeContext, select } from './store.js';

/** One that is broken is listed too, with the reason, so that it can be mended or removed. */
export type ListedContext =
  | { readonly name: string; readonly saved: SavedContext }
  | { readonly name: string; readonly problem: string };

export interface ContextList {
  readonly current: string | undefined;
  /** Sorted by name. */
  readonly contexts: readonly ListedContext[];
}

export async function listContexts(environment: NodeJS.ProcessEnv): Promise<ContextList> {
  const folder = await configFolder(environment);
  const names = await contextNames(folder);
  const contexts = await Promise.all(names.map((name) => listed(folder, name)));
  return {
    current: (await readSelection(folder))?.current,
    contexts: contexts.filter((one) => one !== undefined),
  };
}

async function listed(folder: string, name: string): Promise<ListedContext | undefined> {
  try {
    const saved = await loadContext(folder, name);
    // Removed by another process since it was listed.
    return saved && { name, saved };
  } catch (thrown) {
    if (thrown instanceof Failure) return { name, problem: thrown.message };
    throw thrown;
  }
}

/**
 * The context of that name, else the current one.
 *
 * @throws Failure (configuration) when there is none, or it is unknown or broken
 */
export async function findContext(
  name: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<{ saved: SavedContext; isCurrent: boolean }> {
  const folder = await configFolder(environment);
  const current = (await readSelection(folder))?.current;
  const wanted = name ?? current;
  if (wanted === undefined) {
    throw new Failure('configuration', 'no_context', 'no context is named and none is the current one', {
      hint: '"vmqctl context list" shows the saved ones, "vmqctl context use NAME" makes one the current one.',
    });
  }
  const saved = await loadContext(folder, wanted);
  if (!saved) throw await unknownContext(folder, wanted);
  return { saved, isCurrent: wanted === current };
}

/**
 * Makes a context the current one; `-` is the one that was it before.
 *
 * @throws Failure (configuration) when it is unknown or broken, or `-` and there was none
 */
export async function useContext(name: string, environment: NodeJS.ProcessEnv): Promise<SavedContext> {
  const folder = await configFolder(environment);
  const wanted = name === '-' ? (await readSelection(folder))?.previous : name;
  if (wanted === undefined) {
    throw new Failure('configuration', 'no_previous_context', 'there is no previous context to go back to');
  }
  const { saved } = await findContext(wanted, environment);
  await select(folder, wanted);
  return saved;
}

/**
 * Removes a context, also a broken one.
 *
 * @param consent throws when the operator does not want it; asked only when there is something to remove
 * @throws Failure (configuration) when it is unknown
 */
export async function forgetContext(
  name: string,
  environment: NodeJS.ProcessEnv,
  consent: () => Promise<void>,
): Promise<RemovedContext> {
  const folder = await configFolder(environment);
  checkName(name);
  if (!(await contextNames(folder)).includes(name)) throw await unknownContext(folder, name);
  await consent();
  return await removeContext(folder, name);
}
