import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyChanges, standingOf } from '../../src/lib/acl/plan/apply.js';
import { type Change, undone } from '../../src/lib/acl/plan/change.js';
import { openRedisStore } from '../../src/lib/acl/redis-store.js';
import type { AclStore } from '../../src/lib/acl/store.js';
import { systemClock } from '../../src/lib/clock.js';
import { desiredRows, HASH, plan } from '../lib/acl/plan/planning.js';
import { vmqctl } from '../support/cli.js';
import { type RedisServer, startRedis } from '../support/redis.js';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const key = (client: string, mountpoint = '') => JSON.stringify([mountpoint, client, 'u']);
const row = (client: string, more: object = {}) =>
  JSON.stringify({
    client_id: client,
    username: 'u',
    passhash: HASH,
    publish_acl: [`dev/${client}`],
    ...more,
  });
const text = (client: string) =>
  `{"passhash":"${HASH}","subscribe_acl":[],"publish_acl":[{"pattern":"dev/${client}"}]}`;

let server: RedisServer;
let redis: Redis;
let store: AclStore;
let folder: string;
let file: string;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  store = await openRedisStore({ url: server.url, deadline: 5000 }, systemClock);
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-apply-'));
});
afterAll(async () => {
  store.close();
  redis.disconnect();
  await server.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await redis.flushall();
  file = join(await mkdtemp(join(folder, 'test-')), 'users.ndjson');
});

const environment = () => ({ VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder, VMQCTL_REDIS: server.url });
const acl = (command: 'plan' | 'apply', path: string, ...args: string[]) =>
  vmqctl(['acl', command, path, ...args], { env: environment(), timeout: 60_000 });
const given = (...rows: readonly string[]) => writeFile(file, rows.map((line) => `${line}\n`).join(''));
const document = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout);

/** All that there is, byte for byte. */
async function records(): Promise<Record<string, string>> {
  const keys = (await redis.keys('*')).sort();
  const values = keys.length === 0 ? [] : await redis.mget(keys);
  return Object.fromEntries(keys.map((name, index) => [name, values[index] ?? '']));
}

async function apply(changes: readonly Change[]) {
  const steps = applyChanges(store, changes, new AbortController().signal);
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}

describe('the store exchanges one text for another', () => {
  it('only where it holds what was found, and keeps its time to live', async () => {
    await redis.set('["","a","u"]', 'old', 'EX', 1000);
    await redis.set('["","b","u"]', 'theirs');
    await redis.lpush('["","c","u"]', 'x');
    const outcomes = await store.exchange([
      { key: key('a'), found: 'old', write: 'new' },
      { key: key('b'), found: 'old', write: 'new' },
      { key: key('c'), found: null, write: 'new' },
      { key: key('d'), found: 'old', write: null },
      { key: key('e'), found: 'old', write: 'new' },
    ]);
    expect(outcomes).toEqual(['written', 'moved', 'moved', 'already', 'moved']);
    expect([await redis.get(key('a')), await redis.get(key('b')), await redis.type(key('c'))]).toEqual([
      'new',
      'theirs',
      'list',
    ]);
    expect(await redis.ttl(key('a'))).toBeGreaterThan(900);
  });

  it('of writers at once one wins, and nobody overwrites it', async () => {
    const other = await openRedisStore({ url: server.url, deadline: 5000 }, systemClock);
    for (let turn = 0; turn < 20; turn += 1) {
      const name = key(`race${turn}`);
      const [mine, theirs] = await Promise.all([
        store.exchange([{ key: name, found: null, write: 'mine' }]),
        other.exchange([{ key: name, found: null, write: 'theirs' }]),
      ]);
      expect([mine[0], theirs[0]].sort()).toEqual(['moved', 'written']);
      expect(await redis.get(name)).toBe(mine[0] === 'written' ? 'mine' : 'theirs');
    }
    other.close();
  });
});

