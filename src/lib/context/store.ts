import { removeFile, stageFile } from '../atomic-file.js';
import { Failure } from '../failure.js';
import type { Secret } from '../secret.js';
import { readIfThere, readSelection, selectionFile } from './current.js';
import { contextFile, unknownContext } from './load.js';
import { formatContext, parseContext, type SavedContext, type UnknownMembers } from './schema.js';
import { type KeptSecret, secretFile } from './secret-source.js';

/** Secrets that came in on standard input and are kept beside the context. */
export type KeptSecrets = { readonly [What in KeptSecret]?: Secret };

const SECRETS: readonly KeptSecret[] = ['api-key', 'cookie', 'redis-password', 'ssh-password'];

/**
 * Saves a context and the secrets that belong to it.
 *
 * @param replace whether it may take the place of one that is there; of that one, only what this version does not
 *   know is kept
 * @throws Failure: safety (it is there and may not be replaced), configuration (the files cannot be written)
 */
export async function saveContext(
  folder: string,
  saved: SavedContext,
  secrets: KeptSecrets,
  replace: boolean,
): Promise<void> {
  const path = contextFile(folder, saved.name);
  const unknown = replace ? await unknownMembers(path, saved.name) : {};
  const context = await stageFile(path, formatContext(saved, unknown));
  if (!replace) {
    if (!(await context.create())) throw contextExists(saved.name);
    await saveSecrets(folder, saved.name, secrets);
    return;
  }
  // First the old secrets go: at no moment may they stand beside the new nodes. One that the operator names as the
  // source of the new context stays.
  const named = [saved.apiKeyFrom, saved.cookieFrom, saved.redisPasswordFrom, saved.sshPasswordFrom];
  await removeSecrets(
    folder,
    saved.name,
    (what, path) => secrets[what] === undefined && named.includes(`file:${path}`),
  );
  await context.replace();
  await saveSecrets(folder, saved.name, secrets);
}

export const contextExists = (name: string): Failure =>
  new Failure('safety', 'context_exists', `there is a context ${name} already; nothing was changed`, {
    hint: 'Give another name, or --replace.',
  });

/** Of a file that is too broken to read, nothing can be kept: replacing is how it is mended. */
async function unknownMembers(path: string, name: string): Promise<UnknownMembers> {
  const text = await readIfThere(path);
  if (text === undefined) return {};
  try {
    return parseContext(text, path, name).unknown;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'broken_context') return {};
    throw thrown;
  }
}

async function saveSecrets(folder: string, name: string, secrets: KeptSecrets): Promise<void> {
  for (const what of SECRETS) {
    const value = secrets[what];
    if (value !== undefined)
      await (await stageFile(secretFile(folder, name, what), `${value.reveal()}\n`)).replace();
  }
}

/** @returns the files that were removed */
async function removeSecrets(
  folder: string,
  name: string,
  isWanted: (what: KeptSecret, path: string) => boolean = () => false,
): Promise<string[]> {
  const removed: string[] = [];
  for (const what of SECRETS) {
    const path = secretFile(folder, name, what);
    if (!isWanted(what, path) && (await removeFile(path))) removed.push(path);
  }
  return removed;
}

export interface RemovedContext {
  readonly wasCurrent: boolean;
  /** Paths of the files that are gone. */
  readonly removed: readonly string[];
}

/**
 * Removes a context, its kept secrets, and its being the current one.
 *
 * @throws Failure (configuration) when there is none of that name
 */
export async function removeContext(folder: string, name: string): Promise<RemovedContext> {
  const path = contextFile(folder, name);
  const secrets = await removeSecrets(folder, name);
  if (!(await removeFile(path))) throw await unknownContext(folder, name);
  const wasCurrent = (await readSelection(folder))?.current === name;
  if (wasCurrent) await removeFile(selectionFile(folder));
  return { wasCurrent, removed: [path, ...secrets] };
}

/** Makes a context the current one, unless some process has just chosen one. @returns whether it did */
export async function selectFirst(folder: string, name: string): Promise<boolean> {
  const staged = await stageFile(selectionFile(folder), `${name}\n`);
  return await staged.create();
}

/** Makes a context the current one; the one that was becomes the previous one. */
export async function select(folder: string, name: string): Promise<void> {
  const before = await readSelection(folder);
  const previous = before?.current === name ? before.previous : before?.current;
  const staged = await stageFile(
    selectionFile(folder),
    `${[name, ...(previous ? [previous] : [])].join('\n')}\n`,
  );
  await staged.replace();
}
