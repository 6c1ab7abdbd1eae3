import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { Failure } from '../../failure.js';
import { matchesPattern } from '../pattern.js';

/**
 * The text of a configuration; nothing where there is no such file.
 *
 * @param isPrivate as ssh, refuses a file that others than its user and root may write
 * @throws Failure (configuration)
 */
export function readConfigFile(path: string, isPrivate: boolean): string | undefined {
  try {
    if (isPrivate) assertPrivate(path);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Failure('configuration', 'bad_ssh_config', `${path} cannot be read (${code})`, { cause });
  }
}

/** Whoever may write it decides who is reached, and whose key is trusted. */
function assertPrivate(path: string): void {
  const { uid, mode } = statSync(path);
  if ((uid === 0 || uid === process.getuid?.()) && (mode & 0o022) === 0) return;
  throw new Failure('configuration', 'bad_ssh_config', `${path} can be written by others`, {
    hint: `ssh does not take it either. Make it yours alone: chmod go-w ${path}`,
  });
}

/**
 * The files that an Include names, in the order of their names.
 *
 * @param folder where relative paths start
 */
export function includedFiles(pattern: string, folder: string, home: string): string[] {
  const tilde = pattern.replace(/^~(?=\/|$)/, () => home);
  const path = isAbsolute(tilde) ? tilde : join(folder, tilde);
  const parts = resolve(path).split('/').slice(1);
  return parts.reduce<string[]>((folders, part) => folders.flatMap((from) => entries(from, part)), ['/']);
}

function entries(folder: string, part: string): string[] {
  if (!/[*?]/.test(part)) return [join(folder, part)];
  try {
    return readdirSync(folder)
      .filter((name) => matchesPattern(part, name) && (part.startsWith('.') || !name.startsWith('.')))
      .sort()
      .map((name) => join(folder, name));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // As ssh: a pattern that fits nothing is no mistake, nor is a folder that is closed to us.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return [];
    throw cause;
  }
}
