import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { freePort } from './ports.js';

export interface RedisServer {
  readonly port: number;
  readonly pid: number;
  /** `redis://127.0.0.1:PORT/0` */
  readonly url: string;
  /** Ends the server, also one that is stopped by SIGSTOP. */
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  /** `requirepass` */
  readonly password?: string;
  /** A free one, if not given. */
  readonly port?: number;
  /** More arguments of redis-server, such as `['--maxmemory', '1mb']`. */
  readonly arguments?: readonly string[];
  /** Starts a sentinel with this configuration instead. */
  readonly sentinel?: string;
}

/** Starts a redis-server that keeps nothing, on a free port of the loopback interface, and waits until it answers. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const password = options.password === undefined ? [] : ['--requirepass', options.password];
  const server = spawn(
    'redis-server',
    [
      ...(options.sentinel === undefined ? [] : [options.sentinel, '--sentinel']),
      '--bind',
      '127.0.0.1',
      '--port',
      String(port),
      '--save',
      '',
      '--appendonly',
      'no',
      ...password,
      ...(options.arguments ?? []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await started(server, port);
  return { port, pid: server.pid ?? 0, url: `redis://127.0.0.1:${port}/0`, stop: () => stop(server) };
}

async function started(server: ChildProcess, port: number): Promise<void> {
  const output: string[] = [];
  for (const stream of [server.stdout, server.stderr])
    stream?.on('data', (text) => output.push(String(text)));
  let ended: string | undefined;
  server.once(
    'error',
    (error) =>
      (ended = `redis-server cannot be run: ${error.message}. Install it, on Debian: apt-get install redis-server`),
  );
  server.once('exit', (code) => (ended = `redis-server ended with ${code}: ${output.join('')}`));
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (ended !== undefined) throw new Error(ended);
    if (await answers(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  server.kill('SIGKILL');
  throw new Error(`redis-server does not answer: ${output.join('')}`);
}

/** Any reply will do, also that a password is needed. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('data', () => settle(true));
  });
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  server.kill('SIGKILL');
  await gone;
}
