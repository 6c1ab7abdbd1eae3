import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { recordKey } from '../../../src/lib/acl/key.js';
import { hashPassword } from '../../../src/lib/acl/password.js';
import type { ConnectRequest, Message } from '../../../src/lib/probe/client.js';
import { connectMqtt } from '../../../src/lib/probe/mqtt-client.js';
import { type Sandbox, startSandbox } from '../../../src/lib/sandbox/cluster.js';
import { recordsFrom } from '../../../src/lib/sandbox/records.js';
import { Secret } from '../../../src/lib/secret.js';
import { failure } from '../../support/failure.js';

let sandbox: Sandbox;
let folder: string;
let certificate: { readonly cert: string; readonly private: string };
beforeAll(async () => {
  sandbox = await startSandbox({ nodes: 1, joined: true, apiMode: 'noauth' });
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-probe-client-'));
  const extensions = [{ name: 'subjectAltName' as const, altNames: [{ type: 7 as const, ip: '127.0.0.1' }] }];
  certificate = await generate([{ name: 'commonName', value: 'probe' }], { extensions });
  await writeFile(join(folder, 'ca.pem'), certificate.cert);
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});

const port = () => Number(new URL(sandbox.nodes[0]?.mqttUrl ?? '').port);
const request = (more: Partial<ConnectRequest> = {}): ConnectRequest => ({
  url: sandbox.nodes[0]?.mqttUrl ?? '',
  clientId: `probe-${Math.random()}`,
  protocol: '3.1.1',
  credentials: undefined,
  caFile: null,
  deadline: 2000,
  ...more,
});

/** @returns its port */
async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const toBroker = (socket: NodeJS.ReadWriteStream) => {
  const broker: Socket = connectTcp(port(), '127.0.0.1');
  for (const one of [broker, socket]) one.on('error', () => undefined);
  broker.pipe(socket).pipe(broker);
};

const tlsPort = () => listen(createTlsServer({ cert: certificate.cert, key: certificate.private }, toBroker));

/** As the broker's websocket listener: only on /mqtt, and only for the subprotocol mqtt. */
async function websocketPort(server: Server): Promise<number> {
  const { WebSocketServer, createWebSocketStream } = createRequire(
    createRequire(import.meta.url).resolve('mqtt'),
  )('ws');
  const sockets = new WebSocketServer({
    server,
    path: '/mqtt',
    handleProtocols: (all: Set<string>) => all.has('mqtt') && 'mqtt',
  });
  sockets.on('connection', (socket: unknown) => toBroker(createWebSocketStream(socket)));
  return await listen(server);
}

/** Publishes to itself and waits for it. */
async function roundTrip(more: Partial<ConnectRequest>): Promise<Message> {
  let arrived: (message: Message) => void = () => undefined;
  const message = new Promise<Message>((resolve) => (arrived = resolve));
  const client = await connectMqtt(request({ ...more, onMessage: arrived }));
  try {
    await client.subscribe('round/trip', 2);
    await client.publish('round/trip', 'hello', { qos: 2 });
    return await message;
  } finally {
    await client.end();
  }
}

describe('connectMqtt', () => {
  it('speaks over TCP, TLS, websockets, and websockets over TLS', async () => {
    const { createServer: http } = await import('node:http');
    const { createServer: https } = await import('node:https');
    const tls = await tlsPort();
    const ws = await websocketPort(http());
    const wss = await websocketPort(https({ cert: certificate.cert, key: certificate.private }));
    const caFile = join(folder, 'ca.pem');
    const expected = { topic: 'round/trip', payload: 'hello', retain: false };
    expect(await roundTrip({})).toEqual(expected);
    expect(await roundTrip({ url: `mqtts://127.0.0.1:${tls}`, caFile })).toEqual(expected);
    expect(await roundTrip({ url: `ws://127.0.0.1:${ws}/mqtt` })).toEqual(expected);
    expect(await roundTrip({ url: `wss://127.0.0.1:${wss}/mqtt`, caFile })).toEqual(expected);
  });

  it.each(['mqtts', 'wss'])('does not trust a certificate of nobody it knows (%s)', async (scheme) => {
    const url = `${scheme}://127.0.0.1:${await tlsPort()}/mqtt`;
    const refused = await failure(connectMqtt(request({ url })));
    expect(refused).toMatchObject({ kind: 'unreachable', code: 'mqtt_certificate' });
    expect(refused.hint).toContain('--ca-file');
  });

  it('refuses a file of authorities that has none in it', async () => {
    const caFile = join(folder, 'empty.pem');
    await writeFile(caFile, '');
    expect(await failure(connectMqtt(request({ caFile })))).toMatchObject({ kind: 'configuration' });
  });

  it('tells a closed port, a silent peer and one that hangs up apart', async () => {
    const unused = createServer();
    const closed = await listen(unused);
    await new Promise<void>((resolve) => void unused.close(() => resolve()));
    const silent = await listen(createServer((socket) => void socket.on('error', () => undefined)));
    const rude = await listen(createServer((socket) => void socket.once('data', () => socket.end())));
    const at = (where: number) =>
      failure(connectMqtt(request({ url: `mqtt://127.0.0.1:${where}`, deadline: 300 })));
    expect(await at(closed)).toMatchObject({ kind: 'unreachable', message: 'connection refused' });
    expect(await at(silent)).toMatchObject({ code: 'mqtt_timeout' });
    expect(await at(rude)).toMatchObject({ code: 'mqtt_closed' });
  });

  it('says when the listener does not take MQTT 5', async () => {
    const refused = await failure(connectMqtt(request({ protocol: '5' })));
    expect(refused).toMatchObject({ kind: 'unreachable', code: 'mqtt_version' });
  });

  it('is interrupted at once', async () => {
    const silent = await listen(createServer((socket) => void socket.on('error', () => undefined)));
    const signal = AbortSignal.timeout(20);
    const waiting = connectMqtt(request({ url: `mqtt://127.0.0.1:${silent}`, deadline: 60_000, signal }));
    expect(await failure(waiting)).toMatchObject({ kind: 'interrupted' });
  });

  it('fails what is asked of a connection that is gone, instead of keeping it for another one', async () => {
    const client = await connectMqtt(request());
    await client.end();
    expect(client.isConnected).toBe(false);
    expect(await failure(client.publish('t', 'x', { qos: 1 }))).toMatchObject({ code: 'mqtt_lost' });
    expect(await failure(client.subscribe('t', 1))).toMatchObject({ code: 'mqtt_lost' });
  });
});

