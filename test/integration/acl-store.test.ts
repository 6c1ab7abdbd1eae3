import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Packer } from '../../src/lib/acl/bulk/pack/packer.js';
import { listRecords } from '../../src/lib/acl/list.js';
import { connectRedis, OneServer } from '../../src/lib/acl/redis-connect.js';
import type { RedisConnection } from '../../src/lib/acl/redis-connection.js';
import type { RedisDeployment } from '../../src/lib/acl/redis-deployment.js';
import { replyFailure } from '../../src/lib/acl/redis-errors.js';
import { openRedisStore, RedisStore } from '../../src/lib/acl/redis-store.js';
import { setRecord } from '../../src/lib/acl/set.js';
import type { AclStore } from '../../src/lib/acl/store.js';
import { systemClock } from '../../src/lib/clock.js';
import type { RedisSettings } from '../../src/lib/context/settings.js';
import { Failure } from '../../src/lib/failure.js';
import { Secret } from '../../src/lib/secret.js';
import { startPeer } from '../support/peers.js';
import { freePort } from '../support/ports.js';
import { type RedisServer, type RedisServerOptions, startRedis } from '../support/redis.js';

const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const KEY = '["","c","u"]';
const NAME = { mountpoint: '', clientId: 'c', username: 'u' };

const open: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function redis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  open.push(server.stop);
  return server;
}

async function storeAt(url: string, more: Partial<RedisSettings> = {}): Promise<AclStore> {
  const store = await openRedisStore({ url, deadline: 5000, ...more }, systemClock);
  open.push(() => store.close());
  return store;
}

/** The same Redis, to prepare it and to look at it. */
async function direct(url: string, password?: string): Promise<RedisConnection> {
  const connection = await connectRedis({
    url,
    deadline: 5000,
    ...(password ? { password: new Secret(password) } : {}),
  });
  open.push(() => connection.close());
  return connection;
}

const asText = async (reply: Promise<unknown>) => String(await reply);

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const start = Date.now();
  await work();
  return Date.now() - start;
}

