import http from 'node:http';
import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpAdminRpc } from '../../../../src/lib/admin/http/client.js';
import { Secret } from '../../../../src/lib/secret.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A peer that does what it likes with a connection. */
async function peer(onSocket: (socket: net.Socket) => void): Promise<string> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return listen(server);
}

/** An HTTP server that records what it was asked. */
async function broker(answer: (path: string) => { status: number; body: string; type?: string }) {
  const requests: http.IncomingMessage[] = [];
  const connections = new Set<net.Socket>();
  const server = http.createServer((request, response) => {
    requests.push(request);
    const { status, body } = answer(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  server.on('connection', (socket) => connections.add(socket));
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return { url: await listen(server), requests, connections };
}

async function listen(server: net.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

function client(url: string, apiKey?: string, apiKeyHeader: 'basic' | 'x-api-key' = 'basic'): HttpAdminRpc {
  const rpc = new HttpAdminRpc({
    url,
    apiKeyHeader,
    apiKey: apiKey === undefined ? undefined : new Secret(apiKey),
  });
  closers.push(() => rpc.close());
  return rpc;
}

const SHOW = { words: ['cluster', 'show'] };
const LEAVE = { words: ['cluster', 'leave'], arguments: [['node', 'a@b']] as const };
const TABLE = JSON.stringify({ type: 'table', table: [{ Node: 'a@b', Running: true }] });

describe('a call', () => {
  it('gives the typed elements of the reply', async () => {
    const { url } = await broker(() => ({ status: 200, body: `[${TABLE},{"type":"text","text":"x"}]` }));
    expect(await client(url).call(SHOW, { deadline: 1000 })).toMatchObject({
      outcome: 'done',
      elements: [
        { type: 'table', rows: [{ Node: 'a@b', Running: true }] },
        { type: 'text', text: 'x' },
      ],
    });
  });

  it('keeps its connection for the next one', async () => {
    const { url, connections } = await broker(() => ({ status: 200, body: TABLE }));
    const rpc = client(url);
    for (let count = 0; count < 5; count += 1) await rpc.call(SHOW, { deadline: 1000 });
    expect(connections.size).toBe(1);
  });

  it('sends the key as the user name with a colon, or as x-api-key, never both', async () => {
    const { url, requests } = await broker(() => ({ status: 200, body: TABLE }));
    await client(url, 'k3y').call(SHOW, { deadline: 1000 });
    await client(url, 'k3y', 'x-api-key').call(SHOW, { deadline: 1000 });
    await client(url).call(SHOW, { deadline: 1000 });
    expect(requests.map(({ headers }) => [headers.authorization, headers['x-api-key']])).toEqual([
      [`Basic ${Buffer.from('k3y:').toString('base64')}`, undefined],
      [undefined, 'k3y'],
      [undefined, undefined],
    ]);
  });

  it('never sends the key for what needs none', async () => {
    const { url, requests } = await broker(() => ({
      status: 200,
      body: '[{"a@b":{"mystatus":[{"a@b":true}],"version":"2.1.2"}}]',
    }));
    await client(url, 'k3y').views({ deadline: 1000 });
    await client(url, 'k3y').isOpen({ deadline: 1000 });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });
});

describe('a peer that does not behave', () => {
  it.each([
    ['accepts and never answers', () => undefined, 'leave_in_progress', 'no_answer'],
    [
      'closes without an answer',
      (socket: net.Socket) => socket.once('data', () => socket.destroy()),
      'leave_in_progress',
      'no_answer',
    ],
    [
      'stops in the middle of an answer',
      (socket: net.Socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"ty')),
      'leave_in_progress',
      'no_answer',
    ],
    [
      'stalls in the middle of an answer',
      (socket: net.Socket) =>
        socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"ty')),
      'leave_in_progress',
      'no_answer',
    ],
    [
      'speaks something else',
      (socket: net.Socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
      'leave_in_progress',
      'not_http',
    ],
    [
      'talks garbage',
      (socket: net.Socket) =>
        socket.once('data', () =>
          socket.end(Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 37) % 256))),
        ),
      'leave_in_progress',
      'not_http',
    ],
  ])(
    'and %s costs the deadline at most and is told by its code',
    async (_name, behave, leaveCode, showCode) => {
      const url = await peer(behave);
      const started = Date.now();
      expect((await client(url).call(LEAVE, { deadline: 300 })).code).toBe(leaveCode);
      expect((await client(url).call(SHOW, { deadline: 300 })).code).toBe(showCode);
      await expect(client(url).views({ deadline: 300 })).rejects.toMatchObject({ kind: 'unreachable' });
      expect(Date.now() - started).toBeLessThan(3000);
    },
  );

  it('such as a web server of another kind is not taken for a broker', async () => {
    for (const body of [
      '<html></html>',
      '{}',
      '[]',
      '[{}]',
      '[{"a@b":{}}]',
      'null',
      '[{"a@b":{"mystatus":[7]}}]',
      '[{"a@b":{"mystatus":[]}}]',
    ]) {
      const { url } = await broker(() => ({ status: 200, body }));
      expect(await client(url).call(SHOW, { deadline: 1000 })).toMatchObject({
        outcome: 'failed',
        code: 'garbled_reply',
      });
      await expect(client(url).views({ deadline: 1000 })).rejects.toMatchObject({
        kind: 'unreachable',
        code: 'garbled_reply',
      });
    }
  });

  it('and lists nobody gives no membership', async () => {
    for (const table of [[], [{ Node: { toString: 1, valueOf: 1 }, Running: true }]]) {
      const { url } = await broker((path) =>
        path === '/metrics'
          ? { status: 404, body: '' }
          : { status: 200, body: JSON.stringify({ type: 'table', table }) },
      );
      await expect(client(url).membership({ deadline: 1000 })).rejects.toMatchObject({
        kind: 'unreachable',
        code: 'garbled_reply',
      });
    }
  });

  it('takes plain text too, of which /metrics is: the broker answers 406 to whoever wants JSON alone', async () => {
    const { url, requests } = await broker(() => ({ status: 200, body: '' }));
    await client(url).page('/metrics', { deadline: 1000 });
    expect(requests[0]?.headers.accept).toBe('application/json, */*;q=0.1');
  });

  it('and answers 500 to /status.json once, as while a node drops out, is asked again', async () => {
    let count = 0;
    const { url } = await broker(() =>
      count++ === 0
        ? { status: 500, body: '' }
        : { status: 200, body: '[{"a@b":{"mystatus":[{"a@b":true}],"version":"2.1.2"}}]' },
    );
    expect((await client(url).views({ deadline: 1000 })).self).toBe('a@b');
  });
});

describe('no peer', () => {
  it('is unreachable, at once', async () => {
    const url = await peer(() => undefined);
    for (const close of closers.splice(0)) close();
    expect(await client(url).call(LEAVE, { deadline: 1000 })).toMatchObject({
      outcome: 'failed',
      code: 'unreachable',
    });
  });

  it('and a call that is interrupted ends at once', async () => {
    const url = await peer(() => undefined);
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 50);
    await expect(client(url).call(LEAVE, { deadline: 0, signal: interrupt.signal })).rejects.toMatchObject({
      kind: 'interrupted',
    });
  });
});
