import { readFile } from 'node:fs/promises';
import { Failure } from '../../failure.js';
import { type KnownHost, parseKnownHosts } from './entry.js';

/** Reads the files that are there. @throws Failure (configuration): one cannot be read */
export async function readKnownHosts(paths: readonly string[]): Promise<KnownHost[]> {
  const files = await Promise.all(paths.map(readOne));
  return files.flat();
}

async function readOne(path: string): Promise<KnownHost[]> {
  try {
    return parseKnownHosts(await readFile(path, 'utf8'), path);
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    // It may revoke the very key that is shown.
    throw new Failure('configuration', 'bad_known_hosts', `${path} cannot be read (${code})`, { cause });
  }
}
