import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
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
  keys: z.array(z.string()),
});

/** What one command was to bring into force. */
interface Note {
  readonly path: string;
  readonly keys: readonly string[];
}

/**
 * Records that are written, or about to be, and whose clients are still to be disconnected. It is on disk before they are
 * written, so that whoever is cut short can go on: by what is in Redis nobody can tell it any more.
 */
export class Unfinished {
  /** Keys that commands before this one have left so. */
  readonly earlier: ReadonlySet<string>;

  constructor(
    private readonly folder: string,
    private readonly redis: string,
    private readonly isMeant: (key: string) => boolean,
    private notes: readonly Note[],
  ) {
    this.earlier = new Set(notes.flatMap(({ keys }) => keys).filter(isMeant));
  }

  /** On return it is on disk that these are to be seen to. @throws Failure (configuration) */
  async begin(keys: readonly string[]): Promise<void> {
    const fresh = keys.filter((key) => !this.earlier.has(key));
    if (fresh.length === 0) return;
    const note = { path: join(this.folder, `${randomBytes(8).toString('hex')}.json`), keys: fresh };
    await this.write(note);
    this.notes = [...this.notes, note];
  }

  /**
   * All that this command means are seen to, those of commands before it too.
   *
   * @param left keys of those that are not
   * @throws Failure (configuration)
   */
  async end(left: ReadonlySet<string>): Promise<void> {
    for (const { path, keys } of this.notes) {
      const others = keys.filter((key) => left.has(key) || !this.isMeant(key));
      if (others.length === 0) await removeFile(path);
      else if (others.length < keys.length) await this.write({ path, keys: others });
    }
  }

  private async write({ path, keys }: Note): Promise<void> {
    await (await stageFile(path, JSON.stringify({ schema: SCHEMA, redis: this.redis, keys }))).replace();
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
  const notes: Note[] = [];
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const path = join(folder, name);
    const note = await readNote(path);
    if (note && isSameRedis(note.redis, redis)) notes.push({ path, keys: note.keys });
  }
  return new Unfinished(folder, redis, isMeant, notes);
}

const namesIn = (folder: string): Promise<readonly string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw unreadableFile(folder, error);
  });

/** Undefined where it is gone: another command has seen to it meanwhile. */
async function readNote(path: string): Promise<z.infer<typeof noteSchema> | undefined> {
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
