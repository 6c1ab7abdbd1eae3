import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../src/lib/sandbox/handle.js';
import { type CliResult, vmqctl } from '../support/cli.js';

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

/** Five nodes, of which the last two have offline queues and are dead. */
async function start(deadLeave = 50): Promise<SandboxNode[]> {
  sandbox = await startSandbox({
    nodes: 5,
    joined: true,
    apiMode: 'noauth',
    timings: { gossip: 50, deadLeave },
  });
  const [, , , four, five] = sandbox.nodes;
  four?.fill({ queues: 3, messages: 2 });
  five?.fill({ queues: 2, messages: 2 });
  await four?.kill();
  await five?.kill();
  return [...sandbox.nodes];
}

const nodesOf = (nodes: readonly SandboxNode[]) => nodes.flatMap(({ httpUrl }) => ['--node', httpUrl]);
const environment = () => ({ VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder });
const run = (args: string[]): Promise<CliResult> =>
  vmqctl(['cluster', ...args], { env: environment(), timeout: 60_000 });

async function members(nodes: readonly SandboxNode[]): Promise<unknown> {
  const { stdout } = await run(['show', '--json', '--node', nodes[0]?.httpUrl ?? '']);
  return JSON.parse(stdout).nodes.map(({ name }: { name: string }) => name);
}

describe('cluster reap', () => {
  it('needs consent, and tells first what is lost', async () => {
    const nodes = await start();
    const { stderr, exitCode } = await run(['reap', ...nodesOf(nodes)]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('sim4@127.0.0.1, sim5@127.0.0.1: every message that waits there on disk');
    expect(stderr).toMatch(/nobody can tell/);
    const dry = await run(['reap', '--dry-run', '--json', ...nodesOf(nodes)]);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      schema: 'vmqctl.cluster-reap-plan/1',
      remove: [{ node: 'sim4@127.0.0.1' }, { node: 'sim5@127.0.0.1' }],
      survivors: ['sim1@127.0.0.1', 'sim2@127.0.0.1', 'sim3@127.0.0.1'],
    });
    expect(await members(nodes)).toHaveLength(5);
  });

  it.each(['node=', 'node=,', 'node=sim4@127.0.0.1,'])(
    'does not take %s, such as of an unset variable, for all',
    async (word) => {
      const nodes = await start();
      const { exitCode } = await run(['reap', word, '--allow-message-loss', ...nodesOf(nodes)]);
      expect(exitCode).toBe(64);
      expect(await members(nodes)).toHaveLength(5);
    },
  );

  it('removes all, then has every queue made anew, and says so per node', async () => {
    const nodes = await start();
    const args = ['reap', '--allow-message-loss', ...nodesOf(nodes)];
    const { stdout, exitCode } = await run([...args, '--json']);
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      schema: 'vmqctl.cluster-reap/1',
      complete: true,
      trouble: null,
      nodes: [
        { node: 'sim4@127.0.0.1', removed: true, repaired: true },
        { node: 'sim5@127.0.0.1', removed: true, repaired: true },
      ],
    });
    expect(report.recreated).toHaveLength(5);
    expect(await members(nodes)).toEqual(['sim1@127.0.0.1', 'sim2@127.0.0.1', 'sim3@127.0.0.1']);
    const again = await run(args);
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('no dead member is listed') });
    expect((await run([...args, '--dry-run'])).stdout).toContain('no dead member is listed');
    const { operations } = JSON.parse((await run(['operations', '--json'])).stdout);
    expect(operations).toMatchObject([
      { kind: 'reap', nodes: ['sim4@127.0.0.1', 'sim5@127.0.0.1'], outcome: 'done' },
    ]);
  });

  it('refuses a node that is only cut off from one member', async () => {
    const nodes = await start();
    nodes[0]?.blindTo('sim3@127.0.0.1');
    const { exitCode } = await run([
      'reap',
      'node=sim3@127.0.0.1',
      '--allow-message-loss',
      ...nodesOf(nodes),
    ]);
    expect(exitCode).toBe(4);
    expect(await members(nodes)).toContain('sim3@127.0.0.1');
  });

  it.each([400, 800, 1600, 2400])(
    'killed after %i ms is picked up by the same command',
    { timeout: 60_000 },
    async (milliseconds) => {
      const nodes = await start(600);
      const args = ['reap', '--allow-message-loss', ...nodesOf(nodes)];
      await killAfter(milliseconds, args);
      const { stdout, stderr, exitCode } = await run([...args, '--json']);
      expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(JSON.parse(stdout).complete).toBe(true);
      expect(await members(nodes)).toEqual(['sim1@127.0.0.1', 'sim2@127.0.0.1', 'sim3@127.0.0.1']);
      const { nodes: shown } = JSON.parse(
        (await run(['show', '--json', ...nodesOf(nodes.slice(0, 1))])).stdout,
      );
      const offline = shown.map(({ sessions }: { sessions: { offline: number } }) => sessions.offline);
      expect(offline.reduce((sum: number, count: number) => sum + count, 0)).toBe(5);
    },
  );

  it('exits 3 when a removed node has come back, and repairs it once that is stopped', async () => {
    // The removal of the second takes so long, because it is repaired at once.
    const nodes = await start(3000);
    const [one, , , four] = nodes;
    const args = ['reap', '--allow-message-loss', ...nodesOf(nodes)];
    const first = run([...args, '--json']);
    await until(
      async () => !(await (await fetch(`${one?.httpUrl}/api/v1/cluster/show`)).text()).includes('sim4'),
    );
    await four?.restart();
    const { stdout, exitCode } = await first;
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      complete: false,
      nodes: [
        { node: 'sim4@127.0.0.1', removed: true, repaired: false, back: true },
        { node: 'sim5@127.0.0.1', removed: true, repaired: true, back: false },
      ],
    });
    await four?.kill();
    const again = await run(args);
    expect(again).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('all are removed and repaired'),
    });
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not happen within 4 s');
}

function killAfter(milliseconds: number, args: string[]): Promise<void> {
  const binary = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
  const env = { PATH: process.env.PATH, HOME: folder, ...environment() };
  const child = spawn(process.execPath, [binary, 'cluster', ...args], { env, stdio: 'ignore' });
  setTimeout(() => child.kill('SIGKILL'), milliseconds);
  return new Promise((resolve) => child.on('close', () => resolve()));
}
