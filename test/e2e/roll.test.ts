import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../src/lib/sandbox/handle.js';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const [A, B, C] = ['sim1@127.0.0.1', 'sim2@127.0.0.1', 'sim3@127.0.0.1'] as const;

let folder: string;
let sandbox: Sandbox;
let host: Server;
/** What the command asked the host of the nodes to do. */
let asked: string[];
let started: Running[];

beforeEach(async () => {
  asked = [];
  started = [];
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-roll-'));
  sandbox = await startSandbox({ nodes: 3, joined: true, apiMode: 'noauth' });
  host = createServer((request, response) => {
    const [, act = '', name = ''] = decodeURIComponent(request.url ?? '').split('/');
    asked.push(`${act} ${name}`);
    const answer = (status: number, text: string) => response.writeHead(status).end(text);
    operate(act, node(name)).then(
      () => answer(200, `${name} says hello\n`),
      (error: Error) => answer(500, error.message),
    );
  });
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  await writeFile(
    join(folder, 'host.mjs'),
    `const answer = await fetch('http://127.0.0.1:${(host.address() as AddressInfo).port}/' + process.argv.slice(2).map(encodeURIComponent).join('/'));
     process.stdout.write(await answer.text());
     process.exitCode = answer.ok ? 0 : 7;`,
  );
});
afterEach(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  host.closeAllConnections();
  host.close();
  await sandbox.close();
  await rm(folder, { recursive: true });
});

/** What runs on the host of a node. */
async function operate(act: string, one: SandboxNode): Promise<void> {
  if (act === 'fail') throw new Error('it cannot be restarted');
  if (act === 'nothing') return;
  if (act !== 'kill') await one.stop();
  else await one.kill();
  if (act === 'restart') await one.restart();
}

function node(name: string): SandboxNode {
  const found = sandbox.nodes.find((one) => one.name === name);
  if (!found) throw new Error(`no node ${name}`);
  return found;
}

const onHost = (act: string) => `${process.execPath} ${folder}/host.mjs ${act} {node}`;

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number }>;
  /** Resolves once stderr has this. */
  says(text: string): Promise<void>;
}

const start = (act: string, ...args: string[]) => startWith(onHost(act), ...args);

