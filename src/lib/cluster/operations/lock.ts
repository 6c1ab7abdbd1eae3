import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { removeFile, stageFile } from '../../atomic-file.js';
import { Failure } from '../../failure.js';

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells the process from a later one that has got the same number, where the system says it. */
  readonly started: string | undefined;
  readonly what: string;
}

export interface Lock {
  release(): Promise<void>;
}

export interface OwnLock extends Lock {
  /** From now on it counts for as long as that process runs. */
  handTo(pid: number): Promise<void>;
}

/**
 * Keeps other processes of this machine from doing the same. The lock of a process that has ended counts no more.
 *
 * @param key what is locked, such as the name of a node
 * @param what the holder does, for whoever comes second
 * @throws Failure (safety) while another process holds it
 */
export async function acquireLock(folder: string, key: string, what: string): Promise<OwnLock> {
  const path = pathOf(folder, key);
  const stage = async (pid: number) => {
    const holder: Holder = { pid, host: hostname(), started: (await statOf(pid))[1], what };
    return stageFile(path, `${JSON.stringify(holder)}\n`);
  };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await (await stage(process.pid)).create())
      return {
        release: async () => void (await removeFile(path)),
        handTo: async (pid) => (await stage(pid)).replace(),
      };
    const holder = await readHolder(path);
    if (holder && (await isAlive(holder))) throw held(key, holder);
    await removeFile(path);
  }
  throw held(key, await readHolder(path));
}

/**
 * All of them, or none.
 *
 * @throws Failure (safety) while another process holds one of them
 */
export async function lockAll(folder: string, keys: readonly string[], what: string): Promise<Lock> {
  const held: Lock[] = [];
  const release = async () => {
    for (const lock of held.splice(0)) await lock.release();
  };
  try {
    for (const key of keys) held.push(await acquireLock(folder, key, what));
    return { release };
  } catch (thrown) {
    await release();
    throw thrown;
  }
}

/** Whether a process that is still there holds it. */
export async function isLocked(folder: string, key: string): Promise<boolean> {
  const holder = await readHolder(pathOf(folder, key));
  return holder !== undefined && (await isAlive(holder));
}

const pathOf = (folder: string, key: string) => join(folder, 'locks', `${encodeURIComponent(key)}.json`);

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch {
    // Released meanwhile, or half a file of a machine that has crashed: nobody holds it.
    return undefined;
  }
}

/** Of another machine, which shares this folder, nobody here can tell. */
async function isAlive({ pid, host, started }: Holder): Promise<boolean> {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const [state, now] = await statOf(pid);
  // In a container there may be nobody to take leave of it: it stays listed, and does nothing any more.
  if (state === 'Z') return false;
  return started === undefined || now === undefined || now === started;
}

/** State and start, fields 3 and 22 of /proc/PID/stat (proc(5)); undefined on systems that have no such file. */
async function statOf(pid: number): Promise<readonly [state: string | undefined, start: string | undefined]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the name in parentheses, which may have blanks in it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return [fields[0], fields[19]];
}

const held = (key: string, holder: Holder | undefined) =>
  new Failure('safety', 'locked', `${key} is being worked on by another process${describe(holder)}`, {
    hint: 'Wait for it, or stop it: what it does can be picked up afterwards. Nothing was changed.',
  });

const describe = (holder: Holder | undefined) =>
  holder ? ` (${holder.what}, process ${holder.pid} on ${holder.host})` : '';
