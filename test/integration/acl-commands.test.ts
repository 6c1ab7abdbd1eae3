import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyPassword } from '../../src/lib/acl/password.js';
import { connectRedis } from '../../src/lib/acl/redis-connect.js';
import type { RedisConnection } from '../../src/lib/acl/redis-connection.js';
import { type CliOptions, vmqctl } from '../support/cli.js';
import { startPeer } from '../support/peers.js';
import { freePort } from '../support/ports.js';
import { type RedisServer, startRedis } from '../support/redis.js';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const KEY = '["","1528361231","101"]';
const STORY = ['client-id=1528361231', 'username=101'];

let server: RedisServer;
let redis: RedisConnection;

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis({ url: server.url, deadline: 5000 });
});
afterAll(async () => {
  redis.close();
  await server.stop();
});
beforeEach(async () => {
  await redis.call('FLUSHALL');
});

const acl = (args: string[], options: CliOptions = {}) =>
  vmqctl(['acl', ...args], {
    ...options,
    env: { VMQCTL_REDIS: server.url, PASSWORD: 'S3CRET', ...options.env },
  });
const stored = async (key: string) => String(await redis.call('GET', key));
const put = (key: string, record: unknown) =>
  redis.call('SET', key, typeof record === 'string' ? record : JSON.stringify(record));
const withPassword = ['--password-from', 'env:PASSWORD', '--cost', '4'];

describe('the records of the story', () => {
  it('come out exactly so, and are narrowed', async () => {
    const first = await acl(['set', ...STORY, '--publish', '#', '--subscribe', '#', ...withPassword]);
    expect(first).toMatchObject({ stderr: '', exitCode: 0 });
    const second = await acl(
      [
        'set',
        '--client-id',
        '1528361747',
        '--username',
        '102',
        '--publish',
        '#',
        '--subscribe',
        '#',
        '--password-from',
        'stdin',
        '--cost',
        '4',
      ],
      { input: 'other\n' },
    );
    expect(second.exitCode).toBe(0);
    expect(((await redis.call('KEYS', '*')) as Buffer[]).map(String).sort()).toEqual([
      KEY,
      '["","1528361747","102"]',
    ]);
    for (const [key, password] of [
      [KEY, 'S3CRET'],
      ['["","1528361747","102"]', 'other'],
    ] as const) {
      const { passhash, ...rest } = JSON.parse(await stored(key));
      expect(await verifyPassword(password, passhash)).toBe(true);
      expect(JSON.stringify(rest)).toBe(
        '{"subscribe_acl":[{"pattern":"#"}],"publish_acl":[{"pattern":"#"}]}',
      );
    }

    const before = JSON.parse(await stored(KEY));
    expect((await acl(['set', ...STORY, '--publish', 'hello', '--subscribe', 'say'])).exitCode).toBe(0);
    expect(JSON.parse(await stored(KEY))).toEqual({
      ...before,
      publish_acl: [{ pattern: 'hello' }],
      subscribe_acl: [{ pattern: 'say' }],
    });
  });
});

