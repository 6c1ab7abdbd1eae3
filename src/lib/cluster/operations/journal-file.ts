import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../failure.js';

/** All journals of a folder; those that cannot be read are told, each by itself. */
export async function readAll<Item>(
  folder: string,
  read: (path: string) => Promise<Item | undefined>,
): Promise<{ readonly records: Item[]; readonly unreadable: Failure[] }> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  const unreadable: Failure[] = [];
  const note = (thrown: unknown) => {
    if (!(thrown instanceof Failure)) throw thrown;
    unreadable.push(thrown);
    return undefined;
  };
  const found = await Promise.all(names.sort().map((name) => read(join(folder, name)).catch(note)));
  return { records: found.filter((item) => item !== undefined), unreadable };
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw inaccessible(folder, error);
  });
}

/** @returns undefined when there is none. @throws Failure (configuration) */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw inaccessible(path, error);
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(path, error);
  }
}

/** It is JSON, and not a journal as this version writes it. */
export function notUnderstood(path: string, found: unknown, expected: string): Failure {
  const schema = (found as { readonly schema?: unknown } | null)?.schema;
  if (typeof schema !== 'string' || schema === expected || !schema.startsWith('vmqctl.'))
    return damaged(path);
  const message = `the journal ${path} is of another version of vmqctl (${schema})`;
  return new Failure('configuration', 'journal_unreadable', message, {
    hint: 'Go on with its operation with the version that began it.',
  });
}

export const damaged = (path: string, cause?: unknown) =>
  new Failure('configuration', 'journal_unreadable', `the journal ${path} cannot be read: it is damaged`, {
    hint: 'Remove it once you know that its operation is not going on.',
    cause,
  });

const inaccessible = (path: string, cause: NodeJS.ErrnoException) =>
  new Failure('configuration', 'journal_unreadable', `the journal ${path} cannot be read: ${cause.code}`, {
    hint: 'Another user, such as root, may own it. VMQCTL_STATE_DIR names another folder.',
    cause,
  });
