import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './ports.js';

const execute = promisify(execFile);

export interface Sshd {
  readonly port: number;
  readonly pid: number;
  /** `ssh://user@127.0.0.1:port` */
  readonly url: string;
  /** What a client that knows and may use it has: `.ssh` with a key, known_hosts and an empty config. */
  readonly home: string;
  /** The key that it lets in. */
  readonly keyFile: string;
  /** `type base64` */
  readonly hostKey: string;
  /** What it has logged so far. */
  log(): string;
  /** Ends the processes that serve its connections, as if the machine's power had failed them. */
  killConnections(): Promise<void>;
  stop(): Promise<void>;
}

export interface SshdOptions {
  /** Lines of sshd_config; the first line of a keyword is the one that counts. */
  readonly config?: readonly string[];
  /** Another home that gets to know this server too, and whose key is let in. */
  readonly home?: string;
  /** Of the host keys. Default ed25519. */
  readonly hostKeyTypes?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
  /** Default: a free one. */
  readonly port?: number;
}

const INSTALL = 'Install OpenSSH, on Debian: apt-get install openssh-server openssh-client';
const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find(existsSync) ?? '/usr/sbin/sshd';

/** Starts a real sshd of its own on the loopback interface, as this user, and waits until it listens. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = await mkdtemp(join(tmpdir(), 'sshd-'));
  const home = options.home ?? join(folder, 'home');
  const port = options.port ?? (await freePort());
  const keyFile = await ensureHome(home);
  const hostKeys = await Promise.all(
    (options.hostKeyTypes ?? ['ed25519']).map((type) => generateKey(join(folder, `host_${type}`), { type })),
  );
  await writeFile(join(folder, 'authorized_keys'), await readFile(`${keyFile}.pub`, 'utf8'));
  await writeFile(join(folder, 'sshd_config'), configuration(folder, port, hostKeys, options.config ?? []));
  // sshd wants it where it is started as root.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const sshd = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const output: string[] = [];
  await listening(sshd, output);
  const hostKey = (await readFile(`${hostKeys[0]}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  await writeFile(join(home, '.ssh/known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`, { flag: 'a' });
  return {
    port,
    pid: sshd.pid ?? 0,
    url: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    home,
    keyFile,
    hostKey,
    log: () => output.join(''),
    killConnections: () => killAll(sshd.pid),
    stop: async () => {
      await killAll(sshd.pid);
      await end(sshd);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface KeyOptions {
  readonly type?: 'ed25519' | 'ecdsa' | 'rsa';
  readonly passphrase?: string;
  /** Such as `PEM`, the format of old. */
  readonly format?: string;
}

/** Makes a pair of keys with ssh-keygen. @returns the path of the private one */
export async function generateKey(path: string, options: KeyOptions = {}): Promise<string> {
  const format = options.format === undefined ? [] : ['-m', options.format];
  const { type = 'ed25519', passphrase = '' } = options;
  await tool('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test key', ...format, '-f', path]);
  return path;
}

export interface Agent {
  readonly socket: string;
  stop(): Promise<void>;
}

/** Starts a real ssh-agent that has these keys. */
export async function startAgent(keyFiles: readonly string[]): Promise<Agent> {
  const folder = await mkdtemp(join(tmpdir(), 'ssh-agent-'));
  const socket = join(folder, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const failed = once(agent, 'error').then(([error]) => Promise.reject(missing('ssh-agent', error)));
  await Promise.race([until(() => existsSync(socket), 'ssh-agent makes no socket'), failed]);
  for (const file of keyFiles) await tool('ssh-add', ['-q', file], { SSH_AUTH_SOCK: socket });
  const stop = async () => {
    await end(agent);
    await rm(folder, { recursive: true, force: true });
  };
  return { socket, stop };
}

/** Runs one of OpenSSH's tools. @returns its standard output */
export async function tool(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  try {
    const { stdout } = await execute(name, args, { env: { ...process.env, ...env } });
    return stdout;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? missing(name, error) : error;
  }
}

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(otherwise);
}

/** Command lines of the running processes by their ids; zombies have none. */
export async function processes(): Promise<Map<number, string>> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    ids.map(
      async (id) => [Number(id), await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')] as const,
    ),
  );
  return new Map(lines.map(([id, line]) => [id, line.split('\0').join(' ').trim()]));
}

async function ensureHome(home: string): Promise<string> {
  const keyFile = join(home, '.ssh/id_ed25519');
  if (existsSync(keyFile)) return keyFile;
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  await writeFile(join(home, '.ssh/config'), '');
  return generateKey(keyFile);
}

function configuration(
  folder: string,
  port: number,
  hostKeys: readonly string[],
  config: readonly string[],
): string {
  return [
    ...config,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map((path) => `HostKey ${path}`),
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    `PidFile ${join(folder, 'sshd.pid')}`,
    // What stands in the .bashrc of whoever runs the tests is none of their business.
    `SetEnv HOME=${folder}`,
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'AllowTcpForwarding yes',
    'MaxStartups 100:30:200',
    'LogLevel VERBOSE',
    '',
  ].join('\n');
}

async function listening(sshd: ChildProcess, output: string[]): Promise<void> {
  let problem: Error | undefined;
  sshd.stderr?.on('data', (text) => output.push(String(text)));
  sshd.once('error', (error) => (problem = missing('sshd', error)));
  sshd.once('exit', (code) => (problem = new Error(`sshd ended with ${code}: ${output.join('')}`)));
  await until(() => {
    if (problem) throw problem;
    return output.join('').includes('Server listening');
  }, 'sshd does not listen');
}

const missing = (program: string, cause: unknown) =>
  new Error(`${program} cannot be run: ${cause instanceof Error ? cause.message : cause}. ${INSTALL}`, {
    cause,
  });

/** The descendants of a process that belong to sshd itself, not the commands that it runs. */
async function killAll(parent: number | undefined): Promise<void> {
  if (parent === undefined) return;
  const { stdout } = await execute('ps', ['-e', '-o', 'pid=,ppid=,comm=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const children = (of: number): number[] =>
    rows
      .filter(([, ppid, comm]) => Number(ppid) === of && comm?.startsWith('sshd'))
      .flatMap(([pid]) => [Number(pid), ...children(Number(pid))]);
  for (const pid of children(parent)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      // It may have ended by itself since.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
