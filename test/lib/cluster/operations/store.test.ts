import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock, isLocked, lockAll } from '../../../../src/lib/cluster/operations/lock.js';
import {
  fileStore,
  type OperationRecord,
  operationId,
} from '../../../../src/lib/cluster/operations/store.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-operations-'));
});
afterEach(() => rm(folder, { recursive: true }));

const record = (id: string, startedAt: number): OperationRecord => ({
  schema: 'vmqctl.operation/1',
  id,
  kind: 'leave',
  subjects: ['c@h'],
  members: ['a@h', 'c@h'],
  phase: 'drain',
  outcome: 'running',
  startedAt,
  updatedAt: startedAt,
  summary: '',
  state: { some: 'thing' },
});

describe('the store of operations', () => {
  it('gives back what was written, the newest first, and keeps it from others', async () => {
    const store = fileStore(folder);
    expect(await store.list()).toEqual([]);
    await store.write(record('leave-c@h/1', 1));
    await store.write(record('leave-c@h/2', 2));
    expect(await store.read('leave-c@h/1')).toEqual(record('leave-c@h/1', 1));
    expect((await store.list()).map(({ id }) => id)).toEqual(['leave-c@h/2', 'leave-c@h/1']);
    expect((await stat(join(folder, 'operations/leave-c%40h%2F1.json'))).mode & 0o777).toBe(0o600);
    await store.remove('leave-c@h/1');
    expect(await store.read('leave-c@h/1')).toBeUndefined();
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"schema":"vmqctl.operation/2"}',
    JSON.stringify({ ...record('bad', 1), outcome: 'great' }),
    JSON.stringify({ ...record('bad', 1), startedAt: 1e300 }),
    JSON.stringify({ ...record('bad', 1), subjects: [1] }),
  ])('does not take %j for one', async (text) => {
    const store = fileStore(folder);
    await store.write(record('x', 1));
    await writeFile(join(folder, 'operations/bad.json'), text);
    await expect(store.read('bad')).rejects.toMatchObject({ kind: 'configuration' });
    expect(await store.list()).toHaveLength(1);
    expect(await store.unreadable()).toMatchObject([
      { code: 'journal_unreadable', message: expect.stringContaining('bad.json') },
    ]);
  });

  it('says of one that a later version has written that it is to be gone on with by that', async () => {
    const store = fileStore(folder);
    await store.write({ ...record('x', 1), schema: 'vmqctl.operation/2' as 'vmqctl.operation/1' });
    expect(await store.unreadable()).toMatchObject([
      {
        message: expect.stringContaining('of another version'),
        hint: expect.stringContaining('that began it'),
      },
    ]);
  });

  it('tells one that may not be read from one that is damaged: it is not to be removed', async () => {
    await mkdir(join(folder, 'operations/x.json'), { recursive: true });
    const [failure] = await fileStore(folder).unreadable();
    expect(failure).toMatchObject({ message: expect.stringContaining('EISDIR') });
    expect(failure?.hint).not.toContain('Remove');
  });

  it('names an operation so that it can be typed', () => {
    expect(operationId('leave', 'c@h', Date.UTC(2026, 10, 22, 18, 5, 9, 7))).toBe(
      'leave-c@h-20261122T180509Z',
    );
  });
});

