import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectRedis } from '../../src/lib/acl/redis-connect.js';
import { type Sandbox, startSandbox } from '../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../src/lib/sandbox/handle.js';
import type { SandboxOptions } from '../../src/lib/sandbox/options.js';
import { type CliResult, vmqctl } from '../support/cli.js';
import { type RedisServer, startRedis } from '../support/redis.js';

let folder: string;
let redis: RedisServer;
let sandbox: Sandbox | undefined;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-probe-'));
});
afterEach(async () => {
  await sandbox?.close();
  sandbox = undefined;
  await rm(folder, { recursive: true });
});

async function start(options: Partial<SandboxOptions> = {}): Promise<readonly SandboxNode[]> {
  sandbox = await startSandbox({ nodes: 5, joined: true, apiMode: 'noauth', ...options });
  return sandbox.nodes;
}

const QUICK = ['--count', '5', '--interval', '10ms', '--wait', '2s'];
const withRecords = () => ({ redisUrl: redis.url });
const provision = () => ['--provision', '--redis', redis.url];
const environment = () => ({ VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder });
const argumentsOf = (args: readonly string[]) => [
  ...['cluster', 'probe', '--node', sandbox?.nodes[0]?.httpUrl ?? '', ...args],
];
const probe = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> =>
  vmqctl(argumentsOf(args), { env: { ...environment(), ...env }, timeout: 60_000 });

async function rows(command: string): Promise<readonly unknown[]> {
  const reply = await fetch(`${sandbox?.nodes[0]?.httpUrl}/api/v1/${command}`);
  return ((await reply.json()) as { table: unknown[] }).table;
}

/** All that a probe could leave anywhere. */
async function leftovers(): Promise<Record<string, readonly unknown[]>> {
  const connection = await connectRedis({ url: redis.url, deadline: 2000 });
  const records = (await connection.call('KEYS', '*')) as unknown[];
  connection.close();
  return {
    sessions: await rows('session/show?--client_id&--limit=1000'),
    retained: await rows('retain/show?--topic'),
    records: records.map(String),
    journals: await readdir(join(folder, 'probes')).catch(() => []),
  };
}

const NOTHING = { sessions: [], retained: [], records: [], journals: [] };

async function expectNothingLeft(): Promise<void> {
  await until(async () => JSON.stringify(await leftovers()) === JSON.stringify(NOTHING)).catch(
    () => undefined,
  );
  expect(await leftovers()).toEqual(NOTHING);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it did not happen within 10 s');
}

/** Starts a probe. @returns once its stderr has said this */
async function probeUntil(said: string, args: readonly string[], env: Record<string, string> = {}) {
  const binary = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
  const child = spawn(process.execPath, [binary, ...argumentsOf(args)], {
    env: { PATH: process.env.PATH, HOME: folder, ...environment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`it ended before: ${text}`);
    return text.includes(said);
  });
  return child;
}

async function endWith(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  return gone;
}

