import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectRedis } from '../../src/lib/acl/redis-connect.js';
import { slotOf } from '../../src/lib/acl/redis-slot.js';
import { openRedisStore } from '../../src/lib/acl/redis-store.js';
import type { AclStore } from '../../src/lib/acl/store.js';
import { systemClock } from '../../src/lib/clock.js';
import { freePort } from '../support/ports.js';
import { type RedisClusterServers, redisCli, startRedisCluster, until } from '../support/redis-cluster.js';

let cluster: RedisClusterServers;
const open: AclStore[] = [];

beforeAll(async () => {
  cluster = await startRedisCluster(true);
});
afterAll(() => cluster?.stop());
afterEach(() => {
  for (const store of open.splice(0)) store.close();
});

async function storeAt(url = cluster.url, deadline = 10_000): Promise<AclStore> {
  const store = await openRedisStore({ url, deadline }, systemClock);
  open.push(store);
  return store;
}

const keyOf = (index: number) => `["","client-${index}","user"]`;
const KEYS = Array.from({ length: 60 }, (_, index) => keyOf(index));
const records = (text: string, existed = false) =>
  KEYS.map((key) => ({ key, text: `${text} ${key}`, existed }));

async function scanned(store: AclStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of store.scan()) keys.push(...page.map(({ key }) => key));
  return keys.sort();
}

/** The port of the primary that has a key, as redis-cli sees it. */
async function primaryOf(key: string, asked = 1): Promise<number> {
  const reply = await redisCli(cluster.servers[asked]?.port ?? 0, 'get', key);
  return Number(/^MOVED \d+ [^:]+:(\d+)/.exec(reply)?.[1] ?? cluster.servers[asked]?.port);
}

async function other(key: string): Promise<number> {
  const owner = await primaryOf(key);
  return cluster.servers.slice(0, 3).find(({ port }) => port !== owner)?.port ?? 0;
}

const idOf = (port: number) => redisCli(port, 'cluster', 'myid');

describe('records in a Redis Cluster', () => {
  beforeEach(async () => {
    for (const { port } of cluster.servers.slice(0, 3)) await redisCli(port, 'flushall');
  });

  it('have the slots that Redis says', async () => {
    const port = cluster.servers[0]?.port ?? 0;
    for (const key of [
      ...KEYS.slice(0, 5),
      '["","é😀","u"]',
      '["","{a}","u"]',
      '["","{}","{b}"]',
      '["","{","}u"]',
    ])
      expect(slotOf(key)).toBe(Number(await redisCli(port, 'cluster', 'keyslot', key)));
  });

  it('are written, read, listed and removed, whichever server has them', async () => {
    const store = await storeAt(cluster.url.split(',')[0]);
    await store.putAll(records('first'));
    expect(await store.read([...KEYS, '["","none","u"]'])).toEqual([
      ...KEYS.map((key) => ({ kind: 'text', text: `first ${key}` })),
      undefined,
    ]);
    expect(new Set(await Promise.all(KEYS.map((key) => primaryOf(key)))).size).toBe(3);
    expect(await scanned(store)).toEqual([...KEYS].sort());
    await store.putAll(records('second', true));
    for (const key of KEYS.slice(0, 8)) {
      expect(await store.get(key)).toBe(`second ${key}`);
      expect(await store.put(key, 'put')).toBe(true);
      await store.update(key, (current) => ({ write: `${current} updated` }));
      expect(await store.get(key)).toBe('put updated');
      expect(await store.remove(key)).toBe(true);
      expect(await store.exists(key)).toBe(false);
    }
  });

  it('keep every change of many writers', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => storeAt()));
    const key = keyOf(1);
    await Promise.all(stores.map((store) => store.update(key, (current = '') => ({ write: `${current}x` }))));
    expect(await stores[0]?.get(key)).toBe('xxxxxxxx');
  });

  it('are exchanged only for what was found, whichever server has them', async () => {
    const store = await storeAt();
    const exchanges = KEYS.map((key) => ({ key, found: null, write: `first ${key}` }));
    expect(new Set(await store.exchange(exchanges))).toEqual(new Set(['written']));
    const back = exchanges.map(({ key, write }, at) => ({
      key,
      found: at === 7 ? 'else' : write,
      write: null,
    }));
    const outcomes = await store.exchange(back);
    expect(outcomes.flatMap((outcome, at) => (outcome === 'written' ? [] : [`${at} ${outcome}`]))).toEqual([
      '7 moved',
    ]);
    expect(await scanned(store)).toEqual([KEYS[7]]);
  });

  it('keep their time to live', async () => {
    const store = await storeAt();
    const port = await primaryOf(keyOf(1));
    await redisCli(port, 'set', keyOf(1), 'x', 'ex', '1000');
    await store.putAll(records('again', true));
    await store.update(keyOf(1), () => ({ write: 'y' }));
    expect(Number(await redisCli(port, 'ttl', keyOf(1)))).toBeGreaterThan(900);
  });

  it('get another key, also one of another server, with their time to live', async () => {
    const store = await storeAt();
    const from = keyOf(1);
    for (const to of KEYS.slice(2, 6)) {
      await redisCli(await primaryOf(from), 'set', from, 'x', 'ex', '1000');
      expect(await store.rename(from, to)).toBe('renamed');
      expect(await store.get(to)).toBe('x');
      expect(Number(await redisCli(await primaryOf(to), 'ttl', to))).toBeGreaterThan(900);
      expect(await store.rename(from, to)).toBe('gone');
      await store.put(from, 'z');
      expect(await store.rename(from, to)).toBe('taken');
      expect([await store.get(from), await store.get(to)]).toEqual(['z', 'x']);
    }
  });

  it('are found where they are after their slot was given to another server', async () => {
    const store = await storeAt();
    const key = keyOf(1);
    await store.put(key, 'before');
    await moveSlot(key, await primaryOf(key), await other(key));
    expect(await store.get(key)).toBe('before');
    await store.putAll(records('after', true));
    expect(await store.get(key)).toBe(`after ${key}`);
  });

  it('are found and changed while their slot is on its way, but no list is taken for whole', async () => {
    const store = await storeAt();
    const [there, new1, new2] = ['["","{s}","1"]', '["","{s}","2"]', '["","{s}","3"]'] as const;
    await store.put(there, 'x');
    const [source, target] = [await primaryOf(there), await other(there)];
    const slot = String(slotOf(there));
    await redisCli(target, 'cluster', 'setslot', slot, 'importing', await idOf(source));
    await redisCli(source, 'cluster', 'setslot', slot, 'migrating', await idOf(target));
    expect(await store.get(there)).toBe('x');
    expect(await store.put(new1, 'y')).toBe(false);
    await store.update(new2, (current) => ({ write: `${current} z` }));
    expect(await store.get(new2)).toBe('undefined z');
    await expect(scanned(store)).rejects.toMatchObject({ kind: 'failed', code: 'redis_cluster_moving' });
    // Some of them here, some there: that can be answered only once the move is over.
    const reading = store.read([there, new1, new2]);
    await migrate(source, target, there);
    await settleSlot(slot, target);
    expect((await reading).map((value) => value?.kind)).toEqual(['text', 'text', 'text']);
    expect(await scanned(store)).toEqual([there, new1, new2]);
  });

  it('are not looked for in one server of a cluster alone, nor in a cluster that is none', async () => {
    const [one] = cluster.servers;
    const store = await storeAt(one?.url);
    await expect(store.read(KEYS)).rejects.toMatchObject({
      code: 'redis_cluster',
      hint: expect.stringContaining('redis+cluster://'),
    });
    await expect(connectRedis({ url: cluster.url, deadline: 1000 })).rejects.toMatchObject({
      kind: 'configuration',
      code: 'redis_cluster',
    });
  });
});

