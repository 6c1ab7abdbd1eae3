import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, startRedis } from './redis.js';
import { redisCli, until } from './redis-cluster.js';

export interface SentinelServers {
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  readonly sentinels: readonly RedisServer[];
  /** `redis+sentinel://127.0.0.1:PORT,…/records` */
  readonly url: string;
  stop(): Promise<void>;
}

/** The password that the sentinels want. */
export const SENTINEL_PASSWORD = 'S3NTINEL';

/** Starts a primary, its replica and two sentinels, which replace a primary that is gone within about two seconds. */
export async function startSentinels(): Promise<SentinelServers> {
  const folder = await mkdtemp(join(tmpdir(), 'vmqctl-redis-sentinel-'));
  const servers: RedisServer[] = [];
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  const start = async (...args: readonly string[]) => {
    const server = await startRedis({ arguments: args });
    servers.push(server);
    return server;
  };
  try {
    const primary = await start('--dir', folder, '--repl-diskless-sync-delay', '0');
    const replica = await start('--dir', folder, '--replicaof', '127.0.0.1', String(primary.port));
    await until(async () =>
      /master_link_status:up/.test(await redisCli(replica.port, 'info', 'replication')),
    );
    const sentinels = [await startSentinel(folder, 0, primary), await startSentinel(folder, 1, primary)];
    servers.push(...sentinels);
    for (const { port } of sentinels) await until(() => isWhole(port));
    const places = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return { primary, replica, sentinels, url: `redis+sentinel://${places}/records`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSentinel(folder: string, index: number, { port }: RedisServer): Promise<RedisServer> {
  const file = join(folder, `sentinel-${index}.conf`);
  const lines = [
    `sentinel monitor records 127.0.0.1 ${port} 2`,
    'sentinel down-after-milliseconds records 500',
    'sentinel failover-timeout records 3000',
    `requirepass ${SENTINEL_PASSWORD}`,
    `sentinel sentinel-pass ${SENTINEL_PASSWORD}`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return await startRedis({ sentinel: file });
}

/** Whether a sentinel knows the other one and the replica. */
async function isWhole(port: number): Promise<boolean> {
  const text = await redisCli(port, '--no-auth-warning', '-a', SENTINEL_PASSWORD, 'info', 'sentinel');
  return /slaves=1,sentinels=2/.test(text);
}
