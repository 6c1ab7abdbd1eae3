import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nodeProbe, redisProbe } from '../../../src/lib/cli/probes.js';
import { Secret } from '../../../src/lib/secret.js';
import { freePort } from '../../support/ports.js';
import { type RedisServer, startRedis } from '../../support/redis.js';
import { failureOf, shown } from '../context/temp-folder.js';

const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const node = async (listener: RequestListener) => `http://${await listen(createServer(listener))}`;
const own = { mystatus: [{ 'VerneMQ@a': true, 'VerneMQ@b': true }] };
const STATUS = JSON.stringify([{ 'VerneMQ@a': own, 'VerneMQ@b': own }]);
const CLUSTER = JSON.stringify({
  table: [
    { Node: 'VerneMQ@a', Running: true },
    { Node: 'VerneMQ@b', Running: true },
  ],
  type: 'table',
});
const answer: RequestListener = (request, response) =>
  void response.end(request.url === '/status.json' ? STATUS : CLUSTER);
const probe = (apiKeyHeader: 'basic' | 'x-api-key' = 'basic', apiKey?: Secret) =>
  nodeProbe({ apiKey, apiKeyHeader, authorities: undefined, deadline: 300 });
const KEY = new Secret('S3cret');

describe('a node', () => {
  it('says which members it reaches; the key is tried only once that is known', async () => {
    const seen: unknown[] = [];
    const url = await node((request, response) => {
      seen.push([request.url, request.headers.authorization]);
      answer(request, response);
    });
    expect(await probe('basic', KEY)(url)).toBe('answers; reaches VerneMQ@a, VerneMQ@b');
    expect(seen).toEqual([
      ['/status.json', undefined],
      ['/api/v1/cluster/show', `Basic ${Buffer.from('S3cret:').toString('base64')}`],
    ]);
    seen.length = 0;
    await probe()(url);
    expect(seen).toEqual([
      ['/status.json', undefined],
      ['/api/v1/cluster/show', undefined],
    ]);
  });

  it('whose /status.json is open to all still has to take the key', async () => {
    const url = await node((request, response) => {
      if (request.url === '/status.json') response.end(STATUS);
      else response.writeHead(401).end();
    });
    const failure = await failureOf(probe('basic', KEY)(url));
    expect(failure).toMatchObject({ kind: 'credentials', code: 'unauthorized' });
    expect(shown(failure)).not.toMatch(/S3cret|UzNjcmV0/);
    // Without a key it will not do either: the first real command would be refused.
    expect(await failureOf(probe()(url))).toMatchObject({ kind: 'credentials', code: 'unauthorized' });
  });

  it.each([
    ['basic', 'authorization', `Basic ${Buffer.from('S3cret:').toString('base64')}`],
    ['x-api-key', 'x-api-key', 'S3cret'],
  ] as const)('gets the key when it asks for one (%s)', async (way, header, value) => {
    const url = await node((request, response) => {
      if (request.headers[header] === value) answer(request, response);
      else response.writeHead(401).end();
    });
    expect(await probe(way, KEY)(url)).toContain('answers');
  });

  it('that refuses the key, or wants one that we do not have, is about credentials', async () => {
    const url = await node((_, response) => response.writeHead(401).end());
    for (const failure of [await failureOf(probe('basic', KEY)(url)), await failureOf(probe()(url))]) {
      expect(failure).toMatchObject({ kind: 'credentials', code: 'unauthorized' });
      expect(shown(failure)).not.toMatch(/S3cret|UzNjcmV0/);
    }
  });

  it.each([
    [404, ''],
    [200, '<html>'],
    [200, '{}'],
    [200, '[]'],
    [200, '[null]'],
  ])('that answers %i %j is no VerneMQ', async (status, body) => {
    const url = await node((_, response) => response.writeHead(status).end(body));
    expect(await failureOf(probe()(url))).toMatchObject({ kind: 'unreachable' });
  });

  it.each([
    ['says nothing', () => undefined],
    ['stops half-way', ((_, response) => void response.write('[{')) as RequestListener],
  ])('that %s is unreachable once the deadline is over', async (_, listener) => {
    const begun = Date.now();
    expect(await failureOf(probe()(await node(listener)))).toMatchObject({
      kind: 'unreachable',
      code: 'no_answer',
    });
    expect(Date.now() - begun).toBeLessThan(2000);
  });

  it('that closes the connection, speaks no HTTP, or is not there, is unreachable', async () => {
    const closing = await node((request) => request.socket.destroy());
    const babbling = `http://${await listen(createTcpServer((socket) => socket.end('hello\r\n')))}`;
    for (const url of [closing, babbling, `http://127.0.0.1:${await freePort()}`]) {
      expect(await failureOf(probe()(url))).toMatchObject({ kind: 'unreachable' });
    }
  });

  it('that speaks plain HTTP where TLS is expected is told as such', async () => {
    const url = await node((_, response) => response.end(STATUS));
    expect(await failureOf(probe()(url.replace('http:', 'https:')))).toMatchObject({
      kind: 'unreachable',
      code: 'not_http',
    });
  });
});

describe('a Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis({ password: 'S3cret' });
  });
  afterAll(() => redis.stop());

  it('answers PING', async () => {
    expect(await redisProbe({ password: KEY, caFile: undefined, deadline: 2000 })(redis.url)).toBe(
      'answers PING',
    );
  });

  it.each([undefined, new Secret('wrong')])(
    'that refuses the password is about credentials',
    async (password) => {
      const failure = await failureOf(redisProbe({ password, caFile: undefined, deadline: 2000 })(redis.url));
      expect(failure).toMatchObject({ kind: 'credentials' });
      expect(shown(failure)).not.toContain('wrong');
    },
  );

  it('that is not there, or says nothing, is unreachable', async () => {
    const silent = `redis://${await listen(createTcpServer(() => undefined))}`;
    for (const url of [`redis://127.0.0.1:${await freePort()}`, silent, 'unix:///none/at/all.sock']) {
      expect(await failureOf(redisProbe({ caFile: undefined, deadline: 300 })(url))).toMatchObject({
        kind: 'unreachable',
      });
    }
  });
});
