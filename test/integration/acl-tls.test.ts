import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRedisStore } from '../../src/lib/acl/redis-store.js';
import type { AclStore } from '../../src/lib/acl/store.js';
import { systemClock } from '../../src/lib/clock.js';
import { freePort } from '../support/ports.js';
import { type RedisServer, startRedis } from '../support/redis.js';
import { redisCli, until } from '../support/redis-cluster.js';

const KEY = '["","c","u"]';

let folder: string;
let caFile: string;
const servers: RedisServer[] = [];
const stores: AclStore[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-acl-tls-'));
  caFile = join(folder, 'cert.pem');
  const altNames = [{ type: 7 as const, ip: '127.0.0.1' }];
  const made = await generate([{ name: 'commonName', value: 'redis' }], {
    extensions: [{ name: 'subjectAltName' as const, altNames }],
  });
  await writeFile(caFile, made.cert);
  await writeFile(join(folder, 'key.pem'), made.private);
});
afterAll(async () => {
  for (const store of stores) store.close();
  await Promise.all(servers.map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

const certificate = () => {
  const files = { cert: caFile, key: join(folder, 'key.pem'), 'ca-cert': caFile };
  return Object.entries(files).flatMap(([name, file]) => [`--tls-${name}-file`, file]);
};

/** Returns its TLS port, and the plain one, on which it is looked at. */
async function startTls(sentinel: string | undefined, ...more: readonly string[]) {
  const tls = await freePort();
  const own = ['--tls-port', String(tls), ...certificate(), '--tls-auth-clients', 'no', '--dir', folder];
  const server = await startRedis({
    arguments: [...own, ...more],
    ...(sentinel === undefined ? {} : { sentinel }),
  });
  servers.push(server);
  return { tls, plain: server.port };
}

async function storeAt(url: string, deadline = 10_000, ca: string | undefined = caFile): Promise<AclStore> {
  const store = await openRedisStore({ url, deadline, ...(ca === '' ? {} : { caFile: ca }) }, systemClock);
  stores.push(store);
  return store;
}

describe('TLS', () => {
  it('is spoken with all servers of a cluster', async () => {
    const cluster = ['--cluster-enabled', 'yes', '--tls-cluster', 'yes', '--cluster-config-file', 'tls.conf'];
    const { tls, plain } = await startTls(undefined, ...cluster, '--cluster-port', String(await freePort()));
    await redisCli(plain, 'cluster', 'addslotsrange', '0', '16383');
    await until(async () => /cluster_state:ok/.test(await redisCli(plain, 'cluster', 'info')));
    const url = `rediss+cluster://127.0.0.1:${tls}`;
    await (await storeAt(url)).put(KEY, 'x');
    expect(await redisCli(plain, 'get', KEY)).toBe('x');
    await expect(storeAt(url, 10_000, '')).rejects.toMatchObject({ code: 'redis_certificate' });
  });

  it('is spoken with the sentinels and with the primary that they name', async () => {
    const { tls, plain } = await startTls(undefined);
    const file = join(folder, 'sentinel.conf');
    await writeFile(file, `sentinel monitor records 127.0.0.1 ${tls} 1\n`);
    const sentinel = await startTls(file, '--tls-replication', 'yes');
    const url = `rediss+sentinel://127.0.0.1:${sentinel.tls}/records`;
    await (await storeAt(url)).put(KEY, 'y');
    expect(await redisCli(plain, 'get', KEY)).toBe('y');
    await expect(storeAt(url, 300, '')).rejects.toMatchObject({ code: 'redis_certificate' });
  });
});
