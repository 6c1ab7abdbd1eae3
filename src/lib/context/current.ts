import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Failure } from '../failure.js';

/** The context that is used when none is named, and the one before it (for `context use -`). */
export interface Selection {
  readonly current: string;
  readonly previous?: string;
}

/** Absolute path of the folder that holds the contexts: `$VMQCTL_CONFIG_DIR`, else the one of the operating system. */
export async function configFolder(environment: NodeJS.ProcessEnv): Promise<string> {
  if (environment.VMQCTL_CONFIG_DIR) return resolve(environment.VMQCTL_CONFIG_DIR);
  const { default: folders } = await import('env-paths');
  return folders('vmqctl', { suffix: '' }).config;
}

export const selectionFile = (folder: string): string => join(folder, 'current');

/** Which context is selected. The file has its name in the first line and the previous one in the second. */
export async function readSelection(folder: string): Promise<Selection | undefined> {
  const [current, previous] = (await readIfThere(selectionFile(folder)))?.split('\n') ?? [];
  if (!current) return undefined;
  return previous ? { current, previous } : { current };
}

/**
 * A file's text, or nothing when there is no such file.
 *
 * @throws Failure (configuration) when it is there and cannot be read
 */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new Failure('configuration', 'unreadable_file', `cannot read ${path}: ${code}`, { cause });
  }
}
