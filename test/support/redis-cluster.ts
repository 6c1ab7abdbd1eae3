import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './ports.js';
import { type RedisServer, startRedis } from './redis.js';

const run = promisify(execFile);

export interface RedisClusterServers {
  /** Three primaries; then a replica of the first, where that is asked for. */
  readonly servers: readonly RedisServer[];
  /** `redis+cluster://127.0.0.1:PORT,…` */
  readonly url: string;
  stop(): Promise<void>;
}

/** Runs redis-cli against a server. */
export async function redisCli(port: number, ...args: readonly string[]): Promise<string> {
  return (await run('redis-cli', ['-p', String(port), ...args])).stdout.trim();
}

/** Waits until something holds, for as long as a slow machine may need. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it does not come to hold: ${holds}`);
}

/** Starts a Redis Cluster of three primaries on the loopback interface, which fails over within about two seconds. */
export async function startRedisCluster(replica = false): Promise<RedisClusterServers> {
  const folder = await mkdtemp(join(tmpdir(), 'vmqctl-redis-cluster-'));
  const servers: RedisServer[] = [];
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (let index = 0; index < (replica ? 4 : 3); index += 1) servers.push(await startNode(folder, index));
    const [one, , , fourth] = servers as [RedisServer, RedisServer, RedisServer, RedisServer?];
    const primaries = servers.slice(0, 3).map(({ port }) => `127.0.0.1:${port}`);
    await redisCli(one.port, '--cluster', 'create', ...primaries, '--cluster-yes');
    if (fourth) await attach(fourth, one);
    for (const { port } of servers)
      await until(async () => /cluster_state:ok/.test(await redisCli(port, 'cluster', 'info')));
    return { servers, url: `redis+cluster://${primaries.join(',')}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startNode(folder: string, index: number): Promise<RedisServer> {
  const bus = await freePort();
  const files = ['--dir', folder, '--cluster-config-file', `nodes-${index}.conf`];
  const timing = ['--cluster-node-timeout', '1000', '--repl-ping-replica-period', '1'];
  const own = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--repl-diskless-sync-delay', '0'];
  return await startRedis({ arguments: [...own, ...files, ...timing] });
}

async function attach(replica: RedisServer, primary: RedisServer): Promise<void> {
  const id = await redisCli(primary.port, 'cluster', 'myid');
  const nodes = await redisCli(primary.port, 'cluster', 'nodes');
  const [, busPort = ''] = new RegExp(`:${primary.port}@(\\d+)`).exec(nodes) ?? [];
  await redisCli(replica.port, 'cluster', 'meet', '127.0.0.1', String(primary.port), busPort);
  await until(async () => (await redisCli(replica.port, 'cluster', 'nodes')).includes(id));
  await until(async () => (await redisCli(replica.port, 'cluster', 'replicate', id)) === 'OK');
  await until(async () => /master_link_status:up/.test(await redisCli(replica.port, 'info', 'replication')));
}
