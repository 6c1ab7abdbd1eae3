import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { removeFile, stageFile, sweepStaged } from '../../atomic-file.js';
import { isRedisUrl, isSameRedis } from '../../context/redis-url.js';
import { Failure } from '../../failure.js';
import { unreadableFile } from '../../unreadable-file.js';

const SCHEMA = 'vmqctl.acl-disconnect/1';
const noteSchema = z.strictObject({
  schema: z.literal(SCHEMA),
  redis: z.string().refine(isRedisUrl),
  /** The number of the process that is at it; null where none is any more. */
  process: z.int().positive().nullable(),
  keys: z.array(z.string()).readonly(),
});

/** What the note of one command says. */
type Note = z.infer<typeof noteSchema>;

/**
 * Records that are written, or about to be, and whose clients are still to be disconnected. It is on disk before they are
 * written, so that whoever is cut short can go on: by what is in Redis nobody can tell it any more.
 */
export class Unfinished {
  private own: { readonly path: string; readonly keys: readonly string[] } | undefined;

  /**
   * @param earlier keys that commands before this one have left so
   * @param abandoned paths of the notes of those of them that do not run any more
   */
  constructor(
    private readonly folder: string,
    private readonly redis: string,
    private readonly isMeant: (key: string) => boolean,
    readonly earlier: ReadonlySet<string>,
    private readonly abandoned: readonly string[],
  ) {}

  /** On return it is on disk that these are to be seen to. @throws Failure (configuration) */
  async begin(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    // Also of those that others have noted: they end their notes when they like.
    const path = join(this.folder, `${randomBytes(8).toString('hex')}.json`);
    await writeNote(path, { schema: SCHEMA, redis: this.redis, process: process.pid, keys });
    this.own = { path, keys };
  }

  /** Nothing was written of what has begun. @throws Failure (configuration) */
  async withdraw(): Promise<void> {
    if (this.own) await removeFile(this.own.path);
    this.own = undefined;
  }

  /**
   * All that this command means are seen to, those of commands before it too.
   *
   * @param left keys of those that are not
   * @throws Failure (configuration)
   */
  async end(left: ReadonlySet<string>): Promise<void> {
    const isOwn = new Set(this.own?.keys);
    if (this.own) await narrowNote(this.own.path, (key) => left.has(key));
    for (const path of this.abandoned)
      await narrowNote(path, (key) => !this.isMeant(key) || (left.has(key) && !isOwn.has(key)));
  }
}

/**
 * What is still to be seen to of the records of a Redis.
 *
 * @param state the folder where vmqctl keeps what it is doing
 * @param isMeant whether a command is about the record with this key
 * @throws Failure (configuration) when it cannot be read, or is damaged
 */
export async function openUnfinished(
  state: string,
  redis: string,
  isMeant: (key: string) => boolean,
): Promise<Unfinished> {
  const folder = join(state, 'acl-disconnect');
  const names = await namesIn(folder);
  if (names.length > 0) await sweepStaged(folder);
  const earlier = new Set<string>();
  const abandoned: string[] = [];
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const path = join(folder, name);
    const note = await readNote(path);
    const meant = note && isSameRedis(note.redis, redis) ? note.keys.filter(isMeant) : [];
    for (const key of meant) earlier.add(key);
    if (note && meant.length > 0 && (await isAbandoned(path, note))) abandoned.push(path);
  }
  return new Unfinished(folder, redis, isMeant, earlier, abandoned);
}

/** Milliseconds. No command takes longer: a process with its number is another one by then. */
const LONGEST_COMMAND = 24 * 3_600_000;

/** Whether the command that wrote a note has ended; one that runs may not have written its records yet. */
async function isAbandoned(path: string, { process: id }: Note): Promise<boolean> {
  if (id === null || id === process.pid || !isRunning(id)) return true;
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > LONGEST_COMMAND;
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it is somebody else's
  }
}

const writeNote = async (path: string, note: Note): Promise<void> =>
  (await stageFile(path, JSON.stringify(note))).replace();

/** As it is now: others may have narrowed or removed it meanwhile. */
async function narrowNote(path: string, isKept: (key: string) => boolean): Promise<void> {
  const note = await readNote(path);
  if (!note) return;
  const keys = note.keys.filter(isKept);
  if (keys.length === 0) await removeFile(path);
  else if (keys.length < note.keys.length) await writeNote(path, { ...note, process: null, keys });
}

const namesIn = (folder: string): Promise<readonly string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw unreadableFile(folder, error);
  });

/** Undefined where it is gone: another command has seen to it meanwhile. */
async function readNote(path: string): Promise<Note | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unreadableFile(path, error);
  });
  if (text === undefined) return undefined;
  try {
    return noteSchema.parse(JSON.parse(text));
  } catch {
    throw new Failure('configuration', 'damaged_journal', `${path} is damaged`, {
      hint: 'It says whose clients are still to be disconnected. Move it away; a plan that is applied again disconnects its clients again. Nothing was changed.',
    });
  }
}