describe('records in a Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await (await direct(server.url)).call('FLUSHALL');
  });

  it('are written, found, and removed under any key', async () => {
    const store = await storeAt(server.url);
    for (const key of [KEY, '["","\\u2028 ","😀"]', '["","a\\"b\\\\c","\u007f"]']) {
      expect(await store.get(key)).toBeUndefined();
      await store.put(key, '{"a":"\u2028é"}');
      expect(await store.get(key)).toBe('{"a":"\u2028é"}');
      expect(await store.exists(key)).toBe(true);
      expect(await store.remove(key)).toBe(true);
      expect(await store.remove(key)).toBe(false);
    }
  });

  it('keep every change of fifty writers at once', async () => {
    const patterns = Array.from({ length: 50 }, (_, index) => `topic/${index}`);
    const first = await storeAt(server.url);
    await first.put(KEY, JSON.stringify({ passhash: PASSHASH, mine: 12 }));
    await Promise.all(
      patterns.map(async (pattern) => {
        const store = await storeAt(server.url);
        const change = { publish: { how: 'add' as const, entries: [{ pattern }] } };
        await setRecord(store, { name: NAME, change, replace: false, dryRun: false });
      }),
    );
    const record = JSON.parse((await first.get(KEY)) ?? '');
    expect(record).toMatchObject({ passhash: PASSHASH, mine: 12 });
    expect(record.publish_acl.map(({ pattern }: { pattern: string }) => pattern).sort()).toEqual(
      patterns.sort(),
    );
  });

  it('are created once by two writers who both see none', async () => {
    const stores = await Promise.all([storeAt(server.url), storeAt(server.url)]);
    const outcomes = await Promise.all(
      stores.map(async (store, index) => {
        const change = {
          passhash: PASSHASH,
          publish: { how: 'add' as const, entries: [{ pattern: `p${index}` }] },
        };
        return (await setRecord(store, { name: NAME, change, replace: false, dryRun: false })).outcome;
      }),
    );
    expect(outcomes.sort()).toEqual(['changed', 'created']);
    expect(JSON.parse((await stores[0]?.get(KEY)) ?? '').publish_acl).toHaveLength(2);
  });

  it('keep their time to live when they are changed', async () => {
    const store = await storeAt(server.url);
    const raw = await direct(server.url);
    await raw.call('SET', KEY, '{"passhash":"x"}', 'EX', 100);
    await store.update(KEY, () => ({ write: '{"passhash":"y"}' }));
    expect(Number(await raw.call('PTTL', KEY))).toBeGreaterThan(90_000);
  });

  it('stay as they are when the decision throws', async () => {
    const store = await storeAt(server.url);
    await store.put(KEY, 'before');
    await expect(
      store.update(KEY, () => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await store.get(KEY)).toBe('before');
    expect(await store.update(KEY, () => ({ write: undefined }))).toEqual({ write: undefined });
    await store.update(KEY, () => ({ write: 'after' }));
    expect(await store.get(KEY)).toBe('after');
  });

  it('are listed without KEYS, however many', async () => {
    const raw = await direct(server.url);
    await raw.call(
      'EVAL',
      `for i=1,5000 do redis.call('SET','["","c'..i..'","u"]','{"passhash":"${PASSHASH}"}') redis.call('SET','x'..i,1) end`,
      0,
    );
    await raw.call('CONFIG', 'RESETSTAT');
    const names = new Set<string>();
    let largest = 0;
    for await (const { records } of listRecords(
      await storeAt(server.url),
      {},
      new AbortController().signal,
    )) {
      for (const { name } of records) names.add(name.clientId);
      largest = Math.max(largest, records.length);
    }
    expect(names.size).toBe(5000);
    expect(largest).toBeLessThan(2500);
    expect(await asText(raw.call('INFO', 'commandstats'))).not.toContain('cmdstat_keys');
  });

  it('are told from what is no text', async () => {
    const raw = await direct(server.url);
    await raw.call('LPUSH', '["","list","u"]', 'x');
    await raw.call(
      'EVAL',
      `redis.call('SET', '["","\\255","u"]', 'x') redis.call('SET', '["","bytes","u"]', '\\255')`,
      0,
    );
    const [page] = await collect(listRecords(await storeAt(server.url), {}, new AbortController().signal));
    expect(page?.records.map(({ key, problems }) => [key, problems])).toEqual([
      ['["","bytes","u"]', ['broken: it is not UTF-8']],
      ['["","list","u"]', ['broken: it is a Redis list, not a string']],
    ]);
    expect(page?.strays).toEqual([{ key: '["","\ufffd","u"]', reason: 'it is not UTF-8' }]);
  });

  it.each(['LPUSH', 'SADD'])('are broken where the key holds what %s makes', async (command) => {
    const store = await storeAt(server.url);
    await (await direct(server.url)).call(command, KEY, 'x');
    await expect(store.get(KEY)).rejects.toMatchObject({ kind: 'data', code: 'broken_record' });
    await expect(store.update(KEY, () => ({ write: 'x' }))).rejects.toMatchObject({
      kind: 'data',
      code: 'broken_record',
    });
    await store.put(KEY, 'x');
    expect(await store.get(KEY)).toBe('x');
  });

  it('are apart in another database', async () => {
    const other = await storeAt(server.url.replace(/0$/, '5'));
    await other.put(KEY, 'x');
    expect(await (await storeAt(server.url)).get(KEY)).toBeUndefined();
    await expect(storeAt(server.url.replace(/0$/, '99'))).rejects.toMatchObject({
      kind: 'configuration',
      code: 'redis_no_database',
    });
  });
});

async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