describe('acl set', () => {
  it('says what it did, and when it takes effect', async () => {
    const { stdout } = await acl([
      'set',
      ...STORY,
      '--publish',
      '{"pattern":"a/#","max_qos":1}',
      ...withPassword,
    ]);
    expect(stdout).toBe(
      [
        'created ["","1528361231","101"]',
        'passhash: $2a$04$*** (bcrypt, cost 4)',
        '┌─────────┬─────────┬─────────┬─────────────┬────────┬───────────┐',
        '│ Action  │ Pattern │ Max QoS │ Max payload │ Retain │ Modifiers │',
        '├─────────┼─────────┼─────────┼─────────────┼────────┼───────────┤',
        '│ publish │ a/#     │ 1       │             │        │           │',
        '└─────────┴─────────┴─────────┴─────────────┴────────┴───────────┘',
        'This client may not subscribe to anything.',
        'A client that is connected keeps the rights it has until it connects again.',
        '',
      ].join('\n'),
    );
  });

  it('is one document with --json', async () => {
    await put(KEY, { passhash: PASSHASH, n: 1 });
    const { stdout, stderr, exitCode } = await acl([
      'set',
      ...STORY,
      '--add-publish',
      'a',
      '--json',
      '--dry-run',
    ]);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(JSON.parse(stdout)).toEqual({
      schema: 'vmqctl.acl-set/1',
      outcome: 'changed',
      dryRun: true,
      key: KEY,
      mountpoint: '',
      clientId: '1528361231',
      username: '101',
      record: { passhash: '$2a$04$***', n: 1, publish_acl: [{ pattern: 'a' }] },
      problems: [],
      notes: [],
      sessions: null,
    });
    expect(JSON.parse(await stored(KEY))).toEqual({ passhash: PASSHASH, n: 1 });
  });

  it('relabels a hash of $2b$ and says so', async () => {
    const hash = PASSHASH.replace('2a', '2b');
    const { stdout, exitCode } = await acl(
      ['set', ...STORY, '--no-publish', '--no-subscribe', '--passhash-from', 'stdin'],
      { input: hash },
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain('The passhash was relabelled to $2a$');
    expect(JSON.parse(await stored(KEY)).passhash).toBe(PASSHASH);
  });

  it('loses no change of several processes at once', async () => {
    await put(KEY, { passhash: PASSHASH });
    const patterns = ['a', 'b', 'c', 'd', 'e'];
    const runs = await Promise.all(
      patterns.map((pattern) => acl(['set', ...STORY, '--add-subscribe', pattern])),
    );
    expect(runs.map(({ exitCode }) => exitCode)).toEqual(patterns.map(() => 0));
    const { subscribe_acl } = JSON.parse(await stored(KEY));
    expect(subscribe_acl.map(({ pattern }: { pattern: string }) => pattern).sort()).toEqual(patterns);
  });

  it.each([
    [['set', 'username=101', '--publish', 'a'], 64, 'no record is named: --client-id missing'],
    [
      ['set', 'client-id=a b', 'username=101', '--publish', 'a'],
      64,
      'the client id contains a space, so the broker never finds the record',
    ],
    [['set', ...STORY, '--publish', 'a#'], 64, 'publish_acl[0].pattern has a # within a level: "a#"'],
    [
      ['set', ...STORY, '--subscribe', '{"pattern":"a","max_qos":"1"}'],
      64,
      'subscribe_acl[0].max_qos must be 0, 1 or 2',
    ],
    [['set', ...STORY, '--publish', 'a'], 64, 'there is no such record yet, and a new one needs a password'],
    [
      ['set', ...STORY, '--password-from', 'env:LONG'],
      65,
      'the password has 73 bytes, and bcrypt takes no more than 72',
    ],
    [
      ['set', ...STORY, '--passhash-from', 'env:PASSWORD'],
      65,
      'the passhash is not one that the broker accepts (no bcrypt label, 6 characters)',
    ],
  ])('refuses what cannot work, in one line with a hint: %j', async (args, exitCode, message) => {
    const result = await acl(args, { env: { LONG: 'x'.repeat(73), VMQCTL_DEBUG: '1' } });
    expect(result).toMatchObject({ stdout: '', exitCode });
    expect(result.stderr).toMatch(/^error: .+\nhint: .+\n$/);
    expect(result.stderr.split('\n')[0]).toBe(`error: ${message}`);
    expect(result.stderr).not.toMatch(/S3CRET|xxxx/);
    expect(await redis.call('DBSIZE')).toBe(0);
  });

  it('leaves a broken record alone, unless it is to be replaced', async () => {
    await put(KEY, '{"passhash":"S3CRET"');
    const refused = await acl(['set', ...STORY, '--publish', 'a', '--json']);
    expect(refused).toMatchObject({ stderr: '', exitCode: 65 });
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'broken_record',
      hint: expect.stringContaining('--replace'),
    });
    expect(refused.stdout).not.toContain('S3CRET');
    expect(await stored(KEY)).toBe('{"passhash":"S3CRET"');
    const replace = ['set', ...STORY, '--publish', 'a', '--no-subscribe', '--replace', ...withPassword];
    expect(await acl(replace)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^replaced /) });
    expect(JSON.parse(await stored(KEY))).toMatchObject({
      publish_acl: [{ pattern: 'a' }],
      subscribe_acl: [],
    });
    await redis.call('FLUSHALL');
    expect(await acl(replace)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^created /) });
  });
});

