import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { connectNode } from '../../../../src/lib/admin/erlang/index.js';
import { toFailure } from '../../../../src/lib/admin/failure.js';
import { classifyErlangError } from '../../../../src/lib/admin/native/classify-error.js';
import { type Sign, signOf } from '../../../../src/lib/cluster/reap/signs.js';

const NODE = 'c@127.0.0.1';
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A port where every connection is treated so. */
async function listen(treat: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    treat(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

type How = Pick<Parameters<typeof connectNode>[0], 'port' | 'openStream'>;

/** What the failure of a real attempt to connect says of the node. */
async function signAt(address: string, how: How): Promise<Sign['found']> {
  const attempt = connectNode({ node: NODE, cookie: 'x', deadline: 300, ...how });
  const failure = await attempt.then(
    () => undefined,
    (error) => toFailure(address, classifyErlangError(undefined, error)),
  );
  if (!failure) throw new Error('it connected');
  return signOf(address, failure).found;
}

const OWN_PORT = `erl://${NODE}?port=9100`;
const swallowed = { openStream: () => new Promise<never>(() => undefined) };

describe('a node over Erlang distribution whose port is known', () => {
  it('is silent where nobody listens', async () => {
    const port = await listen(() => undefined);
    for (const close of closing.splice(0)) close();
    expect(await signAt(OWN_PORT, { port })).toBe('silent');
  });

  it('is silent where nothing comes back: its host is off, or a firewall swallows it', async () => {
    expect(await signAt(OWN_PORT, { port: 9100, ...swallowed })).toBe('silent');
  });

  it('is silent where nothing comes back through an SSH host', async () => {
    const through = `${OWN_PORT}&via=ssh://ops@bastion`;
    expect(await signAt(through, { port: 9100, ...swallowed })).toBe('silent');
  });

  it('may be alive where the connection is taken and nothing follows, as of a frozen node', async () => {
    expect(await signAt(OWN_PORT, { port: await listen(() => undefined) })).toBe('answers');
  });

  it('may be alive where the connection is taken and closed', async () => {
    expect(await signAt(OWN_PORT, { port: await listen((socket) => socket.end()) })).toBe('answers');
  });
});

it('a node that its epmd knows may be alive, though nothing comes back from its port', async () => {
  expect(await signAt(`erl://${NODE}`, { port: 9100, ...swallowed })).toBe('answers');
});