/** Starts `cluster roll` in the built binary. */
function startWith(line: string, ...args: string[]): Running {
  const all = ['cluster', 'roll', '--run', line, '--node', node(A).httpUrl, ...args];
  const child = spawn(process.execPath, [BINARY, ...all], {
    env: { PATH: process.env.PATH, HOME: folder, VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Awaited<Running['ended']>>((resolve) => {
    child.once('exit', (code, signal) => {
      const exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
      setTimeout(() => resolve({ stdout, stderr, exitCode }), 50);
    });
  });
  const says = (text: string) => expect.poll(() => stderr, { timeout: 15_000 }).toContain(text);
  const running: Running = { child, ended, says: async (text) => void (await says(text)) };
  started.push(running);
  return running;
}

const roll = (act: string, ...args: string[]) => start(act, '--yes', ...args).ended;

const mqtt = async (name: string): Promise<string> => {
  const answer = await fetch(`${node(name).httpUrl}/status.json`);
  const [status] = (await answer.json()) as [
    Record<string, { listeners: { type: string; status: string }[] }>,
  ];
  return status[name]?.listeners.find(({ type }) => type === 'mqtt')?.status ?? 'none';
};
const journal = async () => {
  const names = await readdir(join(folder, 'operations'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, 'operations', name), 'utf8')));
  return texts.map((text) => JSON.parse(text));
};

describe('cluster roll', { timeout: 60_000 }, () => {
  it('restarts one node after the other while their clients come back, and says so line by line', async () => {
    for (const one of sandbox.nodes) await one.connect({ sessions: 20, reconnect: 'anywhere', delay: 100 });
    const { stdout, stderr, exitCode } = await roll('restart', '--grace', '1s');
    expect({ stderr, exitCode }).toMatchObject({ exitCode: 0 });
    expect(asked).toEqual([`restart ${A}`, `restart ${B}`, `restart ${C}`]);
    expect(stdout).toContain('all 3 nodes are done, and the cluster is whole');
    const port = node(A).mqttUrl.split(':').at(-1);
    expect(stderr.split('\n').filter((line) => line.startsWith(A) || line.startsWith('order'))).toEqual([
      `order: ${A}, ${B}, ${C}`,
      `${A} (1 of 3): suspending mqtt 127.0.0.1:${port}`,
      `${A}: suspended; its sessions may go`,
      `${A}: sessions left 20`,
      `${A}: running its command; 20 sessions are left`,
      `${A} says hello`,
      `${A}: the command has ended; waiting for the node`,
      `${A}: back; waiting for the clients`,
      expect.stringMatching(/^sim1@127.0.0.1: (waiting: \d+ of 54 sessions are back|done in .*; 2 left)$/),
      ...(stderr.match(/(?<=are back\n)sim1@127.0.0.1: done in .*/g) ?? []),
    ]);
    expect(await Promise.all([A, B, C].map(mqtt))).toEqual(['running', 'running', 'running']);
  });

  it('gives one document with --json, in the order that is asked for', async () => {
    const { stdout, exitCode } = await roll('restart', '--grace', '0', `node=${C}`, `node=${A}`, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'vmqctl.cluster-roll/1',
      resumed: false,
      nodes: [
        { node: C, restarted: true, sessionsLeft: 0 },
        { node: A, restarted: true, sessionsLeft: 0 },
      ],
    });
    expect(asked).toEqual([`restart ${C}`, `restart ${A}`]);
  });

  it('shows the order and the gates, and changes nothing', async () => {
    const { stdout, exitCode } = await roll('restart', '--dry-run', '--pause', '30s');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/1 .*sim1@.*\n.*\n?.*2 .*sim2@/);
    expect(stdout).toContain('then a pause of 30.0 s');
    expect(asked).toEqual([]);
    await expect(readdir(join(folder, 'operations'))).rejects.toThrow('ENOENT');
  });

  it('wants a yes where nobody can be asked, and a healthy cluster', async () => {
    const refused = await start('restart').ended;
    expect(refused).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('--yes') });
    await node(C).kill();
    const { exitCode, stderr } = await roll('restart');
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`${C} is a member and nobody reaches it`);
    expect(asked).toEqual([]);
  });

  it('lets the listeners of a node accept again that its command has not restarted', async () => {
    const { exitCode, stdout } = await roll('nothing', '--back-within', '2s', `node=${B}`);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/sim2@.* no /);
    expect(await mqtt(B)).toBe('running');
  });

  it.each([
    ['fails', 'fail', 'failed with exit code 7'],
    ['leaves it dead', 'kill', 'is not back 2.'],
  ])('stops when the command for a node %s', async (_what, act, message) => {
    const { exitCode, stderr } = await roll(act, '--back-within', '2s', `node=${B}`, `node=${C}`);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(message) });
    expect(stderr).toContain(`done: no node; left: ${B}, ${C}`);
    expect(stderr).toContain('--resume');
    expect(asked).toEqual([`${act} ${B}`]);
    expect(await journal()).toMatchObject([{ outcome: 'failed' }]);
  });

  it('exits 3 when some nodes are done and the broker refuses to suspend the next', async () => {
    const running = start('restart', '--yes', '--back-within', '2s');
    await running.says(`${A}: done`);
    for (const one of sandbox.nodes) one.refuse('cluster leave', 'crash');
    const { exitCode, stderr } = await running.ended;
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining(`done: ${A}`),
    });
    expect(await Promise.all([A, B, C].map(mqtt))).toEqual(['running', 'running', 'running']);
  });

  it('when another node dies while one drains, undoes what it has done to that one', async () => {
    await node(B).connect({ sessions: 5, reconnect: 'never' });
    const running = start('restart', '--yes', `node=${B}`);
    await running.says('sessions left 5');
    await node(C).kill();
    const { exitCode, stderr } = await running.ended;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(C) });
    expect(stderr).toContain(`Nothing is suspended on ${B}`);
    expect(await mqtt(B)).toBe('running');
    expect(asked).toEqual([]);
  });

  it('is held by one operator of a machine', async () => {
    await node(A).connect({ sessions: 5, reconnect: 'never' });
    const first = start('restart', '--yes');
    await first.says('sessions left 5');
    const second = await roll('restart', `node=${C}`);
    expect(second).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('cluster roll, process') });
    first.child.kill('SIGINT');
    expect((await first.ended).exitCode).toBe(130);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends by %s with the node as it was', async (signal) => {
    await node(A).connect({ sessions: 5, reconnect: 'never' });
    const running = start('restart', '--yes');
    await running.says('sessions left 5');
    expect(await mqtt(A)).toBe('suspended');
    running.child.kill(signal);
    const { exitCode, stderr } = await running.ended;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 130 });
    expect(stderr).toContain(`${A}: its listeners accept again`);
    expect(await mqtt(A)).toBe('running');
  });

  it('passes Ctrl-C on to the command, waits for it, and goes on with that node by --resume', async () => {
    const script = join(folder, 'slow.sh');
    await writeFile(script, `trap 'echo it was told; exit 9' INT; echo begun; while :; do sleep 0.05; done`);
    const running = startWith(`exec sh ${script}`, '--yes', `node=${B}`);
    await running.says('begun');
    running.child.kill('SIGINT');
    const { exitCode, stderr } = await running.ended;
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 130,
      stderr: expect.stringContaining('it was told'),
    });
    expect(stderr).toContain(`${B}: interrupted; waiting for its command to end`);
    expect(await mqtt(B)).toBe('suspended');
    expect((await roll('restart', '--resume')).exitCode).toBe(0);
    expect(asked).toEqual([`restart ${B}`]);
  });

  it.each([
    ['drain', 'sessions left 5'],
    ['back', 'waiting for the node'],
  ])('killed at %s it goes on by --resume', async (phase, text) => {
    await node(B).connect({ sessions: 5, reconnect: 'never' });
    const running = start(
      phase === 'back' ? 'stop' : 'restart',
      '--yes',
      '--grace',
      phase === 'back' ? '0' : '1m',
      `node=${B}`,
      `node=${C}`,
    );
    await running.says(text);
    running.child.kill('SIGKILL');
    await running.ended;
    expect(await journal()).toMatchObject([{ outcome: 'running', phase }]);
    if (phase === 'back') await node(B).restart();
    const { exitCode, stderr } = await roll('restart', '--resume', '--grace', '0', '--sessions-back', '0');
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('going on with roll-'),
    });
    expect(asked).toEqual([`${phase === 'back' ? 'stop' : 'restart'} ${B}`, `restart ${C}`]);
    expect(await journal()).toMatchObject([{ outcome: 'done', subjects: [B, C] }]);
  });

  it('killed while its command runs it waits for no second one to run beside it', async () => {
    const script = join(folder, 'slow.sh');
    await writeFile(
      script,
      `echo begun; while [ ! -e ${folder}/go ]; do sleep 0.05; done; echo ended >${folder}/out`,
    );
    const running = startWith(`sh ${script}; true`, '--yes', `node=${B}`);
    await running.says('begun');
    running.child.kill('SIGKILL');
    await running.ended;
    const early = await roll('restart', '--resume');
    expect(early).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('the command of an earlier run'),
    });
    await writeFile(join(folder, 'go'), '');
    await expect.poll(() => readFile(join(folder, 'out'), 'utf8').catch(() => '')).toBe('ended\n');
    // It has written its last, and ends just then.
    await expect.poll(async () => (await roll('restart', '--resume')).exitCode, { timeout: 20_000 }).toBe(0);
    expect(asked).toEqual([`restart ${B}`]);
  });

  it('goes on while the node that was named is cut off from here, and another answers late', async () => {
    await node(B).connect({ sessions: 5, reconnect: 'never' });
    node(C).delay('cluster leave', 3000);
    const running = start(
      'restart',
      '--yes',
      '--grace',
      '3s',
      '--sessions-back',
      '0',
      `node=${B}`,
      `node=${C}`,
    );
    await running.says('sessions left 5');
    node(A).cut();
    const { exitCode, stderr } = await running.ended;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(asked).toEqual([`restart ${B}`, `restart ${C}`]);
  });

  it('ends as unknown when its time is up', async () => {
    await node(A).connect({ sessions: 5, reconnect: 'never' });
    const { exitCode, stderr } = await roll('restart', '--timeout', '3s');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 75, stderr: expect.stringContaining('--resume') });
    expect(await mqtt(A)).toBe('running');
  });

  it('wants to know what to run, and takes each node once', async () => {
    const bare = spawn(process.execPath, [BINARY, 'cluster', 'roll', '--node', 'http://127.0.0.1:1'], {
      stdio: 'ignore',
    });
    expect(await new Promise((resolve) => bare.once('exit', resolve))).toBe(64);
    expect((await roll('restart', `node=${A}`, `node=${A}`)).exitCode).toBe(64);
    expect((await roll('restart', 'node=sim9@127.0.0.1')).exitCode).toBe(64);
  });
});
