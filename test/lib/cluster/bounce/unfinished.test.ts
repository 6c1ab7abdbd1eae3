import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openUnfinished } from '../../../../src/lib/cluster/bounce/unfinished.js';

const HERE = 'redis://127.0.0.1:6379/0';
const NOTES = 'acl-disconnect';
const NONE: ReadonlySet<string> = new Set();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-unfinished-'));
});
afterEach(() => rm(folder, { recursive: true }));

const open = (meant: readonly string[], redis = HERE) =>
  openUnfinished(folder, redis, (key) => meant.includes(key));
const left = async (meant: readonly string[], redis = HERE) => [...(await open(meant, redis)).earlier].sort();
const notes = () => readdir(join(folder, NOTES));

describe('records whose clients are still to be disconnected', () => {
  it('are found by a later command that means them, for the same Redis, until it has seen to them', async () => {
    await (await open(['a', 'b', 'c'])).begin(['a', 'b', 'c']);
    expect(await left(['a', 'b', 'x'])).toEqual(['a', 'b']);
    expect(await left(['a'], 'redis://me@127.0.0.1')).toEqual(['a']);
    expect(await left(['a'], 'redis://127.0.0.1:6379/1')).toEqual([]);

    const later = await open(['a', 'b', 'd']);
    await later.begin(['b', 'd']);
    await later.end(new Set(['d']));
    expect(await left(['a', 'b', 'c', 'd'])).toEqual(['c', 'd']);
    await (await open(['c', 'd'])).end(NONE);
    expect(await notes()).toEqual([]);
  });

  it('are in a file for its owner alone; none is written for nothing', async () => {
    const first = await open(['a']);
    await first.begin([]);
    await expect(notes()).rejects.toMatchObject({ code: 'ENOENT' });
    await first.begin(['a']);
    const [name = ''] = await notes();
    expect((await stat(join(folder, NOTES, name))).mode & 0o777).toBe(0o600);
  });

  it('are those of a command though another one, which began before it, sees to the same records', async () => {
    const before = await open(['a', 'b']);
    await before.begin(['a', 'b']);
    const meanwhile = await open(['a']);
    await meanwhile.begin(['a']);
    await before.end(NONE);
    expect(await left(['a', 'b'])).toEqual(['a']);
    await meanwhile.end(NONE);
    expect(await notes()).toEqual([]);
  });

  it('stay in one file where they cannot be seen to, however often that is tried', async () => {
    for (const _ of [1, 2]) {
      const again = await open(['a', 'b']);
      await again.begin(['a', 'b']);
      await again.end(new Set(['b']));
    }
    expect(await notes()).toHaveLength(1);
    expect(await left(['a', 'b'])).toEqual(['b']);
  });

  it('are seen to for a command that still runs, and left to it: it may not have written them yet', async () => {
    await (await open(['a', 'b'])).begin(['a', 'b']);
    const [name = ''] = await notes();
    const path = join(folder, NOTES, name);
    const note = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...note, process: process.ppid }));
    const later = await open(['a']);
    expect([...later.earlier]).toEqual(['a']);
    await later.end(NONE);
    expect(await left(['a'])).toEqual(['a']);

    const days = new Date(Date.now() - 2 * 24 * 3_600_000);
    await utimes(path, days, days);
    for (const key of ['a', 'b']) await (await open([key])).end(NONE);
    expect(await notes()).toEqual([]);
  });

  it('are left out where certainly nothing was written, but for those of commands before', async () => {
    await (await open(['a'])).begin(['a']);
    const later = await open(['a', 'b']);
    await later.begin(['a', 'b']);
    await later.withdraw();
    expect(await left(['a', 'b'])).toEqual(['a']);
  });

  it('are found of a Redis with several servers, in whatever order they are named', async () => {
    await (await open(['a'], 'redis+cluster://h:7000,h2:7001')).begin(['a']);
    expect(await left(['a'], 'redis+cluster://h2:7001,h:7000')).toEqual(['a']);
    expect(await left(['a'])).toEqual([]);
  });

  it('are not guessed where their file is damaged', async () => {
    await (await open(['a'])).begin(['a']);
    await writeFile(join(folder, NOTES, 'x.json'), '{"schema":');
    await expect(open(['a'])).rejects.toMatchObject({ kind: 'configuration', code: 'damaged_journal' });
  });
});