describe('cluster probe', () => {
  it('finds every message of five nodes on all of them, and leaves nothing behind', async () => {
    const nodes = await start();
    const { stdout, stderr, exitCode } = await probe([...QUICK, '--json']);
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      schema: 'vmqctl.cluster-probe/1',
      verdict: 'ok',
      problems: [],
      leftBehind: null,
    });
    expect(report.pairs).toHaveLength(25);
    for (const pair of report.pairs) {
      expect(pair.all).toMatchObject({
        sent: 15,
        received: 15,
        lost: 0,
        duplicates: 0,
        p50: expect.any(Number),
      });
      expect(Object.keys(pair.byQos)).toEqual(['0', '1', '2']);
    }
    expect(report.shared).toHaveLength(5);
    for (const one of report.shared) expect(one).toMatchObject({ sent: 5, lost: 0, duplicated: 0 });
    expect(report.retained.filter(({ after }: { after: number | null }) => after !== null)).toHaveLength(25);
    expect(report.takeovers).toHaveLength(20);
    for (const one of report.takeovers) expect(one).toMatchObject({ outcome: 'delivered', failure: null });
    expect(report.nodes.map(({ node }: { node: string }) => node)).toEqual(nodes.map(({ name }) => name));
    await expectNothingLeft();
  });

  it('shows the matrix as a table', async () => {
    await start({ nodes: 2 });
    const { stdout, exitCode } = await probe(QUICK);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Published on\s+│ to sim1@127.0.0.1 │ to sim2@127.0.0.1/);
    expect(stdout).toMatch(/sim2@127.0.0.1 │ [\d.]+\/[\d.]+ ms\s+│ [\d.]+\/[\d.]+ ms/);
    expect(stdout).toContain('session takeover: 2 of 2 sessions moved with their queued message');
    expect(stdout).toContain('nothing was left behind');
  });

  it('sets its own records, logs in with them, and removes them', async () => {
    await start(withRecords());
    const { stdout, exitCode } = await probe([...QUICK, ...provision(), '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).verdict).toBe('ok');
    await expectNothingLeft();
  });

  it('exits 77 without credentials, and leaves nothing behind', async () => {
    await start(withRecords());
    const { stdout, exitCode } = await probe(QUICK);
    expect(exitCode).toBe(77);
    expect(stdout).toContain('sim1@127.0.0.1: it refuses the login: not authorised');
    await expectNothingLeft();
  });

  it('exits 69 when a node takes no clients, and probes the others', async () => {
    const nodes = await start({ nodes: 3 });
    await rows(`listener/stop?address=127.0.0.1&port=${new URL(nodes[0]?.mqttUrl ?? '').port}`);
    const { stdout, exitCode } = await probe([...QUICK, '--json']);
    expect(exitCode).toBe(69);
    const report = JSON.parse(stdout);
    expect(report.nodes[0].failure).toMatchObject({ code: 'listener_suspended' });
    expect(report.pairs).toHaveLength(4);
    await expectNothingLeft();
  });

  it('exits 10 when a message takes longer than it may', async () => {
    await start({ nodes: 2 });
    const { stdout, exitCode } = await probe([
      ...QUICK,
      '--max-latency',
      '0.001ms',
      '--skip',
      'takeover,retained,shared',
    ]);
    expect(exitCode).toBe(10);
    expect(stdout).toContain('from sim1@127.0.0.1 to sim2@127.0.0.1 p99 is');
  });

  it('exits 77 when the record lets it log in, and not subscribe', async () => {
    await start({ nodes: 2, ...withRecords() });
    const env = { PROBE_PASSWORD: 'secret-of-the-probe' };
    const name = ['--client-id', '*', '--username', 'prober', '--redis', redis.url];
    const password = ['--password-from', 'env:PROBE_PASSWORD'];
    await vmqctl(['acl', 'set', ...name, ...password, '--cost', '4', '--publish', '#', '--no-subscribe'], {
      env,
    });
    const login = ['--username', 'prober', ...password];
    const { exitCode, stdout } = await probe([...QUICK, ...login, '--json'], env);
    await vmqctl(['acl', 'remove', ...name, '--yes']);
    expect(exitCode).toBe(77);
    expect(JSON.parse(stdout).problems).toMatchObject([
      {
        code: 'subscribe_refused',
        message: expect.stringContaining('sim1@127.0.0.1: it refuses to subscribe'),
      },
      { code: 'subscribe_refused' },
    ]);
    expect(stdout).not.toContain('secret-of-the-probe');
    await expectNothingLeft();
  });

  it('exits 130 when it is interrupted, and leaves nothing behind', async () => {
    await start(withRecords());
    const child = await probeUntil('session takeover', [...QUICK, ...provision()]);
    expect(await endWith(child, 'SIGINT')).toBe(130);
    await expectNothingLeft();
  });

  it.each([
    [['--mqtt', 'sim9@127.0.0.1=mqtt://127.0.0.1:1'], 'which is no member'],
    [['--mqtt', 'sim1@127.0.0.1=mqtt://user:geheim@127.0.0.1:1'], 'has a name or a password'],
    [['--topic-prefix', '$SYS'], 'cannot begin a topic'],
    [['--provision', '--username', 'somebody', '--redis', 'redis://127.0.0.1:1'], 'contradict each other'],
    [['--password-from', 'env:HOME'], 'needs --username'],
  ])('refuses %j', async (args, message) => {
    await start({ nodes: 1 });
    const { exitCode, stderr } = await probe(args);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 64, stderr: expect.stringContaining(message) });
    expect(stderr).not.toContain('geheim');
    await expectNothingLeft();
  });

  it('ends a continuous probe with Ctrl-C: a report, and nothing left', async () => {
    await start({ nodes: 3, ...withRecords() });
    const child = await probeUntil('round 3', [...QUICK, ...provision(), '--continuous', '--json']);
    let stdout = '';
    child.stdout?.on('data', (chunk) => (stdout += chunk));
    expect(await endWith(child, 'SIGINT')).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, verdict: 'ok' });
    await expectNothingLeft();
  });
});

describe('a probe of five nodes that is killed', () => {
  const PHASES: readonly (readonly string[])[] = [
    ['connecting', 'connecting to every node'],
    ['shared', 'shared subscription'],
    ['retained', 'retained messages'],
    ['takeover', 'session takeover'],
    ['messages', 'messages from every node', '--skip', 'shared,takeover'],
    ['cleaning up', 'cleaning up', '--skip', 'shared,takeover'],
  ];

  it.each(PHASES)(
    'with kill -9 while it is %s leaves nothing behind',
    { timeout: 60_000 },
    async (_phase, said = '', ...less) => {
      await start(withRecords());
      const child = await probeUntil(said, [...QUICK, ...provision(), ...less]);
      await endWith(child, 'SIGKILL');
      await expectNothingLeft();
    },
  );

  it.each([0, 15, 30, 60])(
    'with kill -9 %i ms into the takeovers leaves nothing behind',
    { timeout: 60_000 },
    async (milliseconds) => {
      await start();
      const child = await probeUntil('session takeover', [...QUICK]);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      await endWith(child, 'SIGKILL');
      await expectNothingLeft();
    },
  );

  it('together with its watchdog leaves what the next --cleanup removes', { timeout: 60_000 }, async () => {
    await start(withRecords());
    const child = await probeUntil('messages from every node', [...QUICK, ...provision(), '--continuous']);
    const watchdog = await childOf(child.pid ?? 0);
    process.kill(watchdog, 'SIGKILL');
    await endWith(child, 'SIGKILL');
    const before = await leftovers();
    expect(before.records).toHaveLength(10);
    const [journal = ''] = before.journals as string[];
    expect((await stat(join(folder, 'probes', journal))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, 'probes', journal), 'utf8')).not.toMatch(/pass|\$2a/);
    const { exitCode, stdout } = await probe(['--cleanup']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('what it had left behind is removed');
    await expectNothingLeft();
  });

  it('leaves another one that runs alone', { timeout: 60_000 }, async () => {
    await start({ nodes: 2 });
    const child = await probeUntil('round 1', [...QUICK, '--continuous']);
    const { exitCode, stdout } = await probe(['--cleanup']);
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('is left alone'),
    });
    expect(await endWith(child, 'SIGTERM')).toBe(0);
    await expectNothingLeft();
  });
});

/** The one process that it has started, from /proc (proc(5)). */
async function childOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const children = text.trim().split(' ').map(Number);
  expect(children).toHaveLength(1);
  return children[0] ?? 0;
}
