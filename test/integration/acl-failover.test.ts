import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRedisStore } from '../../src/lib/acl/redis-store.js';
import { systemClock } from '../../src/lib/clock.js';
import { Secret } from '../../src/lib/secret.js';
import { type CliResult, vmqctl } from '../support/cli.js';
import { type RedisClusterServers, redisCli, startRedisCluster, until } from '../support/redis-cluster.js';
import { SENTINEL_PASSWORD, type SentinelServers, startSentinels } from '../support/redis-sentinel.js';

const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const ROWS = 6000;
const KEYS = Array.from({ length: ROWS }, (_, index) => `["","client-${index}","u"]`);

const rows = KEYS.map((_, index) => ({ client_id: `client-${index}`, username: 'u', passhash: PASSHASH }));
const text = (from: number, to: number) =>
  rows
    .slice(from, to)
    .map((row) => `${JSON.stringify({ ...row, publish_acl: ['a'], subscribe_acl: ['b'] })}\n`)
    .join('');

let folder: string;
let file: string;
let sentinels: SentinelServers;
let cluster: RedisClusterServers;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-failover-'));
  file = join(folder, 'rows.ndjson');
  await writeFile(file, text(0, ROWS));
  [sentinels, cluster] = await Promise.all([startSentinels(), startRedisCluster(true)]);
});
afterAll(async () => {
  await Promise.all([sentinels?.stop(), cluster?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

interface Input {
  readonly from: string;
  readonly input?: AsyncIterable<string>;
}

function importRows(url: string, { from, ...input }: Input, ...flags: readonly string[]): Promise<CliResult> {
  const env = { VMQCTL_REDIS_SENTINEL_PASSWORD: SENTINEL_PASSWORD, XDG_STATE_HOME: folder };
  // On a busy machine servers take others for dead that are not, and elect again.
  const args = ['acl', 'import', from, '--redis', url, '--deadline', '40s', ...flags];
  return vmqctl(args, { env, timeout: 100_000, ...input });
}

/** Imports half of the rows, kills the server once it has more than so many keys, and only then gives the others. */
async function killedDuring(
  url: string,
  { port, pid }: { port: number; pid: number },
  keys: number,
  ...flags: readonly string[]
) {
  const killed = until(async () => Number(await redisCli(port, 'dbsize')) > keys).then(() =>
    process.kill(pid, 'SIGKILL'),
  );
  async function* input() {
    yield text(0, ROWS / 2);
    await killed.catch(() => undefined); // thrown below
    yield text(ROWS / 2, ROWS);
  }
  const running = importRows(url, { from: '-', input: input() }, ...flags);
  const [{ exitCode, stdout, stderr }] = await Promise.all([running, killed]);
  const [, line] = /the lines before (\d+) are settled/.exec(stdout + stderr) ?? [];
  return { exitCode, settled: Number(line) - 1 };
}

async function isRepeatable(url: string): Promise<void> {
  const { exitCode, stderr } = await importRows(url, { from: file });
  expect(exitCode, stderr).toBe(0);
}

/** How many of the keys hold a record. */
async function inPlace(url: string, keys: readonly string[]): Promise<number> {
  const settings = { url, deadline: 40_000, sentinelPassword: new Secret(SENTINEL_PASSWORD) };
  const store = await openRedisStore(settings, systemClock);
  try {
    const values = await store.read(keys);
    return values.filter((value) => value?.kind === 'text' && value.text.includes(PASSHASH)).length;
  } finally {
    store.close();
  }
}

describe('an import whose primary dies', () => {
  it('has lost none of the rows that it tells of, where it waits for replicas', async () => {
    const { url, primary } = sentinels;
    const { exitCode, settled } = await killedDuring(url, primary, ROWS / 3, '--wait-replicas', '1');
    expect([69, 75]).toContain(exitCode);
    expect(settled).toBeGreaterThan(0);
    expect(settled).toBeLessThanOrEqual(ROWS / 2);
    expect(await inPlace(url, KEYS.slice(0, settled))).toBe(settled);
    await isRepeatable(url);
    expect(await inPlace(url, KEYS)).toBe(ROWS);
  }, 120_000);

  it('goes on with the replica that takes its place in a cluster', async () => {
    const { url, servers } = cluster;
    const [primary = { port: 0, pid: 0 }] = servers;
    const { exitCode } = await killedDuring(url, primary, ROWS / 12);
    expect([0, 69, 75]).toContain(exitCode);
    // Also where it went through: what the dead primary had not yet passed on is missing, nobody waited for replicas.
    await isRepeatable(url);
    expect(await inPlace(url, KEYS)).toBe(ROWS);
  }, 120_000);
});
