import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from './failure.js';

/** A file that is written and synced under another name, and not yet in its place. End it with one of the two. */
export interface StagedFile {
  /** Puts it in its place, unless something is there. @returns whether it did */
  create(): Promise<boolean>;
  /** Puts it in its place, over whatever is there. */
  replace(): Promise<void>;
}

/**
 * Writes a file of mode 0600 beside `path`, in folders of mode 0700, so that a reader sees the old or the new, whole.
 *
 * @param text or its parts, for what no string may be long enough for
 * @throws Failure (configuration) when that cannot be done; so do the two ways to end it
 */
export async function stageFile(path: string, text: string | Iterable<string>): Promise<StagedFile> {
  // The leading dot and the odd ending keep it out of every listing, should the process die before it is placed.
  const staged = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  await named(path, writeNew(staged, text));
  return {
    create: () => named(path, create(staged, path)),
    replace: () => named(path, replace(staged, path)),
  };
}

/** A full disk or a missing permission is the machine's doing, and the operator's to mend. */
async function named<T>(path: string, work: Promise<T>): Promise<T> {
  return await work.catch((cause: NodeJS.ErrnoException) => {
    throw new Failure(
      'configuration',
      'unwritable_file',
      `cannot write ${path}: ${cause.code ?? cause.message}`,
      {
        hint: 'Mend the disk or its permissions, or name another folder (VMQCTL_STATE_DIR, VMQCTL_CONFIG_DIR).',
        cause,
      },
    );
  });
}

async function writeNew(path: string, text: string | Iterable<string>): Promise<void> {
  await makeFolder(dirname(path));
  const file = await open(path, 'wx', 0o600);
  try {
    await writeFile(file, text);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * The folder and all above it that are missing. By hand: where a folder can never be made, as below /proc, Node's own
 * recursive way never ends.
 */
async function makeFolder(path: string): Promise<void> {
  const make = () =>
    mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // a file of that name shows when something is put into it
    });
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  }
}

async function create(staged: string, path: string): Promise<boolean> {
  try {
    if (!(await linkUnlessThere(staged, path))) return false;
  } finally {
    await rm(staged, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

async function replace(staged: string, path: string): Promise<void> {
  try {
    await rename(staged, path);
  } finally {
    await rm(staged, { force: true });
  }
  await syncFolder(dirname(path));
}

/** Of any number of processes that try at once, one succeeds. */
async function linkUnlessThere(staged: string, path: string): Promise<boolean> {
  try {
    await link(staged, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A rename is only sure to survive a power cut once its folder is synced, which Windows neither needs nor can. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Removes a file.
 *
 * @returns whether there was one
 * @throws Failure (configuration) when it is there and cannot be removed
 */
export function removeFile(path: string): Promise<boolean> {
  return named(path, unlinkIfThere(path));
}

async function unlinkIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Milliseconds. A file that lives longer is not on its way into its place any more. */
const LONGEST_STAGED = 60_000;
const STAGED = /^\.(.+)\.[0-9a-f]{12}\.tmp$/s;

/**
 * Removes the staged files of processes that were killed before they had placed them.
 *
 * @param of only those of the file with this name, in a folder that is not ours alone
 * @throws Failure (configuration) when there are some that cannot be removed
 */
export function sweepStaged(folder: string, of?: string): Promise<void> {
  return named(folder, sweep(folder, of));
}

async function sweep(folder: string, of: string | undefined): Promise<void> {
  const isMeant = (name: string) => {
    const [, placed] = STAGED.exec(name) ?? [];
    return placed !== undefined && (of === undefined || placed === of);
  };
  const names = await unlessGone(readdir(folder));
  for (const name of names?.filter(isMeant) ?? []) {
    const path = join(folder, name);
    const stats = await unlessGone(lstat(path));
    if (stats && isLeftByUs(stats)) await rm(path, { force: true });
  }
}

/** In a folder for all, such as /tmp, others may have files of that name, too. */
const isLeftByUs = (stats: Stats): boolean =>
  stats.isFile() &&
  (process.getuid === undefined || stats.uid === process.getuid()) &&
  Date.now() - stats.mtimeMs > LONGEST_STAGED;

/** Others sweep, too. */
async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