/** How often a server was asked who has which slot. */
const timesAsked = async (port: number) =>
  Number(/cluster\|slots:calls=(\d+)/.exec(await redisCli(port, 'info', 'commandstats'))?.[1] ?? 0);

describe('a cluster that is not whole when it is connected to', () => {
  it('is waited for', async () => {
    const [{ port } = { port: 0 }] = cluster.servers;
    const [slot, owner] = [String(slotOf(keyOf(1))), await primaryOf(keyOf(1))];
    for (const server of cluster.servers) await redisCli(server.port, 'cluster', 'delslots', slot);
    const one = `redis+cluster://127.0.0.1:${port}`;
    await expect(storeAt(one, 1000)).rejects.toMatchObject({ code: 'redis_cluster_down' });
    const before = await timesAsked(port);
    const opening = storeAt(one, 20_000);
    await until(async () => (await timesAsked(port)) > before + 1);
    await redisCli(owner, 'cluster', 'addslots', slot);
    await (await opening).put(keyOf(1), 'x');
  });

  it('is not waited for where none of its servers answers', async () => {
    const gone = `redis+cluster://127.0.0.1:${await freePort()}`;
    await expect(storeAt(gone, 20_000)).rejects.toMatchObject({ code: 'redis_unreachable' });
  });
});

async function migrate(source: number, target: number, key: string): Promise<void> {
  await redisCli(source, 'migrate', '127.0.0.1', String(target), key, '0', '5000');
}

async function settleSlot(slot: string, target: number): Promise<void> {
  const id = await idOf(target);
  for (const port of [target, ...cluster.servers.slice(0, 3).map((server) => server.port)])
    await redisCli(port, 'cluster', 'setslot', slot, 'node', id);
}

async function moveSlot(key: string, source: number, target: number): Promise<void> {
  const slot = String(slotOf(key));
  await redisCli(target, 'cluster', 'setslot', slot, 'importing', await idOf(source));
  await redisCli(source, 'cluster', 'setslot', slot, 'migrating', await idOf(target));
  await migrate(source, target, key);
  await settleSlot(slot, target);
}

describe('a fail-over', () => {
  it('loses nothing that was told as written, tells what is not known, and is waited for', async () => {
    const [primary, , , replica] = cluster.servers;
    const owners = await Promise.all(KEYS.map((key) => primaryOf(key)));
    const [lost = '', ...keys] = KEYS.filter((_, index) => owners[index] === primary?.port);
    const store = await storeAt(cluster.url, 1500);
    const told = new Map<string, string>();
    const write = async (key: string, text: string) => {
      await store.putAll([{ key, text, existed: false }]);
      told.set(key, text);
    };
    for (const key of keys) await write(key, 'before');
    await redisCli(primary?.port ?? 0, 'wait', '1', '5000');

    process.kill(primary?.pid ?? 0, 'SIGSTOP');
    await expect(write(lost, 'lost')).rejects.toMatchObject({
      kind: 'unknown',
      code: 'write_outcome_unknown',
    });
    process.kill(primary?.pid ?? 0, 'SIGKILL');
    const late = await storeAt(cluster.url, 20_000);
    expect(await late.get(keys[0] ?? '')).toBe('before');
    for (const key of keys.slice(0, 5)) await write(key, 'after');

    for (const [key, text] of told) expect(await store.get(key)).toBe(text);
    expect(await redisCli(replica?.port ?? 0, 'role')).toMatch(/^master/);
    expect(await scanned(store)).toEqual(expect.arrayContaining(keys));
  });
});
