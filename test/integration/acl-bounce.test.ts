import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openUnfinished } from '../../src/lib/cluster/bounce/unfinished.js';
import { type Sandbox, startSandbox } from '../../src/lib/sandbox/cluster.js';
import { vmqctl } from '../support/cli.js';
import { freePort } from '../support/ports.js';
import { type RedisServer, startRedis } from '../support/redis.js';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
/** Of the password `p1`. */
const HASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const row = (client: string, topic: string, username = 'u') => ({
  client_id: client,
  username,
  passhash: HASH,
  publish_acl: [],
  subscribe_acl: [topic],
});

let server: RedisServer;
let redis: Redis;
let sandbox: Sandbox;
let folder: string;
let file: string;
const clients: MqttClient[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  sandbox = await startSandbox({ nodes: 2, joined: true, apiMode: 'noauth', redisUrl: server.url });
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-bounce-'));
  file = join(folder, 'users.ndjson');
});
afterAll(async () => {
  await sandbox.close();
  redis.disconnect();
  await server.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
  await redis.flushall();
});

const given = (rows: readonly object[]) =>
  writeFile(file, rows.map((one) => `${JSON.stringify(one)}\n`).join(''));
const environment = () => ({
  VMQCTL_STATE_DIR: folder,
  VMQCTL_CONFIG_DIR: folder,
  VMQCTL_REDIS: server.url,
});
const apply = (...args: readonly string[]) =>
  vmqctl(['acl', 'apply', file, '--yes', '--json', ...args], { env: environment(), timeout: 60_000 });
/** As a command leaves it that was killed days ago, once it had written these records. */
async function cutShort(...ids: readonly string[]): Promise<void> {
  const keys = ids.map((id) => JSON.stringify(['', id, 'u']));
  await (await openUnfinished(folder, server.url, () => true)).begin(keys);
  const days = new Date(Date.now() - 3 * 24 * 3_600_000);
  for (const name of await readdir(join(folder, 'acl-disconnect')))
    await utimes(join(folder, 'acl-disconnect', name), days, days);
}
/** One record is written, by `set` or `remove`. */
const one = (command: string, client: string, ...args: readonly string[]) =>
  vmqctl(['acl', command, `client-id=${client}`, 'username=u', '--json', ...args], {
    env: environment(),
    timeout: 60_000,
  });
const inForce = (...args: readonly string[]) =>
  apply('--disconnect', '--rate', '1000', '--node', sandbox.nodes[0]?.httpUrl ?? '', ...args);

/** @param node from 0 */
async function connected(clientId: string, node: number, username = 'u', reconnectPeriod = 50) {
  const client = await connectAsync(sandbox.nodes[node]?.mqttUrl ?? '', {
    clientId,
    username,
    password: 'p1',
    clean: false,
    reconnectPeriod,
    // What it was granted before would be asked for again, and denied.
    resubscribe: false,
  });
  client.on('error', () => undefined); // a login that is refused is tried again
  clients.push(client);
  let connections = 0;
  client.on('connect', () => (connections += 1));
  return { client, again: () => connections };
}
const granted = async (client: MqttClient, topic: string): Promise<boolean> =>
  await client.subscribeAsync(topic).then(
    () => true,
    () => false,
  );

