import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Applied, applyChanges, assertUnmoved, standingOf } from '../../../../src/lib/acl/plan/apply.js';
import { type Change, undone } from '../../../../src/lib/acl/plan/change.js';
import { readPlan } from '../../../../src/lib/acl/plan/plan-file.js';
import { narrowUndo, writeUndo } from '../../../../src/lib/acl/plan/undo.js';
import { Failure } from '../../../../src/lib/failure.js';
import { MemoryStore } from '../memory-store.js';

const key = (client: string) => JSON.stringify(['', client, 'u']);
const add: Change = { key: key('add'), found: null, write: 'new' };
const change: Change = { key: key('change'), found: 'old', write: 'new' };
const remove: Change = { key: key('remove'), found: 'old', write: null };
const ALL = [add, change, remove];
const storeBefore = () => new MemoryStore({ [change.key]: 'old', [remove.key]: 'old' });

async function apply(
  store: Pick<MemoryStore, 'exchange'>,
  changes: readonly Change[],
  signal = new AbortController().signal,
): Promise<Applied> {
  const steps = applyChanges(store, changes, signal);
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}

describe('applying a plan', () => {
  it('writes what it says, and its undo brings everything back', async () => {
    const store = storeBefore();
    expect(await apply(store, ALL)).toEqual({
      written: { added: 1, changed: 1, removed: 1 },
      already: 0,
      moved: [],
    });
    expect([...store.values.keys()].sort()).toEqual([add.key, change.key]);
    await apply(store, undone(ALL));
    expect(store.values).toEqual(storeBefore().values);
  });

  it('is refused before the first write where a record is not what the plan saw; what is in place is done', async () => {
    const store = storeBefore();
    store.values.set(change.key, { kind: 'text', text: 'new' });
    expect(await standingOf(store, ALL)).toEqual({ pending: [add, remove], already: [change], moved: [] });
    store.values.set(add.key, { kind: 'wrong-type', type: 'list' });
    store.values.delete(remove.key);
    const found = await standingOf(store, ALL);
    expect(found).toEqual({ pending: [], already: [change, remove], moved: [add.key] });
    const refused = { kind: 'safety', code: 'records_moved', details: { moved: [add.key] } };
    expect(() => assertUnmoved(found)).toThrow(expect.objectContaining(refused));
  });

  it('leaves alone what others change meanwhile', async () => {
    const store = storeBefore();
    store.interfere = (name) => {
      if (name === change.key) store.values.set(name, { kind: 'text', text: 'theirs' });
    };
    expect(await apply(store, ALL)).toEqual({
      written: { added: 1, changed: 0, removed: 1 },
      already: 0,
      moved: [change.key],
    });
    expect(await store.get(change.key)).toBe('theirs');
  });

  it('that ends early says how far it came', async () => {
    const many = Array.from({ length: 250 }, (_, at): Change => ({ ...add, key: key(`c${at}`) }));
    const store = new MemoryStore();
    const failing = {
      exchange: (page: readonly Change[]) => {
        if (store.values.size >= 200)
          throw new Failure('unreachable', 'gone', 'Redis is gone', { hint: 'Look.' });
        return store.exchange(page);
      },
    };
    await expect(apply(failing, many)).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'gone',
      message: 'Redis is gone; 200 of 250 changes are in place',
      hint: 'Look. The same command again goes on from there.',
    });
    await expect(apply(store, many, AbortSignal.abort())).rejects.toMatchObject({ kind: 'interrupted' });
  });

  it('counts what others have changed as left alone, and what one server of a cluster has done as in place', async () => {
    const many = Array.from({ length: 150 }, (_, at): Change => ({ ...add, key: key(`c${at}`) }));
    const store = new MemoryStore({ [key('c1')]: 'theirs' });
    const failing = {
      exchange: async (page: readonly Change[]) => {
        if (page.length === 100) return await store.exchange(page);
        throw new Failure('unreachable', 'gone', 'one is gone', { details: { settled: 7 } });
      },
    };
    await expect(apply(failing, many)).rejects.toMatchObject({
      message: 'one is gone; 106 of 150 changes are in place',
      details: { settled: 106, total: 150, moved: [key('c1')] },
    });
  });
});

describe('the undo file', () => {
  const plan = { redis: 'redis://127.0.0.1:6379/0', changes: ALL };

  it('is a plan, for its owner alone, and the same for the same plan', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vmqctl-undo-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = await writeUndo(plan, undefined, folder);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readPlan(path)).toEqual({ ...plan, changes: undone(ALL) });
    expect(await writeUndo(plan, undefined, folder)).toBe(path);
    expect(await writeUndo({ ...plan, changes: [add] }, undefined, folder)).not.toBe(path);
  });

  it('never takes the place of anything', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vmqctl-undo-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'mine');
    await writeFile(path, 'precious');
    await expect(writeUndo(plan, path, folder)).rejects.toMatchObject({
      kind: 'safety',
      code: 'undo_exists',
    });
    expect(await readFile(path, 'utf8')).toBe('precious');
    await expect(writeUndo(plan, folder, folder)).rejects.toMatchObject({ kind: 'safety' });
    // A pipe that nobody writes to would be read for ever.
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(writeUndo(plan, pipe, folder)).rejects.toMatchObject({ code: 'undo_exists' });
  });

  it('has nothing of what was left alone, as it could not be applied with it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vmqctl-undo-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const store = storeBefore();
    store.interfere = (name) => {
      if (name === change.key) store.values.set(name, { kind: 'text', text: 'theirs' });
    };
    const written = await writeUndo(plan, undefined, folder);
    const { moved } = await apply(store, ALL);
    expect(await narrowUndo(written, plan, moved)).toBe(written);
    store.interfere = undefined;
    const { changes } = await readPlan(written);
    const standing = await standingOf(store, changes);
    assertUnmoved(standing);
    await apply(store, standing.pending);
    expect(store.values).toEqual(
      new Map(storeBefore().values).set(change.key, { kind: 'text', text: 'theirs' }),
    );
    const all = ALL.map(({ key: name }) => name);
    expect(await narrowUndo(written, plan, all)).toBeNull();
    await expect(stat(written)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
