import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock } from '../../src/lib/cluster/operations/lock.js';
import { sandbox, trio } from '../lib/sandbox/support.js';
import { type CliResult, vmqctl } from '../support/cli.js';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-staged-'));
});
afterEach(() => rm(folder, { recursive: true }));

const environment = () => ({ VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder });
const run = (...args: string[]): Promise<CliResult> =>
  vmqctl(['cluster', 'leave', ...args], { env: environment(), timeout: 60_000 });

/** Kills it without a word as soon as it says so. */
async function killedAt(text: RegExp, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [BINARY, 'cluster', 'leave', ...args], {
    env: { PATH: process.env.PATH, HOME: tmpdir(), ...environment() },
    cwd: tmpdir(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
    if (text.test(said)) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  expect({ said, signal }).toEqual({ said: expect.stringMatching(text), signal: 'SIGKILL' });
}

const cluster = async () => trio(await sandbox({ timings: { queuesPerSecond: 100 } }));

describe('cluster leave --staged', () => {
  it('shows its plan and changes nothing with --dry-run', async () => {
    const [one, , three] = await cluster();
    three.fill({ queues: 5, messages: 2 });
    const args = [
      `node=${three.name}`,
      '--staged',
      '--dry-run',
      '--disconnect-rate',
      '50/s',
      '--node',
      one.httpUrl,
    ];
    const { stdout, exitCode } = await run(...args);
    expect(exitCode).toBe(0);
    for (const phase of ['suspend', 'drain', 'disconnect', 'migrate', 'depart', 'verify'])
      expect(stdout).toMatch(new RegExp(`│ ${phase} `));
    const { stdout: json } = await run(...args, '--json');
    expect(JSON.parse(json)).toMatchObject({
      queues: 5,
      messages: 10,
      listeners: [{ port: expect.any(Number) }],
    });
  });

  it('refuses a pace that would be ignored', async () => {
    const { stderr, exitCode } = await run(
      'node=c@h',
      '-k',
      '--disconnect-rate',
      '200/s',
      '--node',
      'http://127.0.0.1:9',
    );
    expect({ stderr, exitCode }).toEqual({ stderr: expect.stringContaining('Add --staged'), exitCode: 64 });
  });

  it('asks, or wants --yes; nothing was changed then', async () => {
    const [one, , three] = await cluster();
    const { stderr, exitCode } = await run(`node=${three.name}`, '--staged', '--node', one.httpUrl);
    expect({ stderr, exitCode }).toEqual({ stderr: expect.stringContaining('--yes'), exitCode: 4 });
    const { stderr: none, exitCode: code } = await run(
      `node=${three.name}`,
      '--resume',
      '--node',
      one.httpUrl,
    );
    expect({ none, code }).toEqual({ none: expect.stringContaining('no unfinished staged leave'), code: 4 });
  });

  it('killed while it drains is undone by --abort', async () => {
    const [one, , three] = await cluster();
    await three.connect({ sessions: 3, reconnect: 'home' });
    const args = [`node=${three.name}`, '--staged', '--yes', '--grace', '60s', '--node', one.httpUrl];
    await killedAt(/drain: /, ...args);
    const again = await run(...args);
    expect({ code: again.exitCode, stderr: again.stderr }).toEqual({
      code: 4,
      stderr: expect.stringMatching(/stands in drain\nhint: Go on with --resume, or undo it with --abort/),
    });
    const { exitCode, stderr } = await run(`node=${three.name}`, '--abort', '--node', one.httpUrl);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: expect.stringContaining('answer: restarted'),
    });
  });

  it('killed while queues move is taken up by --resume, and accounts for all; undoing it is too late', async () => {
    const [one, , three] = await cluster();
    three.fill({ queues: 200, messages: 3 });
    const args = [`node=${three.name}`, '--staged', '--yes', '--grace', '100ms', '--node', one.httpUrl];
    await killedAt(/messages moved [1-9]/, ...args);
    const abort = await run(`node=${three.name}`, '--abort', '--node', one.httpUrl);
    expect({ code: abort.exitCode, stderr: abort.stderr }).toEqual({
      code: 4,
      stderr: expect.stringContaining('cannot be undone any more'),
    });
    const { stdout, exitCode } = await run(`node=${three.name}`, '--resume', '--json', '--node', one.httpUrl);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'vmqctl.cluster-leave-staged/1',
      outcome: 'done',
      account: { before: { queues: 200, messages: 600 }, after: { queues: 200, messages: 600 }, missing: [] },
    });
  });

  it('names what is lost, and exits 3', async () => {
    const [one, , three] = await cluster();
    const [lost = ''] = three.fill({ queues: 5, messages: 2 });
    three.loseQueue(lost);
    const { stdout, exitCode } = await run(
      `node=${three.name}`,
      '--staged',
      '--yes',
      '--grace',
      '100ms',
      '--node',
      one.httpUrl,
    );
    expect({ stdout, exitCode }).toEqual({
      stdout: expect.stringContaining(`no queue is left for: ${lost}`),
      exitCode: 3,
    });
  });

  it('names the queues that stand still', { timeout: 90_000 }, async () => {
    const [one, , three] = await cluster();
    const [held = ''] = three.fill({ queues: 3, messages: 1 });
    three.holdQueue(held);
    const args = [
      `node=${three.name}`,
      '--staged',
      '--yes',
      '--grace',
      '100ms',
      '--wait',
      '8s',
      '--node',
      one.httpUrl,
    ];
    const { stderr, exitCode } = await run(...args);
    expect({ stderr, exitCode }).toEqual({
      stderr: expect.stringMatching(
        /is in phase migrate after .* s; last seen with 0 sessions and 1 queues; the broker goes on.*\nhint: .*--resume/,
      ),
      exitCode: 75,
    });
  });

  it('is not run beside what else is done with the node on this machine, and says what it cannot read of earlier', async () => {
    const [one, , three] = await cluster();
    await mkdir(join(folder, 'operations'), { recursive: true });
    await writeFile(join(folder, 'operations', 'leave-broken.json'), '{"schema":');
    const lock = await acquireLock(folder, three.name, 'a roll');
    for (const how of [['--staged', '--yes'], ['-k'], []])
      expect(await run(`node=${three.name}`, ...how, '--node', one.httpUrl)).toMatchObject({
        exitCode: 4,
        stderr: expect.stringMatching(/a roll/),
      });
    await lock.release();
    const begun = await run(`node=${three.name}`, '--staged', '--yes', '--grace', '0', '--node', one.httpUrl);
    expect(begun.exitCode).toBe(0);
    expect(begun.stderr).toMatch(/warning: .*leave-broken\.json.*is not taken up/);
  });
});
