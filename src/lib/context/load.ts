import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.js';
import { didYouMean } from '../suggest.js';
import { readIfThere } from './current.js';
import { parseContext, type SavedContext } from './schema.js';

const ENDING = '.json';

/** @throws Failure (usage) when the name could not be a file's name on every system, or is more than that */
export function checkName(name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(name)) return;
  throw new Failure('usage', 'bad_context_name', `not a context name: ${JSON.stringify(name)}`, {
    hint: 'Up to 64 letters, digits, dots, underscores and hyphens; the first is no dot and no hyphen.',
  });
}

export function contextFile(folder: string, name: string): string {
  checkName(name);
  return join(folder, 'contexts', `${name}${ENDING}`);
}

/** Names of all saved contexts, sorted. */
export async function contextNames(folder: string): Promise<string[]> {
  const files = await readdir(join(folder, 'contexts')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Failure(
      'configuration',
      'unreadable_file',
      `cannot read ${join(folder, 'contexts')}: ${error.code}`,
    );
  });
  return files
    .filter((file) => file.endsWith(ENDING) && !file.startsWith('.'))
    .map((file) => file.slice(0, -ENDING.length))
    .sort();
}

/**
 * A saved context, or nothing when there is none of that name.
 *
 * @throws Failure: usage (bad name), configuration (unreadable or broken file)
 */
export async function loadContext(folder: string, name: string): Promise<SavedContext | undefined> {
  const path = contextFile(folder, name);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  await refuseIfOthersCanWrite(path);
  return parseContext(text, path, name).saved;
}

/** It names commands that we run and nodes that we send keys to. Windows has no such bits. */
async function refuseIfOthersCanWrite(path: string): Promise<void> {
  const { mode } = await stat(path);
  if (process.platform === 'win32' || (mode & 0o022) === 0) return;
  throw new Failure(
    'configuration',
    'context_too_open',
    `context file ${path} can be written by other users`,
    {
      hint: `Look whether it still says what you saved, then: chmod 600 ${path}`,
    },
  );
}

export async function unknownContext(folder: string, name: string): Promise<Failure> {
  const names = await contextNames(folder);
  const hint = names.length > 0 ? `Saved: ${names.join(', ')}.` : 'Save one with "vmqctl context add".';
  return new Failure(
    'configuration',
    'unknown_context',
    `there is no context ${name}${didYouMean(name, names)}`,
    { hint },
  );
}
