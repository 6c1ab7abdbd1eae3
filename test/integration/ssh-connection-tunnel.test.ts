import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../src/lib/failure.js';
import { connectHost, SshHosts } from '../../src/lib/ssh/ssh-hosts.js';
import { failure } from '../support/failure.js';
import { freePort } from '../support/ports.js';
import { type Sshd, startSshd, until } from '../support/sshd.js';

let sshd: Sshd;
let closed: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
  closed = await startSshd({ config: ['AllowTcpForwarding no'], home: sshd.home });
});
afterAll(async () => {
  await sshd.stop();
  await closed.stop();
});

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const options = () => ({ home: sshd.home, systemFolder: '/nonexistent', environment: {} });

function hostOf({ url }: Sshd) {
  const host = connectHost(url, options());
  cleanups.push(() => host.close());
  return host;
}

/** A server on the loopback interface. @returns its port */
async function serve(onSocket: (socket: Socket) => void, allowHalfOpen = true): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** All up to the end. Those of node:stream/consumers destroy the stream then, and with it what is still to be written. */
function all(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return once(stream, 'end').then(() => Buffer.concat(chunks));
}

const text = async (stream: Duplex) => (await all(stream)).toString();

const errorOf = async (stream: Duplex): Promise<unknown> => (await once(stream, 'error'))[0];

describe('a tunnel', () => {
  it('carries bytes both ways, however many', async () => {
    const port = await serve((socket) => socket.pipe(socket));
    const stream = await hostOf(sshd).openStream('127.0.0.1', port);
    const data = randomBytes(20_000_000);
    stream.end(data);
    expect((await all(stream)).equals(data)).toBe(true);
  });

  it('passes the end of one direction on, and keeps the other open', async () => {
    const port = await serve((socket) => void text(socket).then((heard) => socket.end(`heard ${heard}`)));
    const stream = await hostOf(sshd).openStream('127.0.0.1', port);
    stream.end('all of it');
    expect(await text(stream)).toBe('heard all of it');
  });

  it('ends what is read when the far side ends, and takes what is still written', async () => {
    let heard: Promise<string> | undefined;
    const port = await serve((socket) => {
      socket.end('bye');
      heard = text(socket);
    });
    const stream = await hostOf(sshd).openStream('127.0.0.1', port);
    expect(await text(stream)).toBe('bye');
    stream.end('still here');
    await once(stream, 'close');
    expect(await heard).toBe('still here');
  });

  it('slows the far side down when nobody reads', async () => {
    let written = 0;
    const port = await serve((socket) => {
      const more = () => {
        while (written < 200_000_000) {
          written += 65_536;
          if (!socket.write(Buffer.alloc(65_536))) return void socket.once('drain', more);
        }
      };
      more();
    });
    const stream = await hostOf(sshd).openStream('127.0.0.1', port);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(written).toBeLessThan(50_000_000);
    stream.destroy();
  });

  it('is closed there when it is destroyed here', async () => {
    const gone = new Promise<void>((resolve) => {
      void serve((socket) =>
        socket
          .resume()
          .on('close', resolve)
          .on('end', () => socket.end()),
      ).then(async (port) => {
        const stream = await hostOf(sshd).openStream('127.0.0.1', port);
        stream.destroy();
      });
    });
    await gone;
  });

  it('breaks with an error when the connection is lost, and is not taken for ended', async () => {
    const port = await serve((socket) => socket.write('half of'));
    const stream = await hostOf(sshd).openStream('127.0.0.1', port);
    await once(stream, 'readable');
    const broken = errorOf(stream);
    let hasEnded = false;
    stream.on('end', () => (hasEnded = true));
    await sshd.killConnections();
    expect(await broken).toMatchObject({ kind: 'unreachable', code: 'ssh_lost' });
    expect(hasEnded).toBe(false);
  });

  it('calls back for what is written into a lost connection', async () => {
    const port = await serve((socket) => socket.pause());
    const stream = await hostOf(sshd).openStream('127.0.0.1', port);
    const broken = errorOf(stream);
    const written = new Promise<unknown>((resolve) => stream.write(Buffer.alloc(30_000_000), resolve));
    await sshd.killConnections();
    expect(await broken).toBeInstanceOf(Failure);
    expect(await written).toMatchObject({ code: 'ssh_lost' });
  });

  it('to a port where nothing listens tells what the server said', async () => {
    const error = await failure(hostOf(sshd).openStream('127.0.0.1', await freePort()));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_forward_failed' });
    expect(error.message).toMatch(/Connection refused/);
  });

  it('that the server does not allow says which setting is needed', async () => {
    const error = await failure(hostOf(closed).openStream('127.0.0.1', sshd.port));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_forwarding_refused' });
    expect(error.hint).toContain('AllowTcpForwarding');
  });
});