describe('a lock', () => {
  it('is held by one, and free again after its release', async () => {
    const lock = await acquireLock(folder, 'c@h', 'cluster leave');
    await expect(acquireLock(folder, 'c@h', 'another')).rejects.toMatchObject({
      kind: 'safety',
      message: expect.stringContaining(`cluster leave, process ${process.pid}`),
    });
    await (await acquireLock(folder, 'other@h', 'cluster leave')).release();
    expect(await isLocked(folder, 'c@h')).toBe(true);
    await lock.release();
    expect(await isLocked(folder, 'c@h')).toBe(false);
    await (await acquireLock(folder, 'c@h', 'another')).release();
  });

  it('of several is for all of them or for none', async () => {
    const other = await acquireLock(folder, 'b@h', 'cluster leave');
    await expect(lockAll(folder, ['a@h', 'b@h', 'c@h'], 'cluster roll')).rejects.toMatchObject({
      code: 'locked',
    });
    await other.release();
    const all = await lockAll(folder, ['a@h', 'b@h', 'c@h'], 'cluster roll');
    await expect(acquireLock(folder, 'c@h', 'another')).rejects.toMatchObject({ code: 'locked' });
    await all.release();
    await (await lockAll(folder, ['c@h', 'a@h'], 'another')).release();
  });

  it('of a process that has ended counts no more, also where another has got its number', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    const path = join(folder, 'locks/c%40h.json');
    await mkdir(join(folder, 'locks'));
    const holder = { pid: child.pid, host: hostname(), what: 'x' };
    await writeFile(path, JSON.stringify(holder));
    expect(await isLocked(folder, 'c@h')).toBe(false);
    await (await acquireLock(folder, 'c@h', 'mine')).release();
    await writeFile(path, JSON.stringify({ ...holder, pid: process.pid, started: '1' }));
    await (await acquireLock(folder, 'c@h', 'mine')).release();
  });

  it('of a process that has ended and that nobody has asked about counts no more', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60']);
    const [output] = await once(parent.stdout, 'data');
    const pid = Number(output);
    await expect.poll(() => readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
    await mkdir(join(folder, 'locks'));
    await writeFile(join(folder, 'locks/c%40h.json'), JSON.stringify({ pid, host: hostname(), what: 'x' }));
    const lock = acquireLock(folder, 'c@h', 'mine').finally(() => parent.kill());
    await (await lock).release();
  });

  it('of another machine is respected: nobody here can tell', async () => {
    await mkdir(join(folder, 'locks'));
    await writeFile(
      join(folder, 'locks/c%40h.json'),
      JSON.stringify({ pid: 1, host: 'elsewhere', what: 'x' }),
    );
    await expect(acquireLock(folder, 'c@h', 'mine')).rejects.toMatchObject({
      code: 'locked',
      hint: expect.stringContaining(`remove ${join(folder, 'locks/c%40h.json')}`),
    });
  });

  it('that cannot be read is respected: it may be that of another user', async () => {
    await mkdir(join(folder, 'locks/c%40h.json'), { recursive: true });
    await expect(acquireLock(folder, 'c@h', 'mine')).rejects.toMatchObject({ code: 'lock_unreadable' });
    expect(await isLocked(folder, 'c@h')).toBe(true);
  });

  it.each(['', '{', 'null', '{}', '{"pid":"1","host":"elsewhere"}'])(
    'of which a crash has left %j is held by nobody',
    async (text) => {
      await mkdir(join(folder, 'locks'));
      await writeFile(join(folder, 'locks/c%40h.json'), text);
      expect(await isLocked(folder, 'c@h')).toBe(false);
      await (await acquireLock(folder, 'c@h', 'mine')).release();
      expect(await readdir(join(folder, 'locks'))).toEqual([]);
    },
  );

  it('whose taking over was cut short is taken over all the same', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    await mkdir(join(folder, 'locks'));
    for (const name of ['c%40h.json', 'c%40h.json.takeover'])
      await writeFile(join(folder, 'locks', name), JSON.stringify({ pid: child.pid, host: hostname() }));
    await (await acquireLock(folder, 'c@h', 'mine')).release();
    expect(await readdir(join(folder, 'locks'))).toEqual([]);
  });

  it('that was handed to a process is still held once that has ended, until it is released', async () => {
    const lock = await acquireLock(folder, 'c@h', 'cluster roll');
    const child = spawn('sleep', ['60']);
    await lock.handTo(child.pid ?? 0);
    child.kill();
    await once(child, 'exit');
    await expect(acquireLock(folder, 'c@h', 'another')).rejects.toMatchObject({ code: 'locked' });
    await lock.release();
    expect(await isLocked(folder, 'c@h')).toBe(false);
  });

  it('goes to one of many that come at once', async () => {
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => acquireLock(folder, 'c@h', String(index))),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
