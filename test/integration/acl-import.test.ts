import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CliResult, vmqctl } from '../support/cli.js';
import { startHaltingProxy } from '../support/halting-proxy.js';
import { type RedisServer, startRedis } from '../support/redis.js';
import { redisCli, until } from '../support/redis-cluster.js';

const HASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const row = (id: string, more: object = {}) =>
  JSON.stringify({
    mountpoint: '',
    client_id: id,
    username: 'u',
    passhash: HASH,
    publish_acl: [{ pattern: `dev/${id}/#` }],
    subscribe_acl: [],
    ...more,
  });

let redis: RedisServer;
let folder: string;
let file: string;
beforeEach(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-import-'));
  file = join(folder, 'users.ndjson');
});
afterEach(async () => {
  await redis.stop();
  await rm(folder, { recursive: true });
});

const environment = () => ({ VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder, VMQCTL_REDIS: redis.url });
const given = (lines: readonly string[]) => writeFile(file, lines.map((line) => `${line}\n`).join(''));
const run = (...args: string[]): Promise<CliResult> =>
  vmqctl(['acl', 'import', file, ...args], { env: environment(), timeout: 60_000 });

/** All that there is: key → text. */
async function records(url = redis.url): Promise<Map<string, string | null>> {
  const client = new Redis(url);
  const keys = (await client.keys('*')).sort();
  const values = keys.length === 0 ? [] : await client.mget(keys);
  client.disconnect();
  return new Map(keys.map((key, index) => [key, values[index] ?? null]));
}

describe('acl import', () => {
  it('writes rows, says of the bad ones why, keeps them to be imported again, and hides their secrets', async () => {
    const rejects = join(folder, 'rejects.ndjson');
    const bad = row('x y', { password: 'hush-hush', passhash: undefined });
    await given([row('a'), bad, row('b', { passhash: undefined, password: 'pw-of-b' })]);
    const { stdout, stderr, exitCode } = await run('--cost', '4', '--rejects', rejects);
    expect(exitCode).toBe(65);
    expect(stdout).toContain('the client id contains a space, so the broker never finds the record');
    expect(stderr).toBe('2 written, 0 unchanged, 1 failed\n');
    expect(stdout + stderr).not.toMatch(/hush|pw-of-b|\$2a\$/);
    expect(await readFile(rejects, 'utf8')).toBe(`${bad}\n`);
    expect((await stat(rejects)).mode & 0o777).toBe(0o600);
    expect([...(await records()).keys()]).toEqual(['["","a","u"]', '["","b","u"]']);
    const again = await run('--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      schema: 'vmqctl.acl-import/1',
      rows: [{ line: 2, outcome: 'failed' }],
      totals: { written: 0, unchanged: 2, failed: 1 },
    });
  });

  it('keeps the time that a record has to live', async () => {
    const client = new Redis(redis.url);
    await client.set('["","a","u"]', 'old', 'EX', 1000);
    await client.set('["","b","u"]', 'old');
    await given([row('a'), row('b'), row('c')]);
    expect((await run()).stderr).toBe('3 written, 0 unchanged\n');
    expect(await client.ttl('["","a","u"]')).toBeGreaterThan(900);
    expect(await client.ttl('["","b","u"]')).toBe(-1);
    client.disconnect();
  });

  it('asks for the password of Redis once', async () => {
    const guarded = await startRedis({ password: 'redis-secret' });
    await given([row('a')]);
    const asked = join(folder, 'asked');
    const source = `command:sh -c 'echo once >> ${asked}; echo redis-secret'`;
    const args = ['acl', 'import', file, '--redis', guarded.url, '--redis-password-from', source];
    const { exitCode } = await vmqctl(args, { env: environment() });
    await guarded.stop();
    expect({ exitCode, asked: await readFile(asked, 'utf8') }).toEqual({ exitCode: 0, asked: 'once\n' });
  });

  it('is refused where it cannot begin', async () => {
    await given([row('a')]);
    for (const [args, code, said] of [
      [['--resume'], 64, 'no import of'],
      [['--rejects', file], 64, '--rejects names the file that is imported'],
      [['--publish', 'a/#/b'], 64, 'has a # that is not its last level'],
    ] as const) {
      const { exitCode, stderr } = await run(...args);
      expect({ exitCode, stderr }).toEqual({ exitCode: code, stderr: expect.stringContaining(said) });
    }
    file = join(folder, 'nowhere.ndjson');
    expect((await run()).exitCode).toBe(78);
    expect((await records()).size).toBe(0);
  });
});

describe('an import that does not come to its end', () => {
  const COUNT = 8000;
  /** Bytes: of what is sent to Redis, about one half. */
  const HALF = 600_000;
  const lines = Array.from({ length: COUNT }, (_, index) =>
    index % 1000 === 7
      ? `bad ${index}`
      : row(`c${index % 6000}`, { publish_acl: [{ pattern: `p${index}` }] }),
  );

  it('because Redis is killed says how far it came, and goes on when Redis is there again', async () => {
    await given(lines);
    const data = await mkdtemp(join(folder, 'aof-'));
    const durable = (port: number) =>
      startRedis({ port, arguments: ['--appendonly', 'yes', '--appendfsync', 'everysec', '--dir', data] });
    await redis.stop();
    redis = await durable(redis.port);
    const proxy = await startHaltingProxy(redis.port, HALF);
    const through = ['--redis', `redis://127.0.0.1:${proxy.port}/0`];
    const child = run(...through);
    await proxy.halted;
    await until(async () => Number(await redisCli(redis.port, 'dbsize')) > 0);
    await redis.stop();
    const { exitCode, stderr } = await child;
    expect([69, 75]).toContain(exitCode);
    expect(stderr).toMatch(/the lines before \d+ are settled/);
    expect(stderr).toContain('--resume');
    redis = await durable(redis.port);
    proxy.letThrough();
    expect((await run('--resume', ...through)).exitCode).toBe(65);
    await proxy.stop();
    const found = await records();
    const ids = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line).client_id);
    expect(found.size).toBe(new Set(ids).size);
    expect(found.get('["","c0","u"]')).toContain('"p6000"');
  });
});