describe('a login', () => {
  it('with the right password is accepted, others are not', async () => {
    const { url } = await redis({ password: 'S3CRET' });
    await (await storeAt(url, { password: new Secret('S3CRET') })).put(KEY, 'x');
    await expect((await storeAt(url)).get(KEY)).rejects.toMatchObject({
      kind: 'credentials',
      code: 'redis_password_needed',
    });
    const wrong = storeAt(url, { password: new Secret('WR0NG') });
    await expect(wrong).rejects.toMatchObject({ kind: 'credentials', code: 'redis_password_refused' });
    await expect(wrong).rejects.toSatisfy(
      (error: Error) => !`${error.message}${error.stack}`.includes('WR0NG'),
    );
  });

  it('as a user has the rights of the user', async () => {
    const { url } = await redis();
    await (await direct(url)).call(
      'ACL',
      'SETUSER',
      'reader',
      'on',
      '>S3CRET',
      '~*',
      '+get',
      '+watch',
      '+pttl',
      '+multi',
      '+exec',
    );
    const store = await storeAt(url.replace('//', '//reader@'), { password: new Secret('S3CRET') });
    expect(await store.get(KEY)).toBeUndefined();
    await expect(store.update(KEY, () => ({ write: 'x' }))).rejects.toMatchObject({
      kind: 'credentials',
      code: 'redis_permission',
    });
    expect(await store.get(KEY)).toBeUndefined();
  });

  it('with a password that Redis does not want is a failure, not a line in between', async () => {
    const { url } = await redis();
    await expect(storeAt(url, { password: new Secret('S3CRET') })).rejects.toMatchObject({
      code: 'redis_password_not_wanted',
    });
  });

  it('needs no command that an old Redis does not know', async () => {
    const renamed = ['HELLO', 'CLIENT', 'INFO'].flatMap((name) => ['--rename-command', name, '']);
    const { url } = await redis({ password: 'S3CRET', arguments: renamed });
    const store = await storeAt(url, { password: new Secret('S3CRET') });
    await store.update(KEY, () => ({ write: 'x' }));
    expect(await store.get(KEY)).toBe('x');
  });

  it('needs no command beyond those that the hint on permissions names', async () => {
    const { url } = await redis();
    const named = /commands ([^;.]*)/.exec(replyFailure('NOPERM', url).hint ?? '')?.[1] ?? '';
    const rights = named.split(/, | and /).map((command) => `+${command}`);
    await (await direct(url)).call('ACL', 'SETUSER', 'seeder', 'on', '>S3CRET', '~*', '-@all', ...rights);
    const store = await storeAt(url.replace('//', '//seeder@'), { password: new Secret('S3CRET') });
    const records = [KEY, '["","d","u"]'].map((key) => ({ key, text: 'x', existed: false }));
    await store.putAll(records);
    await (await direct(url)).call('PEXPIRE', KEY, 100_000);
    await store.putAll(records.map((record) => ({ ...record, existed: true })));
    await store.update(KEY, () => ({ write: 'y' }));
    await store.put(KEY, 'z');
    expect(await store.rename(KEY, '["","e","u"]')).toBe('renamed');
    expect((await collect(store.scan())).flat()).toHaveLength(2);
    await store.read([KEY, '["","d","u"]', '["","e","u"]']);
    expect(await store.remove('["","d","u"]')).toBe(true);
  });

  it.each(['SCAN', 'MGET', 'MSET', 'WATCH', 'MULTI', 'EXISTS', 'PTTL'])(
    'without %s, which its Redis has under another name, is told so',
    async (name) => {
      const { url } = await redis({ arguments: ['--rename-command', name, 'SECRET-NAME'] });
      const store = await storeAt(url);
      await (await direct(url)).call('LPUSH', '["","list","u"]', 'x');
      const all = async () => {
        await store.update(KEY, () => ({ write: 'S3CRET' }));
        await store.putAll([{ key: KEY, text: 'S3CRET', existed: true }]);
        await collect(store.scan());
        await store.read([KEY, '["","none","u"]']);
      };
      const error = await all().catch((thrown) => thrown);
      expect(error).toMatchObject({
        kind: 'failed',
        code: 'redis_command_missing',
        message: expect.stringContaining(name),
        hint: expect.stringContaining('rename-command'),
      });
      expect(`${error.message}${error.hint}${error.stack}`).not.toContain('S3CRET');
    },
  );

  it('goes through a Unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vmqctl-redis-'));
    open.push(() => rm(folder, { recursive: true }));
    const path = join(folder, 'redis.sock');
    await redis({ arguments: ['--unixsocket', path] });
    await (await storeAt(`unix://${path}`)).put(KEY, 'x');
    await expect(storeAt(`unix://${path}.none`)).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('ENOENT'),
    });
  });
});

