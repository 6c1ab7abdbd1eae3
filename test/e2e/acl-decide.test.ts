import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis } from '../../src/lib/acl/redis-connect.js';
import type { RedisConnection } from '../../src/lib/acl/redis-connection.js';
import { vmqctl } from '../support/cli.js';
import { BROKER_VERSIONS, goldenFile } from '../support/golden.js';
import { type RedisServer, startRedis } from '../support/redis.js';

/** Of the password p1. */
const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';

let server: RedisServer;
let redis: RedisConnection;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-decide-'));
  server = await startRedis();
  redis = await connectRedis({ url: server.url, deadline: 5000 });
  await put('["","d1","u"]', {
    publish_acl: [
      { pattern: 'out/%c', max_qos: '0' },
      { pattern: 'low/#', max_qos: 0 },
    ],
    subscribe_acl: [{ pattern: 'in/+' }],
  });
  await put('["","*","u"]', { publish_acl: [{ pattern: 'any/%c' }] });
});
afterAll(async () => {
  redis.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

const put = (key: string, members: object) =>
  redis.call('SET', key, JSON.stringify({ passhash: PASSHASH, ...members }));
const acl = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  vmqctl(['acl', ...args], { env: { VMQCTL_REDIS: server.url, ...env } });
const canI = async (action: string, ...args: string[]) => {
  const result = await acl(['can-i', action, 'username=u', ...args, '--json'], { RIGHT: 'p1', WRONG: 'p2' });
  return { exitCode: result.exitCode, ...JSON.parse(result.stdout) };
};
const file = async (name: string, text: string) => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};

describe('can-i', () => {
  it('says which key and which entry decide', async () => {
    expect(await canI('publish', 'client-id=d1', '--topic', 'out/d1', '--qos', '2')).toMatchObject({
      exitCode: 0,
      schema: 'vmqctl.acl-can-i/1',
      decision: 'allow',
      key: '["","d1","u"]',
      anyClientRecord: false,
      entry: 'publish_acl[0]',
      entries: [
        { forThisClient: 'out/d1', decides: true, ignored: ['max_qos must be a number from 0 to 2'] },
        {},
      ],
    });
    expect(await canI('publish', 'client-id=d2', '--topic', 'any/d2')).toMatchObject({
      exitCode: 0,
      key: '["","*","u"]',
      anyClientRecord: true,
      lookUps: [{ key: '["","d2","u"]', outcome: 'missing' }, { outcome: 'found' }],
    });
  });

  it('says which field denies, with exit code 1', async () => {
    expect(await canI('publish', 'client-id=d1', '--topic', 'low/x', '--qos', '1')).toMatchObject({
      exitCode: 1,
      decision: 'deny',
      reason: 'forbidden_by_field',
      entry: 'publish_acl[1]',
      field: 'max_qos',
    });
    expect(await canI('publish', 'client-id=d1', '--topic', 'any/d1')).toMatchObject({
      exitCode: 1,
      reason: 'not_covered',
    });
  });

  it('grants several filters or none', async () => {
    expect(await canI('subscribe', 'client-id=d1', '--topic', 'in/#')).toMatchObject({ exitCode: 0 });
    expect(await canI('subscribe', 'client-id=d1', '--topic', 'in/a', '--topic', 'x')).toMatchObject({
      exitCode: 1,
      why: 'x: no entry covers the topic',
    });
  });

  it('compares the password, which it never shows', async () => {
    expect(await canI('connect', 'client-id=d1')).toMatchObject({ exitCode: 0, passwordChecked: false });
    expect(await canI('connect', 'client-id=d1', '--password-from', 'env:RIGHT')).toMatchObject({
      exitCode: 0,
      passwordChecked: true,
    });
    expect(await canI('connect', 'client-id=d1', '--password-from', 'env:WRONG')).toMatchObject({
      exitCode: 1,
      reason: 'wrong_password',
    });
    const { stdout, stderr } = await acl([
      'can-i',
      'connect',
      'client-id=d1',
      'username=u',
      '--password-from',
      'p1',
    ]);
    expect(stdout + stderr).not.toContain('p1');
    expect(stderr).toContain('never the secret itself');
  });

  it('explains itself at a terminal', async () => {
    const { stdout } = await acl(['can-i', 'publish', 'client-id=d1', 'username=u', '--topic', 'out/d1']);
    expect(stdout).toContain('allowed: publish to out/d1: publish_acl[0] (out/%c) grants it');
    expect(stdout).toContain(
      'warning: publish_acl[0].max_qos must be a number from 0 to 2: it has no effect',
    );
    expect(stdout).not.toContain(PASSHASH.slice(7));
  });

  it.each([
    [['publish', 'client-id=d1', 'username=u'], '--topic is missing'],
    [['publish', 'username=u', '--topic', 'a'], '--client-id is missing'],
    [['connect', 'client-id=d1', 'username=u', '--topic', 'a'], '--topic: of no use for can-i connect'],
    [['fly', 'client-id=d1', 'username=u'], 'fly'],
  ])('refuses %j', async (args, message) => {
    const { exitCode, stderr } = await acl(['can-i', ...args]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 64, stderr: expect.stringContaining(message) });
  });

  it('does not take a Redis that is away for a missing record', async () => {
    const { exitCode } = await acl(['can-i', 'connect', 'client-id=d1', 'username=u'], {
      VMQCTL_REDIS: 'redis://127.0.0.1:1',
    });
    expect(exitCode).toBe(69);
  });
});

