import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openRedisStore } from '../../src/lib/acl/redis-store.js';
import type { AclStore } from '../../src/lib/acl/store.js';
import { systemClock } from '../../src/lib/clock.js';
import type { RedisSettings } from '../../src/lib/context/settings.js';
import { Secret } from '../../src/lib/secret.js';
import { freePort } from '../support/ports.js';
import { redisCli } from '../support/redis-cluster.js';
import { SENTINEL_PASSWORD, type SentinelServers, startSentinels } from '../support/redis-sentinel.js';

const KEY = '["","c","u"]';

let servers: SentinelServers;
const open: AclStore[] = [];

beforeAll(async () => {
  servers = await startSentinels();
});
afterAll(() => servers?.stop());
afterEach(() => {
  for (const store of open.splice(0)) store.close();
});

async function storeAt(
  url = servers.url,
  more: Partial<RedisSettings> = {},
  waitReplicas?: number,
): Promise<AclStore> {
  const sentinelPassword = new Secret(SENTINEL_PASSWORD);
  const store = await openRedisStore({ url, deadline: 5000, sentinelPassword, ...more }, systemClock, {
    waitReplicas,
  });
  open.push(store);
  return store;
}

describe('a Redis that sentinels watch', () => {
  it('is its primary, in the database that is asked for', async () => {
    await (await storeAt(`${servers.url}/3`)).put(KEY, 'x');
    expect(await redisCli(servers.primary.port, '-n', '3', 'get', KEY)).toBe('x');
    expect(await (await storeAt()).get(KEY)).toBeUndefined();
  });

  it('is found by those of the sentinels that answer', async () => {
    const gone = await freePort();
    const store = await storeAt(servers.url.replace('//', `//127.0.0.1:${gone},`));
    expect(await store.get(KEY)).toBeUndefined();
    const none = storeAt(`redis+sentinel://127.0.0.1:${gone}/records`, { deadline: 300 });
    await expect(none).rejects.toMatchObject({ kind: 'unreachable', code: 'redis_unreachable' });
  });

  it('of a name that they do not know is no Redis', async () => {
    await expect(storeAt(servers.url.replace('/records', '/others'))).rejects.toMatchObject({
      kind: 'configuration',
      code: 'redis_master_unknown',
    });
  });

  it('keeps its password from the sentinels, which have one of their own', async () => {
    const settings = { url: servers.url, deadline: 5000, password: new Secret(SENTINEL_PASSWORD) };
    await expect(openRedisStore(settings, systemClock)).rejects.toMatchObject({
      kind: 'credentials',
      code: 'sentinel_password_needed',
      hint: expect.stringContaining('VMQCTL_REDIS_SENTINEL_PASSWORD'),
    });
    await expect(storeAt(servers.url, { sentinelPassword: new Secret('WR0NG') })).rejects.toMatchObject({
      kind: 'credentials',
    });
  });

  it('has written only what so many replicas have, where that is asked for', async () => {
    const records = [{ key: KEY, text: 'x', existed: false }];
    await (await storeAt(servers.url, {}, 1)).putAll(records);
    const [careful, careless, finding] = await Promise.all(
      [1, undefined, 1].map((replicas) => storeAt(servers.url, { deadline: 400 }, replicas)),
    );
    if (!careful || !careless || !finding) throw new Error('no stores');
    process.kill(servers.replica.pid, 'SIGSTOP');
    await careless.putAll(records);
    await expect(careful.putAll(records)).rejects.toMatchObject({
      kind: 'unknown',
      code: 'too_few_replicas',
      details: { confirmed: 0, replicas: 1 },
    });
    // What an earlier import wrote, and did not live to see confirmed, is no better.
    await expect(finding.putAll([], [KEY])).rejects.toMatchObject({ code: 'too_few_replicas' });
    await careless.putAll([], [KEY]);
    process.kill(servers.replica.pid, 'SIGCONT');
    await (await storeAt(servers.url, { deadline: 20_000 }, 1)).putAll(records, [KEY]);
  });

  it('is the replica after a fail-over, which is waited for', async () => {
    const store = await storeAt(servers.url, { deadline: 300 });
    await store.put(KEY, 'before');
    await redisCli(servers.primary.port, 'wait', '1', '5000');
    process.kill(servers.primary.pid, 'SIGSTOP');
    await expect(store.put(KEY, 'lost')).rejects.toMatchObject({ kind: 'unknown' });
    process.kill(servers.primary.pid, 'SIGKILL');
    const later = await storeAt(servers.url, { deadline: 20_000 });
    expect(await later.get(KEY)).toBe('before');
    expect(await later.put(KEY, 'after')).toBe(true);
    expect(await redisCli(servers.replica.port, 'get', KEY)).toBe('after');
  });
});