describe('a connection to a node that is frozen', () => {
  /** It lets a client in, and says nothing more. @returns when its client has gone */
  async function frozen(): Promise<{ readonly url: string; readonly gone: Promise<unknown> }> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      // CONNACK of MQTT 3.1.1: accepted, no session.
      socket.once('data', () => socket.write(Buffer.from([0x20, 2, 0, 0])));
    });
    const gone = new Promise((resolve) => {
      server.once('connection', (socket) => socket.once('close', resolve).resume());
    });
    return { url: `mqtt://127.0.0.1:${await listen(server)}`, gone };
  }

  it('is cut off when it ends, however much is still unanswered', async () => {
    const { url, gone } = await frozen();
    const client = await connectMqtt(request({ url, deadline: 300 }));
    const unanswered = failure(client.publish('t', 'x', { qos: 1 }));
    await client.end();
    expect(client.isConnected).toBe(false);
    await gone;
    expect(await unanswered).toMatchObject({ kind: 'unreachable' });
  });

  it('is not told to have no listener: it did let the client in', async () => {
    const { url } = await frozen();
    const client = await connectMqtt(request({ url, deadline: 300 }));
    expect(await failure(client.publish('t', 'x', { qos: 1 }))).toMatchObject({
      code: 'mqtt_unanswered',
      message: 'it let the client in, and acknowledges nothing: no answer within 0.3 s',
      hint: expect.stringContaining('allow_publish_during_netsplit'),
    });
    await client.end();
  });

  it('lets any number of answers be waited for without a warning', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning.message);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const { url } = await frozen();
    const client = await connectMqtt(request({ url, deadline: 300 }));
    const all = Array.from({ length: 20 }, () => failure(client.publish('t', 'x', { qos: 1 })));
    expect(await Promise.all(all)).toHaveLength(20);
    await client.end();
    expect(warnings).toEqual([]);
  });
});

describe('connectMqtt with records', () => {
  it('tells a wrong password from no credentials and from a forbidden topic', async () => {
    const record = {
      passhash: await hashPassword('right', 4),
      publish_acl: [],
      subscribe_acl: [{ pattern: 'ok' }],
    };
    const key = recordKey({ mountpoint: '', clientId: '*', username: 'user' });
    const records = recordsFrom(new Map([[key, JSON.stringify(record)]]));
    const guarded = await startSandbox({ nodes: 1, joined: true, apiMode: 'noauth', records });
    onTestFinished(() => guarded.close());
    const url = guarded.nodes[0]?.mqttUrl ?? '';
    const login = (password: string) =>
      request({ url, credentials: { username: 'user', password: new Secret(password) } });
    const wrong = await failure(connectMqtt(login('wrong-password')));
    expect(wrong).toMatchObject({ kind: 'credentials', code: 'mqtt_bad_credentials' });
    expect(`${wrong.message}${wrong.hint}`).not.toContain('wrong-password');
    expect(await failure(connectMqtt(request({ url })))).toMatchObject({ code: 'mqtt_not_authorized' });
    const client = await connectMqtt(login('right'));
    await client.subscribe('ok', 1);
    expect(await failure(client.subscribe('no', 1))).toMatchObject({
      kind: 'credentials',
      code: 'subscribe_refused',
    });
    await client.end();
  });
});