describe('test', () => {
  it.each(BROKER_VERSIONS)('agrees with every decision recorded of %s, row by row', async (version) => {
    const { cases } = goldenFile(`acl-${version}.json`) as { cases: unknown[] };
    const path = await file(`${version}.ndjson`, cases.map((row) => JSON.stringify(row)).join('\n'));
    const { stdout, exitCode } = await acl(['test', path, '--broker-version', version, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ total: 1235, agree: 1235, differ: [] });
    expect(exitCode).toBe(0);
  });

  it('takes the example of the README', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const yaml = /```yaml\n(- id: a device reports.*?)```/s.exec(readme)?.[1] ?? '';
    const { stdout, exitCode } = await acl(['test', await file('policy.yaml', yaml)]);
    expect({ stdout, exitCode }).toEqual({ stdout: '2 of 2 as expected of VerneMQ 2.2.0\n', exitCode: 0 });
  });

  it('takes records from Redis where there are none, and names what differs', async () => {
    const connect = { clientId: 'd1', username: 'u' };
    const rows = [
      { id: 'one', connect, action: { type: 'publish', topic: 'out/d1' }, expect: 'allow' },
      { id: 'two', connect, action: { type: 'publish', topic: 'out/d2' }, expect: 'allow' },
      { id: 'three', connect: { ...connect, passwordFrom: 'env:RIGHT' }, action: 'connect', expect: 'allow' },
      { id: 'four', connect, action: 'connect', expect: 'deny' },
    ];
    const path = await file('rows.json', JSON.stringify(rows));
    const { stdout, exitCode } = await acl(['test', path, '--json'], { RIGHT: 'p1' });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      total: 4,
      agree: 3,
      differ: [{ id: 'two', expected: 'allow', got: 'deny', why: 'no entry covers the topic' }],
    });
  });

  it.each([
    ['- id: x\n  connect: {}\n  action: connect\n  expect: allow\n', 'x: connect.clientId'],
    ['- connect: { clientId: c, username: u }\n  action: connect\n', '#1: expect: is missing'],
    ['{"a":1}\n{"b":\n', 'no YAML'],
    ['just text', 'holds no list'],
    ['', 'has no expectations'],
    ['[]', 'has no expectations'],
  ])('refuses a file of %j', async (text, message) => {
    const { exitCode, stderr } = await acl(['test', await file('bad', text)]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 65, stderr: expect.stringContaining(message) });
  });

  it('refuses a file that is not there', async () => {
    expect((await acl(['test', join(folder, 'none')])).exitCode).toBe(78);
  });
});

describe('lint', () => {
  it('names what is wrong, repairs what it may, and ends with 65 while errors are left', async () => {
    await redis.call('FLUSHALL');
    await put('["", "d1", "u"]', {
      passhash: PASSHASH.replace('2a', '2b'),
      publish_acl: [],
      subscribe_acl: [],
    });
    await redis.call('PEXPIRE', '["", "d1", "u"]', '600000');
    const first = await acl(['lint', '--json']);
    expect(first.exitCode).toBe(65);
    expect(JSON.parse(first.stdout)).toMatchObject({
      schema: 'vmqctl.acl-lint/1',
      findings: [{ rule: 'key-spelling' }, { rule: 'passhash-label', field: 'passhash' }],
      totals: { records: 1, repaired: 0, left: { error: 2 } },
    });
    expect((await acl(['lint', '--fix'])).exitCode).toBe(4);
    expect((await acl(['lint', '--fix', '--dry-run'])).exitCode).toBe(65);
    const fixed = await acl(['lint', '--fix', '--yes']);
    expect(fixed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('repaired') });
    expect(Number(await redis.call('PTTL', '["","d1","u"]'))).toBeGreaterThan(0);
    expect(await acl(['lint'])).toMatchObject({ exitCode: 0, stderr: '1 record, 0 errors, 0 warnings\n' });
    expect(await canI('connect', 'client-id=d1', '--password-from', 'env:RIGHT')).toMatchObject({
      exitCode: 0,
    });
  });

  it('fails on warnings where that is asked for', async () => {
    await put('["","d2","u"]', { publish_acl: [], subscribe_acl: [{ pattern: 'a/+' }] });
    expect((await acl(['lint'])).exitCode).toBe(0);
    const { exitCode, stdout } = await acl(['lint', '--fail-on', 'warning']);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 65,
      stdout: expect.stringContaining('plus-covers-hash'),
    });
  });
});
