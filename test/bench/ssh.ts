import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Readable } from 'node:stream';
import type { SshHost } from '../../src/lib/ssh/host.js';
import { connectHost } from '../../src/lib/ssh/ssh-hosts.js';
import type { Sshd } from '../support/sshd.js';

const COMMANDS = 300;
/** What one round carries. */
const BYTES = 256 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 'vmqctl ');

export interface SshFigures {
  /** Commands per second over one connection, one after the other. */
  readonly sequential: number;
  /** The same, all asked for at once: sshd runs ten at a time. */
  readonly parallel: number;
  /** Bytes per second from the far side of a tunnel. */
  readonly tunnel: number;
  /** The same through `ssh -W`. */
  readonly binary: number;
}

/** What the SSH client does on the loopback interface, against a real sshd; the best of so many rounds. */
export async function measureSsh(sshd: Sshd, rounds: number): Promise<SshFigures> {
  const host = connectHost(sshd.url, { home: sshd.home, environment: {} });
  const source = await startSource();
  try {
    const { port } = source.address() as AddressInfo;
    await host.run('true');
    const throughTunnel = async () => rate(await host.openStream('127.0.0.1', port));
    const throughBinary = () => rateOfBinary(sshd, port);
    // They take turns, so that a busy moment of the machine hits both.
    const rates: { tunnel: number; binary: number }[] = [];
    for (let round = 0; round < rounds; round += 1)
      rates.push({ tunnel: await throughTunnel(), binary: await throughBinary() });
    return {
      sequential: await best(() => inTurn(host), rounds),
      parallel: await best(() => atOnce(host), rounds),
      tunnel: Math.max(...rates.map(({ tunnel }) => tunnel)),
      binary: Math.max(...rates.map(({ binary }) => binary)),
    };
  } finally {
    host.close();
    source.close();
  }
}

async function inTurn(host: SshHost): Promise<void> {
  for (let count = 0; count < COMMANDS; count += 1) await host.run('true');
}

const atOnce = async (host: SshHost): Promise<void> => {
  await Promise.all(Array.from({ length: COMMANDS }, () => host.run('true')));
};

/** Commands per second. */
async function best(run: () => Promise<void>, rounds: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await run();
    least = Math.min(least, performance.now() - started);
  }
  return COMMANDS / (least / 1000);
}

/** Writes what a round carries to whoever connects, also when they have nothing more to say. */
async function startSource(): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let left = BYTES / CHUNK.length;
    const write = () => {
      while (left > 0) {
        left -= 1;
        if (!socket.write(CHUNK)) return;
      }
      socket.end();
    };
    socket.on('drain', write).on('error', () => undefined);
    write();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Bytes per second from the first byte on. */
async function rate(stream: Readable): Promise<number> {
  let size = 0;
  let started = 0;
  for await (const chunk of stream) {
    if (size === 0) started = performance.now();
    size += (chunk as Buffer).length;
  }
  if (size !== BYTES) throw new Error(`${size} bytes came instead of ${BYTES}`);
  return size / ((performance.now() - started) / 1000);
}

async function rateOfBinary({ home, keyFile, port }: Sshd, target: number): Promise<number> {
  const options = ['-F', 'none', '-i', keyFile, '-p', String(port), '-o', 'BatchMode=yes'];
  const known = ['-o', `UserKnownHostsFile=${home}/.ssh/known_hosts`];
  const ssh = spawn('ssh', [...options, ...known, '-W', `127.0.0.1:${target}`, '127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return rate(ssh.stdout);
}
