import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../src/lib/sandbox/handle.js';
import type { SandboxOptions } from '../../src/lib/sandbox/options.js';
import { type CliResult, vmqctl } from '../support/cli.js';
import { fill } from '../support/offline-queues.js';
import { freePort } from '../support/ports.js';

let folder: string;
let sandbox: Sandbox | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-e2e-'));
});
afterEach(async () => {
  await sandbox?.close();
  sandbox = undefined;
  await rm(folder, { recursive: true });
});

async function start(
  options: Partial<SandboxOptions> = {},
): Promise<[SandboxNode, SandboxNode, SandboxNode]> {
  sandbox = await startSandbox({
    nodes: 3,
    joined: true,
    apiMode: 'noauth',
    ...options,
    timings: { gossip: 200, stopAfterLeave: 100, deadLeave: 100, ...options.timings },
  });
  const [one, two, three] = sandbox.nodes;
  if (!one || !two || !three) throw new Error('the sandbox has too few nodes');
  return [one, two, three];
}

const environment = () => ({ VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder });
const run = (args: string[], env: Record<string, string> = {}): Promise<CliResult> =>
  vmqctl(['cluster', ...args], { env: { ...environment(), ...env }, timeout: 60_000 });

describe('cluster show', () => {
  it('shows a healthy cluster from one node and exits 0', async () => {
    const [one] = await start();
    const { stdout, stderr, exitCode } = await run(['show', '--node', one.httpUrl, '--json']);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ schema: 'vmqctl.cluster-show/1', healthy: true, problems: [] });
    expect(document.nodes[1]).toMatchObject({
      name: 'sim2@127.0.0.1',
      running: 'yes',
      seenBy: { 'sim1@127.0.0.1': true, 'sim2@127.0.0.1': true, 'sim3@127.0.0.1': true },
      version: '2.1.2+simulated',
      sessions: { online: 0, offline: 0 },
      listeners: expect.arrayContaining([expect.objectContaining({ type: 'mqtt', status: 'running' })]),
    });
  });

  it('exits 10 and names the cause when a member is dead', async () => {
    const [one, , three] = await start();
    await three.kill();
    const { stdout, exitCode } = await run(['show', '--node', one.httpUrl]);
    expect(exitCode).toBe(10);
    expect(stdout).toContain('error: sim3@127.0.0.1 is a member and nobody reaches it');
    expect(stdout).toContain('vmqctl cluster leave node=sim3@127.0.0.1');
  });

  it('exits 10 on a view that only one side has', async () => {
    const [one, two] = await start();
    one.blindTo(two.name);
    const { stdout, exitCode } = await run(['show', '--node', one.httpUrl, '--json']);
    expect(exitCode).toBe(10);
    const { nodes, problems } = JSON.parse(stdout);
    expect(nodes[1]).toMatchObject({
      running: 'split',
      seenBy: { 'sim1@127.0.0.1': false, 'sim2@127.0.0.1': true },
    });
    expect(problems[0]).toMatchObject({
      code: 'one_sided_view',
      severity: 'error',
      hint: expect.stringContaining('listener.vmq.clustering'),
    });
  });

  it('answers within its deadline while a member is frozen', async () => {
    const [one, two, three] = await start();
    three.freeze();
    const started = Date.now();
    const { stdout, exitCode } = await run([
      'show',
      '--node',
      one.httpUrl,
      '--node',
      two.httpUrl,
      '--node',
      three.httpUrl,
      '--deadline',
      '2s',
    ]);
    expect(Date.now() - started).toBeLessThan(5000);
    expect(exitCode).toBe(10);
    expect(stdout).toContain('sim1@127.0.0.1 │ yes');
    expect(stdout).toMatch(/no word from sim3@127\.0\.0\.1|nobody reaches/);
  });

  it.each([
    ['that is not there', async () => `http://127.0.0.1:${await freePort()}`],
    ['that talks garbage', () => peer((socket) => socket.end('\u0000\u0001SSH-2.0\r\n'))],
    ['that hangs', () => peer(() => undefined)],
  ])('exits 69 with one line and a hint for a node %s', async (_name, address) => {
    const { stdout, stderr, exitCode } = await run([
      'show',
      '--node',
      await address(),
      '--deadline',
      '500ms',
    ]);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 69 });
    expect(stderr).toMatch(/^error: no node answers: http:\/\/127\.0\.0\.1:\d+: .*\nhint: .*\n$/);
  });

  it('prints what one node sees exactly as vmq-admin does', async () => {
    const [one, two] = await start();
    const { stdout } = await run(['show', '--node', one.httpUrl, '--node-view', two.name]);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      '+----------------+---------+',
      '| \u001b[1mNode\u001b[0m           | \u001b[1mRunning\u001b[0m |',
      '+----------------+---------+',
    ]);
    expect(stdout).toContain(`| ${two.name} | true    |\n`);
  });

  it('needs no API key for the look, and exits 77 where one node is asked for its own', async () => {
    const [one] = await start({ apiMode: 'apikey', apiKey: 'g00d-key' });
    expect((await run(['show', '--node', one.httpUrl])).exitCode).toBe(0);
    const refused = await run(['show', '--node', one.httpUrl, '--node-view', one.name], {
      VMQCTL_API_KEY: 'b4d-key',
    });
    expect(refused.exitCode).toBe(77);
    expect(refused.stdout + refused.stderr).not.toContain('b4d-key');
    const accepted = await run(['show', '--node', one.httpUrl, '--node-view', one.name], {
      VMQCTL_API_KEY: 'g00d-key',
    });
    expect(accepted.exitCode).toBe(0);
  });
});