describe('acl get', () => {
  it('shows a record without its hash, and with what the broker would read otherwise', async () => {
    await put(KEY, { passhash: PASSHASH, publish_acl: [{ pattern: 'a', max_qos: '1' }] });
    const { stdout, exitCode } = await acl(['get', ...STORY]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('warning: publish_acl[0].max_qos must be 0, 1 or 2');
    expect(stdout).not.toContain(PASSHASH.slice(8));
    expect((await acl(['get', ...STORY, '--reveal-passhash'])).stdout).toContain(PASSHASH);
    expect(JSON.parse((await acl(['get', ...STORY, '--json'])).stdout)).toMatchObject({
      schema: 'vmqctl.acl-record/1',
      key: KEY,
      record: { passhash: '$2a$04$***', publish_acl: [{ pattern: 'a', max_qos: '1' }] },
      problems: ['publish_acl[0].max_qos must be 0, 1 or 2'],
    });
  });

  it('that finds nothing ends with 1', async () => {
    const { stderr, exitCode } = await acl(['get', ...STORY]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(`error: there is no record ${KEY}\nhint: vmqctl acl list shows the records.\n`);
  });
});

describe('a record with what a terminal obeys', () => {
  it('is shown harmless, and exact in the other formats', async () => {
    const pattern = 'a\u001b[2J\nb';
    await put(KEY, { passhash: PASSHASH, publish_acl: [{ pattern }] });
    const shown = (await acl(['get', ...STORY])).stdout;
    expect(shown).toContain('a\\u001b[2J\\u000ab');
    expect(shown).not.toContain('\u001b');
    expect((await acl(['get', ...STORY, '--format', 'csv'])).stdout).toContain(`publish,"${pattern}",`);
    const document = JSON.parse((await acl(['get', ...STORY, '--json'])).stdout);
    expect(document.record.publish_acl).toEqual([{ pattern }]);
  });
});

describe('acl remove', () => {
  it('removes one record, and names the one that still lets the user in', async () => {
    await put(KEY, {});
    await put('["","*","101"]', {});
    expect((await acl(['remove', ...STORY, '--dry-run'])).stdout).toContain('would remove');
    expect(await redis.call('EXISTS', KEY)).toBe(1);
    const { stdout, exitCode } = await acl(['remove', ...STORY, '--yes']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('The record for any client (*) still lets this user in with this client id.');
    expect(stdout).toContain('until it connects again');
    expect(await redis.call('EXISTS', KEY)).toBe(0);
    const again = await acl(['remove', ...STORY, '--yes', '--json']);
    expect(again.exitCode).toBe(1);
    expect(JSON.parse(again.stdout).error.code).toBe('no_such_record');
  });

  it('without --yes, and with nobody to ask, removes nothing', async () => {
    await put(KEY, {});
    const refused = await acl(['remove', ...STORY]);
    expect(refused).toMatchObject({ stdout: '', exitCode: 4, stderr: expect.stringContaining('--yes') });
    const { stdout, exitCode } = await acl(['remove', ...STORY, '--json']);
    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'not_confirmed', exitCode: 4 });
    expect(await redis.call('EXISTS', KEY)).toBe(1);
  });
});

describe('acl list', () => {
  beforeEach(async () => {
    await put(KEY, {
      passhash: PASSHASH,
      publish_acl: [{ pattern: 'hello' }],
      subscribe_acl: [{ pattern: 'say', max_qos: 1 }],
    });
    await put('["","broken","102"]', '{');
    await put('["", "spaced", "103"]', {});
  });

  it('shows people a table, and what is no record on stderr', async () => {
    const { stdout, stderr, exitCode } = await acl(['list']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      '│            │ 1528361231 │ 101      │ $2a$04$*** │ hello       │ say {…}       │',
    );
    expect(stdout).toContain('broken: it is not JSON');
    expect(stderr).toBe(
      'warning: ["", "spaced", "103"] is not a record: the broker asks for ["","spaced","103"]\n2 records, 1 with problems, 1 key that no broker asks for\n',
    );
  });

  it.each(['json', 'yaml'])('is one %s document', async (format) => {
    const { stdout } = await acl(['list', '--format', format]);
    const document = (format === 'json' ? JSON.parse(stdout) : load(stdout)) as { records: unknown[] };
    expect(document).toMatchObject({
      schema: 'vmqctl.acl-list/1',
      totals: { records: 2, withProblems: 1, strayKeys: 1 },
    });
    expect(document.records[0]).toEqual({
      key: KEY,
      mountpoint: '',
      clientId: '1528361231',
      username: '101',
      record: {
        passhash: '$2a$04$***',
        publish_acl: [{ pattern: 'hello' }],
        subscribe_acl: [{ pattern: 'say', max_qos: 1 }],
      },
      problems: [],
    });
  });

  it('is CSV, and keeps to a filter', async () => {
    const { stdout } = await acl(['list', 'username=101', '--format', 'csv']);
    expect(stdout).toBe(
      'mountpoint,client_id,username,passhash,publish_acl,subscribe_acl,problems\r\n,1528361231,101,$2a$04$***,"[{""pattern"":""hello""}]","[{""pattern"":""say"",""max_qos"":1}]",\r\n',
    );
  });

  it('has as many as there are', async () => {
    await redis.call(
      'EVAL',
      `for i=1,20000 do redis.call('SET','["","c'..i..'","u"]','{"passhash":"${PASSHASH}"}') end`,
      0,
    );
    const { records } = JSON.parse((await acl(['list', '--json'])).stdout);
    expect(new Set(records.map(({ key }: { key: string }) => key)).size).toBe(20_002);
  });

  it('that breaks off is still one JSON document, and no success', async () => {
    // There are always more keys; what the second page of them holds it does not tell any more.
    const pageOfKeys = '*2\r\n$1\r\n7\r\n*1\r\n$12\r\n["","a","b"]\r\n';
    const peer = await startPeer((socket) => {
      let pagesRead = 0;
      socket.on('data', (data) => {
        for (const [command] of String(data).matchAll(/SCAN|MGET/g)) {
          if (command === 'SCAN') socket.write(pageOfKeys);
          else if (pagesRead === 1) socket.destroy();
          else socket.write('*1\r\n$2\r\n{}\r\n');
          if (command === 'MGET') pagesRead += 1;
        }
      });
    });
    const { stdout, exitCode } = await acl(['list', '--json'], {
      env: { VMQCTL_REDIS: `redis://127.0.0.1:${peer.port}` },
    });
    await peer.stop();
    expect(exitCode).toBe(69);
    expect(JSON.parse(stdout)).toMatchObject({
      records: [{ key: '["","a","b"]' }],
      error: { code: 'redis_unreachable', exitCode: 69 },
    });
  });
});

describe('a Redis that does not serve', () => {
  it.each(['get', 'remove', 'set', 'list'])('ends acl %s with 69, one line and a hint', async (command) => {
    const args = command === 'list' ? [] : command === 'set' ? [...STORY, '--publish', 'a'] : STORY;
    const url = `redis://127.0.0.1:${await freePort()}`;
    const { stdout, stderr, exitCode } = await acl([command, ...args], { env: { VMQCTL_REDIS: url } });
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 69 });
    expect(stderr).toBe(
      `error: Redis at ${url} is not reachable (ECONNREFUSED)\nhint: Look at host, port and firewall, and whether it runs.\n`,
    );
  });

  it('because it hangs ends it soon after the deadline', async () => {
    const peer = await startPeer();
    const start = Date.now();
    const { exitCode, stderr } = await acl(['list', '--deadline', '300ms'], {
      env: { VMQCTL_REDIS: `redis://127.0.0.1:${peer.port}` },
    });
    const took = Date.now() - start;
    await peer.stop();
    expect(exitCode).toBe(69);
    expect(stderr).toContain('did not answer within 0.3 s');
    expect(took).toBeLessThan(5000);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('does not keep acl get from ending at %s', async (signal) => {
    const peer = await startPeer();
    const url = `redis://127.0.0.1:${peer.port}`;
    const child = spawn(process.execPath, [
      BINARY,
      'acl',
      'get',
      ...STORY,
      '--redis',
      url,
      '--deadline',
      '9s',
    ]);
    await setTimeout(500);
    const asked = Date.now();
    child.kill(signal);
    const [, by] = await once(child, 'exit');
    await peer.stop();
    expect(by).toBe(signal);
    expect(Date.now() - asked).toBeLessThan(1000);
  });

  it('because it is stopped leaves the record as it was', async () => {
    const stopped = await startRedis();
    process.kill(stopped.pid, 'SIGSTOP');
    const env = { VMQCTL_REDIS: stopped.url };
    const { exitCode } = await acl(
      ['set', ...STORY, '--publish', 'a', '--deadline', '300ms', ...withPassword],
      { env },
    );
    process.kill(stopped.pid, 'SIGCONT');
    const look = await connectRedis({ url: stopped.url, deadline: 5000 });
    expect(await look.call('DBSIZE')).toBe(0);
    look.close();
    await stopped.stop();
    expect(exitCode).toBe(69);
  });

  it('without the right password ends with 77, and shows none', async () => {
    const locked = await startRedis({ password: 'R3D1S' });
    const env = { VMQCTL_REDIS: locked.url, WRONG: 'WR0NG', VMQCTL_DEBUG: '1' };
    const without = await acl(['list'], { env });
    const wrong = await acl(['list', '--redis-password-from', 'env:WRONG'], { env });
    await locked.stop();
    expect([without.exitCode, wrong.exitCode]).toEqual([77, 77]);
    expect(without.stderr).toContain('wants a password');
    expect(wrong.stderr).toContain('refused the user or the password');
    expect(wrong.stdout + wrong.stderr).not.toContain('WR0NG');
  });
});