describe('any plan', () => {
  const entry = fc.record(
    { pattern: fc.constantFrom('a', 'b/#', '%c'), max_qos: fc.constantFrom(0, 1, 2) },
    { requiredKeys: ['pattern'] },
  );
  const lists = {
    publish_acl: fc.array(entry, { maxLength: 3 }),
    subscribe_acl: fc.array(entry, { maxLength: 3 }),
  };
  const wanted = fc.uniqueArray(
    fc.record({
      client_id: fc.constantFrom('a', 'b', 'c', 'd'),
      mountpoint: fc.constantFrom('', 'm'),
      ...lists,
    }),
    { selector: ({ client_id, mountpoint }) => `${client_id}/${mountpoint}`, minLength: 1 },
  );
  const present = fc.dictionary(
    fc.constantFrom(key('a'), key('b'), key('x'), key('a', 'm'), key('a', 'other')),
    fc.oneof(
      fc.constantFrom('broken', '', '{"passhash": "x",  "extra" :1.50}'),
      fc.record(lists).map((record) => JSON.stringify({ passhash: HASH, ...record })),
    ),
  );

  it('makes Redis what is desired, then plans nothing, and is undone to the byte', async () => {
    await fc.assert(
      fc.asyncProperty(wanted, present, fc.boolean(), async (rows, texts, prune) => {
        await redis.flushall();
        if (Object.keys(texts).length > 0) await redis.mset(texts);
        const desired = desiredRows(...rows.map((fields) => ({ ...fields, passhash: HASH })));
        const { changes } = await plan(store, desired, prune);
        expect((await standingOf(store, changes)).pending).toEqual(changes);
        await apply(changes);
        const now = await records();
        for (const { client_id, mountpoint, publish_acl, subscribe_acl } of rows)
          expect({
            publish_acl: [],
            subscribe_acl: [],
            ...JSON.parse(now[key(client_id, mountpoint)] ?? ''),
          }).toMatchObject({ passhash: HASH, publish_acl, subscribe_acl });
        const isGone = prune && rows.some(({ mountpoint }) => mountpoint === '');
        if (key('x') in texts) expect(key('x') in now).toBe(!isGone);
        expect(key('a', 'other') in now).toBe(key('a', 'other') in texts);
        expect(await plan(store, desired, prune)).toMatchObject({ changes: [], unchanged: rows.length });
        await apply(undone(changes));
        expect(await records()).toEqual(Object.fromEntries(Object.entries(texts).sort()));
      }),
      { numRuns: 40 },
    );
  });
});