describe('cluster join', () => {
  it('refuses a node that asks for an API key, and says why', async () => {
    const [one, two] = await start({ joined: false, apiMode: 'apikey', apiKey: 'k' });
    const { stderr, exitCode } = await run(['join', `discovery-node=${one.name}`, '--node', two.httpUrl], {
      VMQCTL_API_KEY: 'k',
    });
    expect(exitCode).toBe(4);
    expect(stderr).toContain('a node that has an API key is not empty');
  });

  it.each(['--wait', '--timeout'])(
    'ends with exit code 75 when the nodes do not agree within %s, and is picked up by the same command',
    async (flag) => {
      const [one, two] = await start({ joined: false, timings: { gossip: 4000 } });
      const args = ['join', `discovery-node=${one.name}`, '--node', two.httpUrl];
      const { stderr, exitCode } = await run([...args, flag, '1s']);
      expect(exitCode).toBe(75);
      expect(stderr).toContain(`${two.name} was told to join ${one.name}, but`);
      const again = await run([...args, '--json']);
      expect(again.exitCode).toBe(0);
      expect(again.stderr).not.toContain('sent to');
      expect(JSON.parse(again.stdout)).toMatchObject({
        schema: 'vmqctl.cluster-join/1',
        resumed: true,
        members: [one.name, two.name],
      });
    },
  );

  it('takes several nodes, and ends with exit code 3 where one fails after others', async () => {
    const [one, two, three] = await start({ joined: false });
    three.fill({ queues: 1, messages: 1 });
    const ons = ['--on', two.httpUrl, '--on', three.httpUrl];
    const args = ['join', `discovery-node=${one.name}`, ...ons, '--node', one.httpUrl, '--json'];
    const { stdout, exitCode } = await run(args);
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'vmqctl.cluster-joins/1',
      joined: [{ node: two.name, members: [one.name, two.name] }],
      failed: { on: three.httpUrl, code: 'non_empty_node' },
      notTried: [],
    });
  });

  it('explains what the broker refuses without a reason', async () => {
    const [one, two] = await start({ joined: false });
    const away = await run(['join', 'discovery-node=nobody@127.0.0.1', '--node', two.httpUrl]);
    expect(away.exitCode).toBe(1);
    expect(away.stderr).toContain('nobody@127.0.0.1 is not known here: check its spelling');
    two.blindTo(one.name);
    const nodes = ['--on', two.httpUrl, '--node', one.httpUrl];
    const cookie = await run(['join', `discovery-node=${one.name}`, ...nodes]);
    expect(cookie.exitCode).toBe(1);
    expect(cookie.stderr).toContain(`${one.name} answers here, so it runs: compare distributed_cookie`);
  });
});

