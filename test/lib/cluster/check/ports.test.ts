import type net from 'node:net';
import tls from 'node:tls';
import { generate } from 'selfsigned';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dialErlang, dialPort, readCertificateEnd } from '../../../../src/lib/cluster/check/ports.js';
import { BlackHole } from '../../../../src/lib/sandbox/ports/black-hole.js';
import { SandboxEpmd } from '../../../../src/lib/sandbox/ports/epmd.js';
import { Secret } from '../../../../src/lib/secret.js';
import { startFakeNode } from '../../../support/erlang/fake-node.js';
import { startPeer } from '../../../support/peers.js';
import { freePort } from '../../../support/ports.js';

const HOST = '127.0.0.1';
const OPTIONS = { deadline: 500 };

async function peer(): Promise<number> {
  const { port, stop } = await startPeer();
  onTestFinished(stop);
  return port;
}

async function silentPort(): Promise<number> {
  const port = await freePort();
  const hole = await BlackHole.open(port);
  onTestFinished(() => hole.close());
  return port;
}

describe('a port', () => {
  it('is open, refuses or is silent', async () => {
    expect(await dialPort(HOST, await peer(), OPTIONS)).toBe('open');
    expect(await dialPort(HOST, await freePort(), OPTIONS)).toBe('refused');
    expect(await dialPort(HOST, await silentPort(), OPTIONS)).toBe('silent');
  });

  it('is given up when we are interrupted', async () => {
    const stop = new AbortController();
    const dial = dialPort(HOST, await silentPort(), { deadline: 60_000, signal: stop.signal });
    stop.abort();
    await expect(dial).rejects.toMatchObject({ kind: 'interrupted' });
  });
});

describe('an Erlang port', () => {
  const node = 'fake@127.0.0.1';

  /** @param port of the node as epmd says; undefined where it knows none */
  async function dial(port: number | undefined, cookie?: string) {
    const epmd = new SandboxEpmd(() => port);
    await epmd.open();
    onTestFinished(() => epmd.close());
    const secret = cookie === undefined ? undefined : new Secret(cookie);
    return await dialErlang(node, OPTIONS, { cookie: secret, epmdPort: epmd.port });
  }

  it('takes a cookie or does not, and is only open where there is none to try', async () => {
    const fake = await startFakeNode({ name: node, cookie: 'right' });
    onTestFinished(() => fake.stop());
    expect(await dial(fake.port, 'right')).toBe('accepted');
    expect(await dial(fake.port, 'wrong')).toBe('wrong_cookie');
    expect(await dial(fake.port)).toBe('open');
  });

  it('is mute where a frozen node is behind it, whose host takes the connection; without a cookie it is open', async () => {
    const port = await peer();
    expect(await dial(port, 'right')).toBe('mute');
    expect(await dial(port)).toBe('open');
  });

  it('is silent, refuses, or is not registered', async () => {
    expect(await dial(await silentPort())).toBe('silent');
    expect(await dial(await freePort())).toBe('refused');
    expect(await dial(undefined)).toBe('not_registered');
  });

  it('cannot be told of where no epmd is', async () => {
    expect(await dialErlang(node, OPTIONS, { epmdPort: await freePort() })).toBeUndefined();
  });
});

describe('a certificate', () => {
  it('is read from whatever shows one, trusted or not', async () => {
    const ends = new Date(Date.UTC(2031, 4, 6));
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'broker' }], {
      notBeforeDate: new Date(Date.UTC(2020, 0, 1)),
      notAfterDate: ends,
    });
    const server = tls.createServer({ cert, key });
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    onTestFinished(() => void server.close());
    expect(await readCertificateEnd(HOST, (server.address() as net.AddressInfo).port, OPTIONS)).toBe(
      ends.getTime(),
    );
  });

  it('is not there where nothing speaks TLS', async () => {
    expect(await readCertificateEnd(HOST, await peer(), OPTIONS)).toBeUndefined();
    expect(await readCertificateEnd(HOST, await freePort(), OPTIONS)).toBeUndefined();
  });
});
