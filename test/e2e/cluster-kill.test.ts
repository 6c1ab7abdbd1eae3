import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startSandbox } from '../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../src/lib/sandbox/handle.js';
import type { SandboxOptions } from '../../src/lib/sandbox/options.js';
import { type CliResult, vmqctl } from '../support/cli.js';
import { fill } from '../support/offline-queues.js';

/* Commands that are killed at some moment and given again. They mostly wait, so they do it side by side. */

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

interface Scene {
  readonly nodes: readonly [SandboxNode, SandboxNode, SandboxNode];
  readonly run: (args: readonly string[]) => Promise<CliResult>;
  readonly killAfter: (milliseconds: number, args: readonly string[]) => Promise<void>;
}

/** A cluster and a folder for the state of `vmqctl`, which nobody else uses. */
async function scene(options: Partial<SandboxOptions>, act: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vmqctl-kill-'));
  const timings = { gossip: 200, stopAfterLeave: 100, ...options.timings };
  const sandbox = await startSandbox({ nodes: 3, joined: true, apiMode: 'noauth', ...options, timings });
  const env = { VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder };
  try {
    await act({
      nodes: sandbox.nodes as unknown as Scene['nodes'],
      run: (args) => vmqctl(['cluster', ...args], { env, timeout: 60_000 }),
      killAfter: (milliseconds, args) => {
        const whole = { PATH: process.env.PATH, HOME: folder, ...env };
        const child = spawn(process.execPath, [BINARY, 'cluster', ...args], { env: whole, stdio: 'ignore' });
        setTimeout(() => child.kill('SIGKILL'), milliseconds);
        return new Promise((resolve) => child.on('close', () => resolve()));
      },
    });
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true });
  }
}

describe.concurrent('kill -9 of a leave', () => {
  // From before anything is sent to after the broker is done; the whole leave takes about 4 s.
  it.each([150, 350, 500, 700, 1000, 1500, 2200, 2800])(
    'after %i ms loses nothing, and the same command picks it up',
    { timeout: 90_000 },
    (milliseconds) =>
      scene({ timings: { queuesPerSecond: 10 } }, async ({ nodes: [one, two, three], run, killAfter }) => {
        await fill(three, 30, 2);
        const addresses = ['--node', one.httpUrl, '--node', two.httpUrl];
        const leave = ['leave', `node=${three.name}`, '-k', '-t', '20', ...addresses];
        await killAfter(milliseconds, leave);
        const { stdout, exitCode, stderr } = await run([...leave, '--json']);
        expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
        expect(JSON.parse(stdout).account).toMatchObject({
          before: { queues: 30, messages: 60 },
          after: { queues: 30, messages: 60 },
          missing: [],
          fewer: [],
        });
        const shown = JSON.parse((await run(['show', '--node', one.httpUrl, '--json'])).stdout);
        const left = shown.nodes as readonly { readonly name: string; readonly queuedMessages: number }[];
        expect(left.map(({ name }) => name)).toEqual([one.name, two.name]);
        expect(left.reduce((sum, { queuedMessages }) => sum + queuedMessages, 0)).toBe(60);
      }),
  );
});

describe.concurrent('kill -9 of a join', () => {
  it.each([200, 350, 600, 1500])(
    'after %i ms: the same command picks it up, and the broker is told once',
    { timeout: 90_000 },
    (milliseconds) =>
      scene({ joined: false, timings: { gossip: 1500 } }, async ({ nodes: [one, two], run, killAfter }) => {
        const join = ['join', `discovery-node=${one.name}`, '--node', two.httpUrl];
        await killAfter(milliseconds, join);
        const { stdout, stderr, exitCode } = await run([...join, '--json']);
        expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
        expect(JSON.parse(stdout).members).toEqual([one.name, two.name]);
      }),
  );
});