describe('TLS', () => {
  it('checks who answers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vmqctl-tls-'));
    open.push(() => rm(folder, { recursive: true }));
    const altNames = [
      { type: 2 as const, value: 'localhost' },
      { type: 7 as const, ip: '127.0.0.1' },
    ];
    const extensions = [{ name: 'subjectAltName' as const, altNames }];
    const made = await generate([{ name: 'commonName', value: 'redis' }], { extensions });
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await writeFile(cert, made.cert);
    await writeFile(key, made.private);
    const port = await freePort();
    const { port: plain } = await redis({
      arguments: [
        '--tls-port',
        String(port),
        '--tls-cert-file',
        cert,
        '--tls-key-file',
        key,
        '--tls-ca-cert-file',
        cert,
        '--tls-auth-clients',
        'no',
      ],
    });
    for (const host of ['localhost', '127.0.0.1']) {
      await (await storeAt(`rediss://${host}:${port}/0`, { caFile: cert })).put(KEY, 'x');
    }
    await expect(storeAt(`rediss://127.0.0.1:${port}`)).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'redis_certificate',
    });
    await expect(storeAt(`rediss://127.0.0.1:${port}`, { caFile: '/no/such.pem' })).rejects.toMatchObject({
      kind: 'configuration',
    });
    await expect(storeAt(`rediss://127.0.0.1:${plain}`, { deadline: 300 })).rejects.toMatchObject({
      kind: 'unreachable',
    });
    const untold = await storeAt(`redis://127.0.0.1:${port}`, { deadline: 300 });
    await expect(untold.get(KEY)).rejects.toMatchObject({ kind: 'unreachable' });
  });
});

describe('a Redis that refuses', () => {
  it('writes because it is full leaves the record as it was', async () => {
    const { url } = await redis();
    const store = await storeAt(url);
    await store.put(KEY, 'before');
    await (await direct(url)).call('CONFIG', 'SET', 'maxmemory', 1);
    await expect(store.update(KEY, () => ({ write: 'after' }))).rejects.toMatchObject({
      kind: 'failed',
      code: 'redis_full',
    });
    await expect(store.put(KEY, 'after')).rejects.toMatchObject({ code: 'redis_full' });
    expect(await store.get(KEY)).toBe('before');
  });

  it('writes because it is a replica says so', async () => {
    const { url } = await redis();
    const store = await storeAt(url);
    await (await direct(url)).call('REPLICAOF', '127.0.0.1', 1);
    await expect(store.put(KEY, 'x')).rejects.toMatchObject({ kind: 'failed', code: 'redis_read_only' });
    await expect(store.update(KEY, () => ({ write: 'x' }))).rejects.toMatchObject({
      code: 'redis_read_only',
    });
  });

  it('a command that it does not know never makes us show what was to be written', async () => {
    const { url } = await redis({ arguments: ['--rename-command', 'SET', ''] });
    const store = await storeAt(url);
    for (const attempt of [
      () => store.put(KEY, 'S3CRET'),
      () => store.update(KEY, () => ({ write: 'S3CRET' })),
    ]) {
      const error = await attempt().catch((thrown) => thrown);
      expect(error).toMatchObject({ kind: 'failed', code: 'redis_command_missing' });
      expect(`${error.message}${error.hint}${error.stack}${error.cause}`).not.toContain('S3CRET');
    }
  });

  it('every connection is unreachable', async () => {
    const peer = await startPeer((socket) => socket.end('-ERR max number of clients reached\r\n'));
    open.push(peer.stop);
    const attempt = async () => await (await storeAt(`redis://127.0.0.1:${peer.port}`)).get(KEY);
    await expect(attempt()).rejects.toMatchObject({ kind: 'unreachable' });
  });
});

describe('a Redis that does not answer', () => {
  it('because there is none', async () => {
    const port = await freePort();
    await expect(storeAt(`redis://127.0.0.1:${port}`)).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    await expect(storeAt('redis://no-such-host.invalid')).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'redis_unreachable',
    });
  });

  it('though it accepts the connection is given up after the deadline', async () => {
    const peer = await startPeer();
    open.push(peer.stop);
    const settings = { deadline: 200, password: new Secret('S3CRET') };
    const took = await elapsed(() =>
      expect(storeAt(`redis://127.0.0.1:${peer.port}`, settings)).rejects.toMatchObject({
        kind: 'unreachable',
        code: 'redis_timeout',
      }),
    );
    expect(took).toBeGreaterThan(190);
    expect(took).toBeLessThan(2000);
  });

  it('because something else answers', async () => {
    const peer = await startPeer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    open.push(peer.stop);
    const store = await storeAt(`redis://127.0.0.1:${peer.port}`);
    await expect(store.get(KEY)).rejects.toMatchObject({ kind: 'unreachable', code: 'not_redis' });
  });

  it('because it is stopped, is unreachable for reading and unknown for writing', async () => {
    const server = await redis();
    const [reader, writer, remover] = await Promise.all(
      [1, 2, 3].map(() => storeAt(server.url, { deadline: 200 })),
    );
    process.kill(server.pid, 'SIGSTOP');
    await expect(reader?.get(KEY)).rejects.toMatchObject({ kind: 'unreachable', code: 'redis_timeout' });
    await expect(writer?.put(KEY, 'x')).rejects.toMatchObject({
      kind: 'unknown',
      code: 'write_outcome_unknown',
    });
    await expect(remover?.remove(KEY)).rejects.toMatchObject({
      kind: 'unknown',
      hint: expect.stringContaining('vmqctl acl get'),
    });
    process.kill(server.pid, 'SIGCONT');
  });

  it('because it dies between reading and writing, leaves the outcome unknown and writes nothing by half', async () => {
    const server = await redis();
    const store = await storeAt(server.url);
    const update = store.update(KEY, () => {
      process.kill(server.pid, 'SIGKILL');
      return { write: 'x' };
    });
    await expect(update).rejects.toMatchObject({ kind: 'unknown', code: 'write_outcome_unknown' });
    await expect(store.get(KEY)).rejects.toMatchObject({ kind: 'unreachable' });
  });
});