describe('cluster leave', () => {
  it.each([
    [['-k', '-i', 'abc'], 64, '-i takes whole seconds'],
    [['-k', '-t', '-1'], 64, ''],
    [['--interval=5'], 64, 'there is no flag --interval'],
  ])('checks %j here, before the broker sees it', async (flags, code, message) => {
    const { stderr, exitCode } = await run(['leave', 'node=a@b', ...flags, '--node', 'http://127.0.0.1:1']);
    expect(exitCode).toBe(code);
    expect(stderr).toContain(message);
  });

  it('takes every spelling of vmq-admin', async () => {
    const [one, , three] = await start();
    for (const flags of [
      ['-k', '-i5', '-t120'],
      ['--kill_sessions', '--summary-interval=5', '--timeout', '120'],
    ]) {
      const { stdout, exitCode } = await run([
        'leave',
        ...flags,
        `node=${three.name}`,
        '--dry-run',
        '--json',
        '--node',
        one.httpUrl,
      ]);
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        schema: 'vmqctl.cluster-leave-plan/1',
        path: 'migrate',
        node: three.name,
      });
    }
  });

  it('exits 77 with a wrong key and 69 with no node, nothing left in the journal', async () => {
    const [one, , three] = await start({ apiMode: 'apikey', apiKey: 'g00d-key' });
    const refused = await run(['leave', `node=${three.name}`, '-k', '--node', one.httpUrl], {
      VMQCTL_API_KEY: 'b4d-key',
    });
    expect(refused.exitCode).toBe(77);
    const away = await run([
      'leave',
      `node=${three.name}`,
      '-k',
      '--node',
      `http://127.0.0.1:${await freePort()}`,
    ]);
    expect(away.exitCode).toBe(69);
    const done = await run(['leave', `node=${three.name}`, '-k', '--node', one.httpUrl], {
      VMQCTL_API_KEY: 'g00d-key',
    });
    expect(done.exitCode).toBe(0);
  });

  it('goes on watching after the broker has closed the connection', async () => {
    const [one, , three] = await start({ timings: { idleTimeout: 1000, queuesPerSecond: 10 } });
    await fill(three, 30, 2);
    const { stdout, stderr, exitCode } = await run([
      'leave',
      `node=${three.name}`,
      '-k',
      '--node',
      one.httpUrl,
      '--json',
    ]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('the connection ended without an answer (ECONNRESET)');
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'vmqctl.cluster-leave/1',
      account: { before: { queues: 30, messages: 60 }, after: { queues: 30, messages: 60 }, missing: [] },
    });
  });

  it('exits 1 when sessions stay online, though the broker answers 200', async () => {
    const [one, , three] = await start();
    await fill(three, 1, 0);
    three.keepSessionsOnline();
    const client = await connectAsync(three.mqttUrl, { clientId: 'stays', clean: false, reconnectPeriod: 0 });
    client.on('error', () => undefined);
    const { stderr, exitCode } = await run([
      'leave',
      `node=${three.name}`,
      '-k',
      '-t',
      '1',
      '-i',
      '1',
      '--node',
      one.httpUrl,
    ]);
    await client.endAsync(true);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('sessions were still online when the broker stopped waiting');
  });

  it('removes a dead node only with consent', async () => {
    const [one, , three] = await start();
    await fill(three, 3, 2);
    await three.kill();
    const refused = await run(['leave', `node=${three.name}`, '--node', one.httpUrl]);
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain(
      'every message that waits on its disk for an offline client will be lost',
    );
    const { stdout, exitCode } = await run([
      'leave',
      `node=${three.name}`,
      '--allow-message-loss',
      '--node',
      one.httpUrl,
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('3 queues of its clients were made anew, empty');
  });

  it('that finds a broken journal says which, and sends nothing', async () => {
    const [one, , three] = await start();
    await run(['leave', `node=${three.name}`, '-k', '--node', one.httpUrl, '--dry-run']);
    const { mkdir } = await import('node:fs/promises');
    await mkdir(join(folder, 'leave'), { recursive: true });
    await writeFile(join(folder, 'leave', `${encodeURIComponent(three.name)}.json`), '{');
    const { stderr, exitCode } = await run(['leave', `node=${three.name}`, '-k', '--node', one.httpUrl]);
    expect(exitCode).toBe(78);
    expect(stderr).toContain('cannot be read');
    expect((await run(['show', '--node', one.httpUrl, '--json'])).stdout).toContain('sim3');
  });
});

/** A peer that is no broker. It ends with the test process. */
async function peer(onSocket: (socket: net.Socket) => void): Promise<string> {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}
