import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { removeFile, stageFile } from '../../atomic-file.js';
import { Failure } from '../../failure.js';

interface Process {
  readonly pid: number;
  /** Tells it from a later one that has got the same number, where the system says it. */
  readonly started?: string | undefined;
}

/** Who holds a lock. */
interface Holder extends Process {
  readonly host: string;
  readonly what: string;
  /** The one that has handed it over, and that releases it in the end. */
  readonly parent?: Process;
}

export interface Lock {
  release(): Promise<void>;
}

export interface OwnLock extends Lock {
  /** From now on it counts for as long as that process runs, too. */
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
  const own: Holder = { ...(await processOf(process.pid)), host: hostname(), what };
  const other = await take(path, own);
  if (other) throw held(key, path, other);
  return {
    // While we run nobody else can have taken it, so that it is ours that goes.
    release: async () => void (await removeFile(path)),
    handTo: async (pid) => (await stage(path, { ...own, ...(await processOf(pid)), parent: own })).replace(),
  };
}

const stage = (path: string, holder: Holder) => stageFile(path, `${JSON.stringify(holder)}\n`);

/** @returns who holds it instead */
async function take(path: string, own: Holder): Promise<Holder | undefined> {
  for (;;) {
    if (await (await stage(path, own)).create()) return undefined;
    const holder = await readHolder(path);
    if (holder === undefined) continue; // released meanwhile
    if (holder !== 'damaged' && (await isAlive(holder))) return holder;
    const result = await takeOver(path, own);
    if (result !== 'released') return result;
  }
}

/**
 * A lock that was left behind is replaced, and only by whoever holds the lock of doing so: two that remove what they have
 * both found dead would also remove what one of them has put there since.
 */
async function takeOver(path: string, own: Holder): Promise<Holder | undefined | 'released'> {
  const guard = `${path}.takeover`;
  const other = await take(guard, own);
  if (other) return other;
  try {
    const holder = await readHolder(path);
    if (holder === undefined) return 'released';
    if (holder !== 'damaged' && (await isAlive(holder))) return holder;
    await (await stage(path, own)).replace();
    return undefined;
  } finally {
    await removeFile(guard);
  }
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

/**
 * For what needs no lock of its own, and must not be done beside what does.
 *
 * @throws Failure (safety) while a process holds it
 */
export async function refuseLocked(folder: string, key: string): Promise<void> {
  const holder = await readHolder(pathOf(folder, key));
  if (holder === undefined || holder === 'damaged') return;
  if (await isAlive(holder)) throw held(key, pathOf(folder, key), holder);
}

/** Whether a process that is still there holds it, as far as it can be told. */
export async function isLocked(folder: string, key: string): Promise<boolean> {
  const holder = await readHolder(pathOf(folder, key)).catch(() => 'unreadable' as const);
  if (holder === undefined || holder === 'damaged') return false;
  return holder === 'unreadable' || isAlive(holder);
}

const pathOf = (folder: string, key: string) => join(folder, 'locks', `${encodeURIComponent(key)}.json`);

/**
 * @returns undefined when there is none; `damaged` for half a file of a machine that has crashed, which nobody holds
 * @throws Failure (configuration) for one that is there and may not be read, such as that of another user
 */
async function readHolder(path: string): Promise<Holder | 'damaged' | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new Failure('configuration', 'lock_unreadable', `cannot read the lock ${path}: ${cause.code}`, {
      hint: 'Another user of this machine, such as root, may be at work. Nothing was changed.',
      cause,
    });
  });
  if (text === undefined) return undefined;
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return Number.isInteger(holder?.pid) && typeof holder?.host === 'string' ? (holder as Holder) : 'damaged';
  } catch {
    return 'damaged';
  }
}

/** Of another machine, which shares this folder, nobody here can tell. */
const isAlive = async (holder: Holder) =>
  isElsewhere(holder) || (await isRunning(holder)) || (holder.parent ? isRunning(holder.parent) : false);

const isElsewhere = ({ host }: Holder) => host !== hostname();

async function isRunning({ pid, started }: Process): Promise<boolean> {
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

const processOf = async (pid: number): Promise<Process> => ({ pid, started: (await statOf(pid))[1] });

/** State and start, fields 3 and 22 of /proc/PID/stat (proc(5)); undefined on systems that have no such file. */
async function statOf(pid: number): Promise<readonly [state: string | undefined, start: string | undefined]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the name in parentheses, which may have blanks in it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return [fields[0], fields[19]];
}

function held(key: string, path: string, holder: Holder): Failure {
  const { pid, started, what, host } = holder;
  const message = `${key} is being worked on by another process (${what}, process ${pid} on ${host})`;
  const wait = 'Wait for it, or stop it: what it does can be picked up afterwards.';
  // Nobody here can tell whether it still runs, or whether it is that one.
  const isCertain = !isElsewhere(holder) && started !== undefined;
  const orRemove = isCertain ? '' : ` If it runs no more, remove ${path}.`;
  return new Failure('safety', 'locked', message, { hint: `${wait}${orRemove} Nothing was changed.` });
}