describe('records that are packed', () => {
  const row = (id: string) => `{"client_id":"${id}","username":"u","passhash":"${PASSHASH}"}\n`;
  const page = (...ids: readonly string[]) => {
    const packed = new Packer({}).pack([Buffer.from(ids.map(row).join(''))]);
    if (!packed) throw new Error('these rows can be packed');
    return packed;
  };

  it('are written all at once, or none of them where one is there already', async () => {
    const { url } = await redis();
    const store = await storeAt(url);
    expect(await store.createPacked(page('a', 'b'))).toBe(true);
    expect(await store.createPacked(page('b', 'c'))).toBe(false);
    const texts = await Promise.all(['a', 'b', 'c'].map((id) => store.get(`["","${id}","u"]`)));
    const text = `{"passhash":"${PASSHASH}","subscribe_acl":[],"publish_acl":[]}`;
    expect(texts).toEqual([text, text, undefined]);
  });

  it('are refused as other writes are', async () => {
    const { url } = await redis({ arguments: ['--maxmemory', '1'] });
    const store = await storeAt(url);
    await expect(store.createPacked(page('a'))).rejects.toMatchObject({ kind: 'failed', code: 'redis_full' });
    expect(await store.exists('["","a","u"]')).toBe(false);
  });

  it('may be written or not when Redis is lost before it answers', async () => {
    const server = await redis();
    const store = await storeAt(server.url, { deadline: 300 });
    process.kill(server.pid, 'SIGSTOP');
    await expect(store.createPacked(page('a', 'b'))).rejects.toMatchObject({
      kind: 'unknown',
      code: 'write_outcome_unknown',
    });
  });
});

describe('an exchange', () => {
  it('that fails in one server of a cluster tells what others have done', async () => {
    const server: RedisConnection = {
      call: async (command) => (command === 'MGET' ? [null] : command === 'EXISTS' ? 0 : []),
      callEncoded: async () => null,
      close: () => undefined,
    };
    const cluster: RedisDeployment = {
      on: async (key, work) => {
        if (key === 'gone') throw new Failure('unreachable', 'gone', 'gone', { hint: 'Look.' });
        return await work(server);
      },
      lots: (items) => items.map((item) => [item]),
      walk: (visit) => visit(server),
      onlyServer: undefined,
      close: () => undefined,
    };
    const store = new RedisStore(cluster, { now: () => 0, sleep: async () => undefined });
    const add = (key: string) => ({ key, found: null, write: 'x' });
    const other = { key: 'c', found: 'old', write: 'x' };
    await expect(store.exchange([add('a'), add('b'), other, add('gone')])).rejects.toMatchObject({
      code: 'gone',
      hint: 'Look.',
      details: { settled: 2 },
    });
  });
});

describe('an update', () => {
  it('gives up when others change the record again and again', async () => {
    let attempts = 0;
    const busy: RedisConnection = {
      call: async (command) => {
        if (command === 'EXEC') attempts += 1;
        return command === 'EXEC' ? null : Buffer.from('x');
      },
      callEncoded: async () => null,
      close: () => undefined,
    };
    const store = new RedisStore(new OneServer(busy), { now: () => 0, sleep: async () => undefined });
    await expect(store.update(KEY, () => ({ write: 'y' }))).rejects.toMatchObject({
      kind: 'failed',
      code: 'record_contended',
    });
    expect(attempts).toBe(100);
  });
});
