import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  assertSameRedis,
  formatPlan,
  isPlanFile,
  readPlan,
  writePlan,
} from '../../../../src/lib/acl/plan/plan-file.js';
import { writeUndo } from '../../../../src/lib/acl/plan/undo.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-plan-'));
  path = join(folder, 'x.plan');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const PLAN = {
  redis: 'redis://127.0.0.1:6379/0',
  changes: [
    { key: '["","a","u"]', found: null, write: '{"line":"\\n\u2028"}' },
    { key: '["","b","u"]', found: 'broken\n', write: null },
  ],
};
const damaged = { kind: 'data', code: 'damaged_plan' };

describe('a plan file', () => {
  it('gives back exactly what was written, and only its owner can read it', async () => {
    await writePlan(path, PLAN);
    expect(await readPlan(path)).toEqual(PLAN);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await isPlanFile(path)).toBe(true);
    expect(await isPlanFile(folder)).toBe(false);
  });

  it('is read whatever the Redis is that it is for', async () => {
    for (const redis of [
      'redis+cluster://10.0.0.1:7000,10.0.0.2:7000',
      'rediss+sentinel://me@h:26379,[::1]:26379/mymaster/2',
      'unix:///run/redis.sock',
    ]) {
      await writePlan(path, { ...PLAN, redis });
      expect(await readPlan(path)).toEqual({ ...PLAN, redis });
    }
  });

  it('of many changes, and of long ones, is read as it was written', async () => {
    const long = 'x'.repeat(200_000);
    const changes = Array.from({ length: 2500 }, (_, at) => ({
      key: JSON.stringify(['', `c${at}`, 'u']),
      found: at % 1000 === 0 ? long : null,
      write: `\u00e4\u2028\r${at}`,
    }));
    await writePlan(path, { ...PLAN, changes });
    expect(await readPlan(path)).toEqual({ ...PLAN, changes });
  });

  it('takes the place of a plan, and of nothing else', async () => {
    await writePlan(path, PLAN);
    await writePlan(path, { ...PLAN, changes: [] });
    expect((await readPlan(path)).changes).toEqual([]);
    await writeFile(path, '{"client_id":"a"}\n');
    const refused = { kind: 'safety', code: 'no_place_for_plan' };
    await expect(writePlan(path, PLAN)).rejects.toMatchObject(refused);
    await expect(writePlan(folder, PLAN)).rejects.toMatchObject(refused);
    await expect(writePlan('/dev/null', PLAN)).rejects.toMatchObject(refused);
    expect(await readFile(path, 'utf8')).toBe('{"client_id":"a"}\n');
  });

  it('never takes the place of an undo, which may be the only way back', async () => {
    const undo = await writeUndo(PLAN, path, folder);
    const before = await readFile(undo, 'utf8');
    await expect(writePlan(undo, PLAN)).rejects.toMatchObject({ kind: 'safety', code: 'undo_exists' });
    expect(await readFile(undo, 'utf8')).toBe(before);
    expect((await readPlan(undo)).changes).toHaveLength(2);
  });

  it('clears away what a killed command has left half-written of it, and nothing else', async () => {
    const [stale, fresh, others] = ['.x.plan.', '.x.plan.', '.y.plan.'].map((start, at) =>
      join(folder, `${start}${String(at).repeat(12)}.tmp`),
    ) as [string, string, string];
    for (const one of [stale, fresh, others]) await writeFile(one, 'passhashes');
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const one of [stale, others]) await utimes(one, longAgo, longAgo);
    await writePlan(path, PLAN);
    expect((await readdir(folder)).sort()).toEqual([basename(fresh), basename(others), 'x.plan'].sort());
    await utimes(fresh, longAgo, longAgo);
    await expect(writeUndo(PLAN, path, folder)).rejects.toMatchObject({ code: 'undo_exists' });
    expect((await readdir(folder)).sort()).toEqual([basename(others), 'x.plan'].sort());
  });

  it('is written though something that is no file of ours has the name of a half-written one', async () => {
    const odd = join(folder, `.x.plan.${'0'.repeat(12)}.tmp`);
    await mkdir(odd);
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(odd, longAgo, longAgo);
    await writePlan(path, PLAN);
    expect((await readdir(folder)).sort()).toEqual([basename(odd), 'x.plan'].sort());
  });

  it('that is cut off anywhere, or changed, is not read', async () => {
    const text = [...formatPlan(PLAN)].join('');
    for (const at of [1, 30, text.indexOf('\n'), text.indexOf('\n') + 1, text.length - 1]) {
      await writeFile(path, text.slice(0, at));
      await expect(readPlan(path)).rejects.toMatchObject({ kind: 'data' });
    }
    for (const changed of [text.replace('broken', 'Broken'), text.replace('6379', '6380'), `${text}\n`]) {
      await writeFile(path, changed);
      await expect(readPlan(path)).rejects.toMatchObject(damaged);
    }
  });

  it('with a digest that fits writes no key that is not a record', async () => {
    const bad = [
      { key: 'session:1', found: null, write: 'x' },
      { key: '["", "a", "u"]', found: null, write: 'x' },
      { key: '["","a","u"]', found: 'x', write: 'x' },
      PLAN.changes[0],
    ];
    for (const change of bad) {
      const changes = [change, ...PLAN.changes] as typeof PLAN.changes;
      await writeFile(path, [...formatPlan({ ...PLAN, changes })].join(''));
      await expect(readPlan(path)).rejects.toMatchObject(damaged);
    }
  });

  it('of another version is told as such', async () => {
    await writeFile(path, [...formatPlan(PLAN)].join('').replace('file/1', 'file/2'));
    await expect(readPlan(path)).rejects.toMatchObject({ code: 'other_plan_version' });
  });

  it('that cannot be read or written is a failure', async () => {
    await expect(readPlan(path)).rejects.toMatchObject({ kind: 'configuration' });
    await expect(isPlanFile(path)).rejects.toMatchObject({ kind: 'configuration' });
    await expect(writePlan('/proc/x.plan', PLAN)).rejects.toMatchObject({ kind: 'configuration' });
  });
});

describe('the Redis of a plan', () => {
  it.each([
    ['redis://127.0.0.1:6379/0', 'redis://user@127.0.0.1', true],
    ['redis+cluster://a:1,b:2', 'redis+cluster://b:2,a:1', true],
    ['redis://127.0.0.1:6379/0', 'redis://127.0.0.1:6379/1', false],
    ['redis://127.0.0.1:6379/0', 'redis://127.0.0.1:6380/0', false],
    ['redis+sentinel://a:1/one', 'redis+sentinel://a:1/two', false],
    ['unix:///a', 'unix:///b', false],
  ])('%s, and %s: %s', (planned, here, isSame) => {
    const compare = () => assertSameRedis(planned, here);
    if (isSame) expect(compare).not.toThrow();
    else expect(compare).toThrow(expect.objectContaining({ kind: 'safety', code: 'other_redis' }));
  });
});
