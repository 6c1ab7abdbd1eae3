import { appendFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../src/lib/sandbox/handle.js';
import { type CliResult, vmqctl } from '../support/cli.js';
import { fill } from '../support/offline-queues.js';
import { type BrokerHost, brokerHost, recordedAnswers } from '../support/ssh-admin/host.js';
import { type SshServerOptions, startSshServer } from '../support/ssh-server.js';
import { type Sshd, startSshd, until } from '../support/sshd.js';

let sshd: Sshd;
let host: BrokerHost;
beforeAll(async () => {
  sshd = await startSshd();
  host = await brokerHost(recordedAnswers());
});
afterAll(async () => {
  await sshd.stop();
  await host.remove();
});

let folder: string;
let sandbox: Sandbox | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-e2e-ssh-'));
});
afterEach(async () => {
  await sandbox?.close();
  sandbox = undefined;
  await rm(folder, { recursive: true });
});

const run = (args: string[], env: Record<string, string> = {}): Promise<CliResult> =>
  vmqctl(args, {
    env: { HOME: sshd.home, VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder, ...env },
    timeout: 60_000,
  });
const onHost = (...args: string[]) => [...args, '--node', sshd.url, '--vmq-admin', host.vmqAdmin];
/** Whether its MQTT listener takes connections: a leave begins with that it does not. */
const serves = (node: SandboxNode) =>
  connectAsync(node.mqttUrl, { reconnectPeriod: 0 }, false).then(
    async (client) => {
      await client.endAsync();
      return true;
    },
    () => false,
  );
const tunnelled = (node: SandboxNode) => `${node.httpUrl}?via=${sshd.url}`;

async function startCluster(): Promise<[SandboxNode, SandboxNode, SandboxNode]> {
  // Slow enough that a test can do something in the middle of a leave.
  const timings = { gossip: 200, stopAfterLeave: 100, deadLeave: 100, queuesPerSecond: 10 };
  sandbox = await startSandbox({ nodes: 3, joined: true, apiMode: 'noauth', timings });
  const [one, two, three] = sandbox.nodes;
  if (!one || !two || !three) throw new Error('the sandbox has too few nodes');
  return [one, two, three];
}

describe('a host over SSH', () => {
  it('is asked with its own vmq-admin', async () => {
    const { stdout, stderr, exitCode } = await run(onHost('listener', 'show', '--json'));
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toContain('44151');
  });

  it('that has no vmq-admin says so, with what to do', async () => {
    const { stderr, exitCode } = await run(['cluster', 'show', '--node', sshd.url]);
    expect(exitCode).toBe(78);
    expect(stderr).toMatch(/there is no vmq-admin on that host[\s\S]*hint: .*--vmq-admin PATH/);
  });

  it('whose key is not known is refused with its fingerprint, and the way to accept it', async () => {
    const { stderr, exitCode } = await run(onHost('cluster', 'show'), { HOME: folder });
    expect(exitCode).toBe(77);
    expect(stderr).toMatch(/host key of ssh:\S+ is not known: it shows ssh-ed25519 SHA256:\S{43}/);
    expect(stderr).toMatch(/hint: .*accept it once with: ssh -p \d+ \S+@127\.0\.0\.1/);
  });

  it('can be saved in a context, with how vmq-admin is run there', async () => {
    const context = ['--node', sshd.url, '--vmq-admin', host.vmqAdmin];
    expect(await run(['context', 'add', 'prod', ...context])).toMatchObject({ exitCode: 0 });
    expect((await run(['context', 'show', '--json'])).stdout).toContain(JSON.stringify(host.vmqAdmin));
    expect((await run(['listener', 'show', '--json'])).stdout).toContain('44151');
  });

  it('--verbose tells how it was reached, key by key, and how the call ended', async () => {
    const { stdout, stderr } = await run(onHost('listener', 'show', '--json', '--verbose'));
    expect(JSON.parse(stdout)).toBeTruthy();
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => line.replace(`${sshd.url}: `, ''));
    expect(lines).toEqual([
      expect.stringMatching(/^connecting to 127\.0\.0\.1 port \d+$/),
      expect.stringMatching(/^its host key is known: ssh-ed25519 SHA256:/),
      expect.stringMatching(/^offering .*id_ed25519$/),
      expect.stringMatching(/^logged in as /),
      expect.stringMatching(/^listener show: done \(\d+ ms\)$/),
    ]);
  });
});

describe('a cluster through a tunnel', () => {
  it('shows what it shows without one, but for the addresses', async () => {
    const [one] = await startCluster();
    const straight = await run(['cluster', 'show', '--json', '--node', one.httpUrl]);
    const { stdout, stderr } = await run(['cluster', 'show', '--json', '--node', tunnelled(one)]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout.replaceAll(`?via=${sshd.url}`, ''))).toEqual(JSON.parse(straight.stdout));
  });

  it('is left by a node although the connection breaks, and all is accounted for', async () => {
    const [one, , three] = await startCluster();
    await fill(three, 30, 1);
    const leaving = run(['cluster', 'leave', `node=${three.name}`, '-k', '--json', '--node', tunnelled(one)]);
    await until(async () => (await serves(three)) === false, 'the leave does not begin');
    await sshd.killConnections();
    const { stdout, exitCode } = await leaving;
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      account: { before: { queues: 30, messages: 30 }, after: { queues: 30, messages: 30 }, missing: [] },
    });
  });
});

