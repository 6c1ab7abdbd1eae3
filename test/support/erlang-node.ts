import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from './ports.js';

export interface Epmd {
  readonly port: number;
  stop(): Promise<void>;
}

export interface ErlangNodeProcess {
  /** Such as `vmq@127.0.0.1`. */
  readonly name: string;
  /** Of the distribution. */
  readonly port: number;
  /** As if its machine had lost power. */
  kill(): Promise<void>;
  /** As an operator stops it. */
  stop(): Promise<void>;
  /** Freezes it; its connections stay open. */
  suspend(): void;
  resume(): void;
}

export interface ErlangNodeOptions {
  readonly epmd: Epmd;
  readonly cookie: string;
  /** The part before the `@`. Default `vmq`. */
  readonly name?: string;
  /** Seconds. */
  readonly netTickTime?: number;
  /** Of application `vmq_test`, as Erlang writes them. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Whether it has the modules of this folder that stand for VerneMQ. Default true. */
  readonly isBroker?: boolean;
  /** More arguments of `erl`. */
  readonly arguments?: readonly string[];
}

const MODULES = [
  'vmq_server_cli',
  'vmq_cluster',
  'vmq_status_http',
  'vmq_queue_sup_sup',
  'vmq_cluster_node_sup',
  'vmq_cluster_node',

  'dist_probe',
];
const INSTALL = 'Install Erlang, on Debian: apt-get install erlang-base';

/** Starts an epmd of its own, on a port that nobody else uses. */
export async function startEpmd(): Promise<Epmd> {
  const port = await freePort();
  const epmd = spawn('epmd', ['-port', String(port), '-address', '127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await untilWritten(epmd, 'epmd', undefined, () => answers(port));
  return { port, stop: () => end(epmd, 'SIGKILL') };
}

/** Starts a node with the modules in test/support/erlang; its name has the address 127.0.0.1. */
export async function startErlangNode(options: ErlangNodeOptions): Promise<ErlangNodeProcess> {
  const home = await mkdtemp(join(tmpdir(), 'erlang-node-'));
  const name = `${options.name ?? 'vmq'}@127.0.0.1`;
  await writeFile(join(home, '.erlang.cookie'), options.cookie, { mode: 0o400 });
  if (options.isBroker !== false) await compile(home);
  const erl = spawn('erl', erlArguments(options, name, home), {
    env: {
      ...process.env,
      HOME: home,
      ERL_EPMD_PORT: String(options.epmd.port),
      ERL_CRASH_DUMP_SECONDS: '0',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  erl.once('exit', () => void rm(home, { recursive: true, force: true }));
  const ready = await untilWritten(erl, 'erl', /port (\d+)\n/);
  return {
    name,
    port: Number(ready?.[1]),
    kill: () => end(erl, 'SIGKILL'),
    stop: () => end(erl, 'SIGTERM'),
    suspend: () => void erl.kill('SIGSTOP'),
    resume: () => void erl.kill('SIGCONT'),
  };
}

/** The node ends with this process, whose end closes its standard input. */
const READY = `
  spawn(fun() -> io:get_line(""), halt() end),
  [Name, Host] = string:split(atom_to_list(node()), "@"),
  {port, Port, _} = erl_epmd:port_please(Name, Host),
  io:format("port ~b~n", [Port]).`;

function erlArguments(options: ErlangNodeOptions, name: string, home: string): string[] {
  const settings = Object.entries(options.settings ?? {});
  return [
    '-noshell',
    '-name',
    name,
    '-start_epmd',
    'false',
    '-pa',
    home,
    '-kernel',
    'inet_dist_use_interface',
    '{127,0,0,1}',
    'net_ticktime',
    String(options.netTickTime ?? 60),
    'logger_level',
    'none',
    ...settings.flatMap(([key, value]) => ['-vmq_test', key, String(value)]),
    ...(options.arguments ?? []),
    '-eval',
    READY.replaceAll('\n', ' '),
  ];
}

async function compile(folder: string): Promise<void> {
  const sources = MODULES.map((name) => fileURLToPath(new URL(`./erlang/${name}.erl`, import.meta.url)));
  await promisify(execFile)('erlc', ['-o', folder, ...sources]).catch((error) => {
    throw error.code === 'ENOENT' ? new Error(`erlc is missing. ${INSTALL}`) : error;
  });
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Waits until the process has written what matches, or until `check` says that it is ready. */
async function untilWritten(
  child: ChildProcess,
  program: string,
  pattern: RegExp | undefined,
  check?: () => Promise<boolean>,
): Promise<RegExpExecArray | null> {
  let output = '';
  let ended: string | undefined;
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += String(text)));
  child.once('error', (error) => (ended = `${program} cannot be run: ${error.message}. ${INSTALL}`));
  child.once('exit', (code, signal) => (ended = `${program} ended with ${code ?? signal}: ${output}`));
  running.add(child);
  child.once('exit', () => running.delete(child));
  for (let attempt = 0; attempt < 1200; attempt += 1) {
    if (ended !== undefined) throw new Error(ended);
    const found = pattern?.exec(output);
    if (found || (await check?.())) return found ?? null;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  child.kill('SIGKILL');
  throw new Error(`${program} does not get ready: ${output}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill(signal);
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(impatience);
}