describe('acl plan and acl apply', { timeout: 60_000 }, () => {
  it('show what differs without a secret, write exactly that, and bring it back', async () => {
    await redis.mset({ [key('b')]: '{"passhash": "was-b"}', [key('old')]: text('old') });
    const original = await records();
    await given(row('a', { passhash: undefined, password: 'hush-hush' }), row('b'));
    const out = `${file}.plan`;
    const planned = await acl('plan', file, '--out', out, '--prune', '--check', '--cost', '4', '--json');
    expect(planned.exitCode).toBe(1);
    expect(document(planned)).toMatchObject({
      schema: 'vmqctl.acl-plan/1',
      totals: { added: 1, changed: 1, removed: 1, unchanged: 0 },
      prunedMountpoints: [''],
      changes: [{ clientId: 'a' }, { clientId: 'b', passhash: 'changed' }, { clientId: 'old' }],
    });
    expect(await records()).toEqual(original);

    const shown = await acl('apply', out, '--dry-run');
    expect([shown.exitCode, shown.stdout]).toEqual([0, expect.stringContaining('1 would be removed')]);
    expect(shown.stderr).toContain('dev/b');
    const unasked = await acl('apply', out);
    expect([unasked.exitCode, await records()]).toEqual([4, original]);
    const applied = await acl('apply', out, '--yes', '--json');
    expect(document(applied)).toMatchObject({
      written: { added: 1, changed: 1, removed: 1 },
      moved: [],
      undo: expect.stringContaining(folder),
    });
    expect(Object.keys(await records())).toEqual([key('a'), key('b')]);
    const again = await acl('plan', file, '--prune', '--check');
    expect([again.exitCode, again.stdout, again.stderr]).toEqual([
      0,
      '',
      expect.stringContaining('2 unchanged'),
    ]);

    const back = await acl('apply', document(applied).undo, '--yes');
    expect([back.exitCode, await records()]).toEqual([0, original]);
    const told = [planned, shown, unasked, applied, again, back].flatMap(({ stdout, stderr }) => [
      stdout,
      stderr,
    ]);
    expect(told.join()).not.toMatch(/hush|was-b|\$2a\$04\$./);
    expect(await readFile(out, 'utf8')).not.toContain('hush');
  });

  it('desired records are applied where somebody agrees', async () => {
    await given(row('a'));
    const asked = await acl('apply', file);
    expect([asked.exitCode, await redis.dbsize()]).toEqual([4, 0]);
    expect(asked.stderr).toContain('1 to add');
    expect((await acl('apply', file, '--dry-run')).stdout).toContain('1 would be added');
    expect((await acl('apply', file, '--yes', '--undo', `${file}.undo`)).exitCode).toBe(0);
    expect(await records()).toEqual({ [key('a')]: text('a') });
    const nothing = await acl('apply', file, '--yes', '--json');
    expect(document(nothing)).toMatchObject({ unchanged: 1, undo: null });
  });

  it('refuse as a whole: bad rows, a record that moved, another Redis, a damaged plan, what is of no use', async () => {
    await given(row('a'), row('a'), 'bad');
    const bad = await acl('plan', file);
    expect(bad.exitCode).toBe(65);
    expect(bad.stderr).toMatch(
      /users.ndjson:2: .*already in .*users.ndjson:1\n.*users.ndjson:3: it is not JSON/,
    );

    await given(row('a'), row('b'));
    const out = `${file}.plan`;
    await acl('plan', file, '--out', out);
    await redis.set(key('b'), 'theirs');
    const moved = await acl('apply', out);
    expect([moved.exitCode, moved.stderr]).toEqual([4, expect.stringContaining(key('b'))]);
    expect(await records()).toEqual({ [key('b')]: 'theirs' });

    const elsewhere = await acl('apply', out, '--redis', server.url.replace('/0', '/1'));
    expect([elsewhere.exitCode, elsewhere.stderr]).toEqual([4, expect.stringContaining('the plan is for')]);
    expect((await acl('apply', out, '--prune')).exitCode).toBe(64);
    await writeFile(out, (await readFile(out, 'utf8')).replace('dev/a', 'dev/#'));
    const damaged = await acl('apply', out);
    expect([damaged.exitCode, damaged.stderr]).toEqual([
      65,
      expect.stringContaining('not as it was written'),
    ]);
    expect(await records()).toEqual({ [key('b')]: 'theirs' });
  });

  it('on a replica nothing is written', async () => {
    const replica = await startRedis({ arguments: ['--replicaof', '127.0.0.1', String(server.port)] });
    try {
      await given(row('a'));
      const undo = `${file} undo.plan`;
      const where = ['--undo', undo, '--redis', replica.url];
      const { exitCode, stderr } = await acl('apply', file, '--yes', ...where);
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringMatching(
          /replica.*; 0 of 1 changes are in place\n.*bring back what was: vmqctl acl apply '[^']+ undo.plan'\n/,
        ),
      ]);
      expect(await redis.dbsize()).toBe(0);
    } finally {
      await replica.stop();
    }
  });

  it('killed on the way, the same command goes on, and the undo brings back what was at first', async () => {
    const clients = Array.from({ length: 1500 }, (_, at) => `c${at}`);
    await redis.set(key('c1499'), 'as it was');
    await given(...clients.map((client) => row(client)));
    const out = `${file}.plan`;
    await acl('plan', file, '--out', out, '--json');
    const child = spawn(process.execPath, [BINARY, 'acl', 'apply', out], {
      env: { ...process.env, ...environment() },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (complaint += piece));
    const ended = once(child, 'exit');
    while ((await redis.dbsize()) < 200) {
      if ((child.exitCode ?? child.signalCode) !== null)
        throw new Error(`it ended before it had written 200: ${complaint}`);
      await setTimeout(2);
    }
    child.kill('SIGKILL');
    await ended;
    const { undo, written, already } = document(await acl('apply', out, '--json'));
    expect(written.added + written.changed + already).toBe(1500);
    expect(already).toBeGreaterThanOrEqual(199);
    expect(await redis.mget(clients.map((client) => key(client)))).toEqual(clients.map(text));
    expect((await acl('apply', undo, '--yes')).exitCode).toBe(0);
    expect(await records()).toEqual({ [key('c1499')]: 'as it was' });
  });
});