describe('cluster leave --logs', () => {
  /** It ends before the folder goes in which it is written. */
  async function whileWritten<Result>(write: () => void, work: () => Promise<Result>): Promise<Result> {
    const writing = setInterval(write, 50);
    try {
      return await work();
    } finally {
      clearInterval(writing);
    }
  }
  const said = (text: string) =>
    `${new Date().toISOString()} [info] <0.1.0> vmq_server_cli:wait_till_all_offline/2:509: ${text}\n`;

  it("has what the node's log says of the migration between its own lines", async () => {
    const [one, , three] = await startCluster();
    await fill(three, 5, 1);
    const log = join(folder, 'console.log');
    await writeFile(log, said('all queues offline: 0 draining, 1 offline, 1 msgs'));
    let count = 0;
    const leave = ['cluster', 'leave', `node=${three.name}`, '-k', '--logs', '--log-file', log];
    const { stderr, exitCode } = await whileWritten(
      () => {
        count += 1;
        appendFileSync(log, said(`intermediate queue summary: ${count} online`) + said('something else'));
      },
      () => run([...leave, '--node', tunnelled(one)]),
    );
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^│ .* intermediate queue summary: \d+ online$/m);
    expect(stderr).not.toMatch(/all queues offline|something else/);
  });

  it('of a staged leave does the same, and only warns where it cannot be read', async () => {
    const [one, , three] = await startCluster();
    await fill(three, 5, 1);
    const log = join(folder, 'staged.log');
    await writeFile(log, '');
    const staged = ['cluster', 'leave', `node=${three.name}`, '--staged', '--yes', '--grace', '0', '--logs'];
    const shown = await whileWritten(
      () => appendFileSync(log, said('intermediate queue summary: 1 online')),
      () => run([...staged, '--log-file', log, '--node', tunnelled(one)]),
    );
    expect(shown.exitCode).toBe(0);
    expect(shown.stderr).toMatch(/^│ .* intermediate queue summary: 1 online$/m);
    const [other, , last] = await startCluster();
    const blind = await run([...staged.with(2, `node=${last.name}`), '--node', other.httpUrl]);
    expect(blind.exitCode).toBe(0);
    expect(blind.stderr).toMatch(/warning: its log is not shown: /);
  });

  it('sends nothing where the log cannot be read', async () => {
    const [one, , three] = await startCluster();
    const leave = ['cluster', 'leave', `node=${three.name}`, '-k', '--logs'];
    const { stderr, exitCode } = await run([...leave, '--node', one.httpUrl]);
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(
      /nothing was sent, because its log cannot be shown: .*\nhint: .*ssh:\/\/USER@HOST/,
    );
    const missing = await run([...leave, '--log-file', `${folder}/none`, '--node', tunnelled(one)]);
    expect(missing.exitCode).toBe(78);
    const { stdout } = await run(['cluster', 'show', '--json', '--node', one.httpUrl]);
    expect(JSON.parse(stdout).nodes).toHaveLength(3);
  });

  it('makes sense only where something migrates', async () => {
    const [one, , three] = await startCluster();
    const { stderr, exitCode } = await run([
      'cluster',
      'leave',
      `node=${three.name}`,
      '--logs',
      '--node',
      one.httpUrl,
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 64, stderr: expect.stringContaining('-k') });
  });
});

describe('a secret', () => {
  const PLANTED = {
    VMQCTL_SSH_PASSWORD: 'planted-Passw0rd',
    VMQCTL_API_KEY: 'planted-api-key',
    VMQCTL_COOKIE: 'PLANTEDCOOKIE',
  };
  /** As they are, and as they travel. */
  const FORMS = Object.values(PLANTED).flatMap((text) => [
    text,
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(`${text}:`).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('hex'),
    encodeURIComponent(text),
  ]);
  const password = PLANTED.VMQCTL_SSH_PASSWORD;

  it.each<[string, SshServerOptions]>([
    ['refuses the login', { password: 'another' }],
    ['asks for the password by keyboard, and refuses it', { password: 'another', isKeyboard: true }],
    ['takes it and runs nothing', { password, refusesExec: true }],
    ['takes it and forwards nothing', { password }],
    [
      'takes it and answers nonsense',
      {
        password,
        onExec: (channel) => {
          channel.stderr.write('nonsense\n');
          channel.exit(3);
          channel.end('nonsense');
        },
      },
    ],
    ['ends the connection soon', { password, wire: { after: { bytes: 2500, comes: 'end' } } }],
  ])('is in no output of any kind where the server %s', async (_, options) => {
    const server = await startSshServer(options);
    onTestFinished(() => server.stop());
    const env = { ...PLANTED, HOME: server.home, VMQCTL_DEBUG: '1', VMQCTL_VERBOSE: 'true' };
    const nodes = [
      server.url,
      `http://127.0.0.1:8888?via=${server.url}`,
      `erl://VerneMQ@127.0.0.1?via=${server.url}`,
    ];
    const commands = [
      ['cluster', 'show'],
      ['session', 'show', '--json'],
      ['logs', '--lines', '1'],
    ];
    const runs = commands.map((words) => run([...words, ...nodes.flatMap((node) => ['--node', node])], env));
    const results = await Promise.all(runs);
    const said = results.map(({ stdout, stderr }) => stdout + stderr).join('\n');
    expect(said).toMatch(/^error: /m);
    for (const form of FORMS) expect(said).not.toContain(form);
    // It was really there to be told.
    expect(said).toContain('offering password');
  });
});