describe('acl apply --disconnect', { timeout: 60_000 }, () => {
  it('bounces those whose record was changed, wherever they are, and no other; they come back with it', async () => {
    await given([row('own', 'a'), row('*', 'a'), row('same', 'a'), row('other', 'a', 'v')]);
    expect((await apply()).exitCode).toBe(0);
    const own = await connected('own', 0);
    const any = await connected('any', 1);
    const same = await connected('same', 1);
    const other = await connected('other', 0, 'v');
    expect(await granted(own.client, 'b')).toBe(false);

    await given([row('own', 'b'), row('*', 'b'), row('same', 'a'), row('other', 'a', 'v')]);
    const { stdout, exitCode } = await inForce();
    expect(exitCode).toBe(0);
    const { sessions } = JSON.parse(stdout);
    expect(sessions).toMatchObject({
      affected: 2,
      disconnected: 2,
      notBack: [],
      lockedOut: [],
      failed: [],
      error: null,
    });
    expect(sessions.back.map(({ clientId }: { clientId: string }) => clientId).sort()).toEqual([
      'any',
      'own',
    ]);
    await vi.waitFor(
      () => expect([own, any, same, other].map(({ again }) => again())).toEqual([1, 1, 0, 0]),
      { timeout: 15_000 },
    );
    expect([await granted(own.client, 'b'), await granted(any.client, 'b')]).toEqual([true, true]);
    expect(await granted(own.client, 'a')).toBe(false);
  });

  it('tells who is out for good, and who is not back in time', async () => {
    await given([row('gone', 'a'), row('kept', 'a')]);
    await apply();
    await connected('gone', 0);
    await connected('kept', 1, 'u', 0);
    await given([row('kept', 'b')]);
    const { stdout, exitCode } = await inForce('--prune', '--wait', '100ms');
    expect(exitCode).toBe(75);
    expect(JSON.parse(stdout).sessions).toMatchObject({
      affected: 2,
      disconnected: 2,
      back: [],
      lockedOut: [{ clientId: 'gone' }],
      notBack: [{ clientId: 'kept', user: 'u', mountpoint: '', node: sandbox.nodes[1]?.name }],
    });
  });

  it('killed on the way, the same command disconnects its clients, and a third one nobody', async () => {
    await given([row('one', 'a'), row('never-back', 'a'), row('gone', 'a')]);
    await apply();
    const back = await connected('one', 0);
    await connected('gone', 1);
    const { client } = await connected('never-back', 1, 'u', 0);
    await given([row('one', 'b'), row('never-back', 'b')]);
    const args = ['--prune', '--yes', '--disconnect', '--wait', '1h', '--node'];
    const url = sandbox.nodes[0]?.httpUrl ?? '';
    const child = spawn(process.execPath, [BINARY, 'acl', 'apply', file, ...args, url], {
      env: { ...process.env, ...environment() },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await vi.waitFor(() => expect([back.again(), client.connected]).toEqual([1, false]), { timeout: 30_000 });
    child.kill('SIGKILL');
    await ended;

    const { stdout, exitCode } = await inForce('--prune', '--prove');
    const { written, sessions, proof } = JSON.parse(stdout);
    expect([exitCode, written]).toEqual([0, { added: 0, changed: 0, removed: 0 }]);
    expect(proof).toMatchObject({ proven: 1, refuted: 0, notProvable: 2 });
    expect(sessions).toMatchObject({ resumed: 3, back: [{ clientId: 'one' }], failed: [], error: null });
    const third = await inForce('--prune');
    expect(JSON.parse(third.stdout).sessions).toMatchObject({ resumed: 0, affected: 0 });
  });

  it('writes nothing where no broker is named, or none answers', async () => {
    await given([row('a', 'a')]);
    expect((await apply('--disconnect')).exitCode).toBe(78);
    const nobody = `http://127.0.0.1:${await freePort()}`;
    expect((await apply('--disconnect', '--node', nobody)).exitCode).toBe(69);
    expect(await redis.dbsize()).toBe(0);
  });
});

describe('acl set and acl remove --disconnect', { timeout: 60_000 }, () => {
  const toNode = () => ['--disconnect', '--rate', '1000', '--node', sandbox.nodes[0]?.httpUrl ?? ''];

  it('bounce the clients of the one record, and nobody where it is left as it was', async () => {
    await given([row('own', 'a'), row('other', 'a')]);
    await apply();
    const own = await connected('own', 1);
    const other = await connected('other', 0);
    const set = await one('set', 'own', '--subscribe', 'b', ...toNode());
    expect(JSON.parse(set.stdout)).toMatchObject({
      outcome: 'changed',
      notes: [],
      sessions: { affected: 1, disconnected: 1, back: [{ clientId: 'own' }], failed: [], error: null },
    });
    expect(set.exitCode).toBe(0);
    await vi.waitFor(() => expect(own.again()).toBe(1), { timeout: 15_000 });
    expect(await granted(own.client, 'b')).toBe(true);

    const again = await one('set', 'own', '--subscribe', 'b', ...toNode());
    const dry = await one('remove', 'own', '--dry-run', ...toNode());
    for (const { exitCode, stdout } of [again, dry])
      expect([exitCode, JSON.parse(stdout).sessions]).toEqual([0, null]);
    expect([own.again(), other.again()]).toEqual([1, 0]);

    const removed = await one('remove', 'own', '--yes', ...toNode());
    expect(JSON.parse(removed.stdout)).toMatchObject({ sessions: { lockedOut: [{ clientId: 'own' }] } });
    expect([removed.exitCode, other.again()]).toEqual([0, 0]);
  });

  it('cut short after the write, they go on with the same command', async () => {
    await given([row('own', 'b')]);
    await apply();
    const own = await connected('own', 0);
    await cutShort('own', 'gone');
    const set = await one('set', 'own', '--subscribe', 'b', ...toNode());
    expect(JSON.parse(set.stdout)).toMatchObject({
      outcome: 'unchanged',
      sessions: { resumed: 1, back: [{ clientId: 'own' }] },
    });
    await vi.waitFor(() => expect(own.again()).toBe(1), { timeout: 15_000 });
    const removed = await one('remove', 'gone', '--yes', ...toNode());
    expect(JSON.parse(removed.stdout)).toMatchObject({ outcome: 'unchanged', sessions: { resumed: 1 } });
    expect(removed.exitCode).toBe(0);
    // There is nothing left to go on with, nor does a command leave any that has written nothing.
    expect((await one('set', 'gone', '--subscribe', 'b', ...toNode())).exitCode).toBe(64);
    expect((await one('remove', 'gone', '--yes', ...toNode())).exitCode).toBe(1);
    expect(await readdir(join(folder, 'acl-disconnect'))).toEqual([]);
  });

  it('write nothing where no broker is named, or none answers', async () => {
    await given([row('own', 'a')]);
    await apply();
    const before = await redis.get(JSON.stringify(['', 'own', 'u']));
    const nobody = `http://127.0.0.1:${await freePort()}`;
    expect((await one('set', 'own', '--subscribe', 'b', '--disconnect')).exitCode).toBe(78);
    expect((await one('remove', 'own', '--yes', '--disconnect', '--node', nobody)).exitCode).toBe(69);
    expect(await redis.get(JSON.stringify(['', 'own', 'u']))).toBe(before);
  });
});

describe('acl apply --prove', { timeout: 60_000 }, () => {
  const secret = (client: string, more: object = {}) => ({
    ...row(client, 'dev/%c/#'),
    passhash: undefined,
    password: 'p1',
    ...more,
  });

  it('logs in where that disturbs nobody, takes a return for a proof of its own record, and leaves nothing behind', async () => {
    await given([row('stays', 'a'), row('sleeps', 'a')]);
    await apply();
    await connected('stays', 0);
    const { client } = await connected('sleeps', 1);
    await client.endAsync();
    const rows = [secret('stays'), secret('sleeps'), secret('new'), secret('*'), row('hash', 'a')];
    await given(rows);
    const { stdout, exitCode } = await inForce('--prove', '--cost', '4');
    const { proof } = JSON.parse(stdout);
    expect([exitCode, proof.error]).toEqual([0, null]);
    const told = proof.records.map(
      ({ key, outcome, why }: Record<string, string>) => `${key} ${outcome}: ${why}`,
    );
    expect(told).toEqual([
      '["","stays","u"] proven: stays came back with it',
      '["","sleeps","u"] not-provable: it has a session, which a login would end',
      expect.stringMatching(/^\["","new","u"\] proven: logged in, 1 filters granted/),
      expect.stringMatching(/^\["","\*","u"\] proven: logged in, 1 filters granted/),
      '["","hash","u"] not-provable: its password is not known here',
    ]);
    const left = await vmqctl([
      'session',
      'show',
      '--client_id',
      '--node',
      sandbox.nodes[0]?.httpUrl ?? '',
      '--json',
    ]);
    expect(left.stdout).toContain('sleeps');
    expect(left.stdout).not.toMatch(/"new"|vmqctl-prove/);
  });

  it('is refuted where the brokers read other records', async () => {
    const elsewhere = server.url.replace('/0', '/1');
    const other = await startSandbox({ nodes: 1, joined: true, apiMode: 'noauth', redisUrl: elsewhere });
    try {
      await given([secret('new')]);
      const { stdout, exitCode } = await apply(
        '--prove',
        '--cost',
        '4',
        '--node',
        other.nodes[0]?.httpUrl ?? '',
      );
      expect(exitCode).toBe(1);
      expect(JSON.parse(stdout).proof).toMatchObject({ refuted: 1, records: [{ outcome: 'refuted' }] });
    } finally {
      await other.close();
    }
  });
});