describe('a jump host', () => {
  const far = (inner: Sshd) => inner.url.replace('ssh://', '');

  it('leads to the next one, with one connection for all that is done there', async () => {
    await writeFile(
      join(sshd.home, '.ssh/config'),
      `Match final all\n  User ignored\nMatch host 127.0.0.1 exec nothing\n`,
    );
    await writeFile(join(sshd.home, '.ssh/config'), '');
    const hosts = new SshHosts(options());
    cleanups.push(() => hosts.close());
    const host = hosts.host(closed.url, sshd.url);
    const { stdout } = await host.run('echo "$SSH_CONNECTION"');
    const { stdout: again } = await host.run('echo "$SSH_CONNECTION"');
    expect(again).toBe(stdout);
    expect(sshd.log()).toMatch(/Accepted publickey/);
  });

  it('of the configuration is taken, by its name there', async () => {
    const [user] = far(closed).split('@');
    await writeFile(
      join(sshd.home, '.ssh/config'),
      `Host inner\n  HostName 127.0.0.1\n  Port ${closed.port}\n  User ${user}\n  ProxyJump bastion\nHost bastion\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  User ${user}\n`,
    );
    const before = sshd.log().split('Accepted publickey').length;
    const host = connectHost('ssh://inner', options());
    cleanups.push(() => host.close());
    expect((await host.run('echo in')).stdout).toBe('in\n');
    expect(sshd.log().split('Accepted publickey').length - before).toBe(1);
    await writeFile(join(sshd.home, '.ssh/config'), '');
  });

  it('that forwards nothing is named as the one to blame', async () => {
    const hosts = new SshHosts(options());
    cleanups.push(() => hosts.close());
    const error = await failure(hosts.host(sshd.url, closed.url).run('true'));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_forwarding_refused' });
    expect(error.message).toContain(closed.url);
  });

  it('that is lost takes what is behind it with it', async () => {
    const hosts = new SshHosts(options());
    cleanups.push(() => hosts.close());
    const host = hosts.host(closed.url, sshd.url);
    await host.run('true');
    const running = failure(host.run('sleep 30'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await sshd.killConnections();
    expect(await running).toMatchObject({ code: 'ssh_lost' });
    expect((await host.run('echo again')).stdout).toBe('again\n');
  });

  it('that is lost while the next one is connected to is no command that may have been carried out', async () => {
    let isReached = false;
    const port = await serve(() => (isReached = true));
    const hosts = new SshHosts(options());
    cleanups.push(() => hosts.close());
    const running = failure(hosts.host(`ssh://u@127.0.0.1:${port}`, sshd.url).run('true'));
    await until(() => isReached, 'nobody comes by way of the jump host');
    await sshd.killConnections();
    const error = await running;
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_unreachable' });
    expect(error.message).toContain(sshd.url);
    expect(error.hint).toContain('Nothing was sent');
  });

  it('that leads to itself is a mistake in the configuration', async () => {
    await writeFile(join(sshd.home, '.ssh/config'), 'Host *\n  ProxyJump a\n');
    expect(() => connectHost('ssh://a', options())).toThrow(/by way of itself/);
    await writeFile(join(sshd.home, '.ssh/config'), '');
  });
});
