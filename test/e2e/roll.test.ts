import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../src/lib/sandbox/handle.js';
import { freePorts } from '../support/ports.js';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const [A, B, C] = ['sim1@127.0.0.1', 'sim2@127.0.0.1', 'sim3@127.0.0.1'] as const;

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number }>;
  /** Resolves once stderr has this. */
  says(text: string): Promise<void>;
}

/** A cluster, a host that restarts its nodes when it is asked to, and a folder for the state of `vmqctl`. */
class World {
  /** What the command asked the host of the nodes to do. */
  readonly asked: string[] = [];
  private readonly started: Running[] = [];
  private readonly host = createServer((request, response) => {
    const [, act = '', name = ''] = decodeURIComponent(request.url ?? '').split('/');
    this.asked.push(`${act} ${name}`);
    const answer = (status: number, text: string) => response.writeHead(status).end(text);
    operate(act, this.node(name)).then(
      () => answer(200, `${name} says hello\n`),
      (error: Error) => answer(500, error.message),
    );
  });

  private constructor(
    readonly folder: string,
    readonly sandbox: Sandbox,
  ) {}

  static async open(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'vmqctl-roll-'));
    const basePort = await freePorts(30);
    const world = new World(
      folder,
      await startSandbox({ nodes: 3, joined: true, apiMode: 'noauth', basePort }),
    );
    await world.openHost();
    return world;
  }

  private async openHost(): Promise<void> {
    await new Promise<void>((resolve) => this.host.listen(0, '127.0.0.1', resolve));
    const { port } = this.host.address() as AddressInfo;
    await writeFile(
      join(this.folder, 'host.mjs'),
      `const answer = await fetch('http://127.0.0.1:${port}/' + process.argv.slice(2).map(encodeURIComponent).join('/'));
     process.stdout.write(await answer.text());
     process.exitCode = answer.ok ? 0 : 7;`,
    );
  }

  async close(): Promise<void> {
    for (const { child } of this.started) child.kill('SIGKILL');
    this.host.closeAllConnections();
    this.host.close();
    await this.sandbox.close();
    await rm(this.folder, { recursive: true });
  }

  node(name: string): SandboxNode {
    const found = this.sandbox.nodes.find((one) => one.name === name);
    if (!found) throw new Error(`no node ${name}`);
    return found;
  }

  /** Starts `cluster roll` in the built binary. */
  startWith(line: string, ...args: string[]): Running {
    const { folder } = this;
    const all = ['cluster', 'roll', '--run', line, '--node', this.node(A).httpUrl, ...args];
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
    this.started.push(running);
    return running;
  }

  start(act: string, ...args: string[]): Running {
    return this.startWith(`${process.execPath} ${this.folder}/host.mjs ${act} {node}`, ...args);
  }

  roll(act: string, ...args: string[]): Running['ended'] {
    return this.start(act, '--yes', ...args).ended;
  }

  async mqtt(name: string): Promise<string> {
    const answer = await fetch(`${this.node(name).httpUrl}/status.json`);
    const [status] = (await answer.json()) as [
      Record<string, { listeners: { type: string; status: string }[] }>,
    ];
    return status[name]?.listeners.find(({ type }) => type === 'mqtt')?.status ?? 'none';
  }

  async journal() {
    const home = join(this.folder, 'operations');
    const texts = await Promise.all((await readdir(home)).map((name) => readFile(join(home, name), 'utf8')));
    return texts.map((text) => JSON.parse(text));
  }
}

/** What runs on the host of a node. */
async function operate(act: string, one: SandboxNode): Promise<void> {
  if (act === 'fail') throw new Error('it cannot be restarted');
  if (act === 'nothing') return;
  if (act !== 'kill') await one.stop();
  else await one.kill();
  if (act === 'restart') await one.restart();
}

let opening: Promise<unknown> = Promise.resolve();

/** Most of the time of a roll is waiting, so several play at once, each in a world of its own. */
function scene(name: string, play: (world: World) => Promise<void>): void {
  it.concurrent(name, { timeout: 60_000 }, async () => {
    // One after the other, so that no two choose the same ports.
    const opened = opening.then(() => World.open());
    opening = opened.catch(() => undefined);
    const world = await opened;
    try {
      await play(world);
    } finally {
      await world.close();
    }
  });
}

describe('cluster roll', () => {
  scene(
    'restarts one node after the other while their clients come back, and says so line by line',
    async (world) => {
      for (const one of world.sandbox.nodes)
        await one.connect({ sessions: 20, reconnect: 'anywhere', delay: 100 });
      const { stdout, stderr, exitCode } = await world.roll('restart', '--grace', '1s');
      expect({ stderr, exitCode }).toMatchObject({ exitCode: 0 });
      expect(world.asked).toEqual([`restart ${A}`, `restart ${B}`, `restart ${C}`]);
      expect(stdout).toContain('all 3 nodes are done, and the cluster is whole');
      const port = world.node(A).mqttUrl.split(':').at(-1);
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
      expect(await Promise.all([A, B, C].map((name) => world.mqtt(name)))).toEqual([
        'running',
        'running',
        'running',
      ]);
    },
  );

  scene('gives one document with --json, in the order that is asked for', async (world) => {
    const { stdout, exitCode } = await world.roll(
      'restart',
      '--grace',
      '0',
      `node=${C}`,
      `node=${A}`,
      '--json',
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'vmqctl.cluster-roll/1',
      resumed: false,
      nodes: [
        { node: C, restarted: true, sessionsLeft: 0 },
        { node: A, restarted: true, sessionsLeft: 0 },
      ],
    });
    expect(world.asked).toEqual([`restart ${C}`, `restart ${A}`]);
  });

  scene('shows the order and the gates, and changes nothing', async (world) => {
    const { stdout, exitCode } = await world.roll('restart', '--dry-run', '--pause', '30s');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/1 .*sim1@.*\n.*\n?.*2 .*sim2@/);
    expect(stdout).toContain('then a pause of 30.0 s');
    expect(world.asked).toEqual([]);
    await expect(readdir(join(world.folder, 'operations'))).rejects.toThrow('ENOENT');
  });

  scene('wants a yes where nobody can be asked, and a healthy cluster', async (world) => {
    const refused = await world.start('restart').ended;
    expect(refused).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('--yes') });
    await world.node(C).kill();
    const { exitCode, stderr } = await world.roll('restart');
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`${C} is a member and nobody reaches it`);
    expect(world.asked).toEqual([]);
  });

  scene('lets the listeners of a node accept again that its command has not restarted', async (world) => {
    const { exitCode, stdout } = await world.roll('nothing', '--back-within', '1s', `node=${B}`);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/sim2@.* no /);
    expect(await world.mqtt(B)).toBe('running');
  });

  for (const [what, act, message] of [
    ['fails', 'fail', 'failed with exit code 7'],
    ['leaves it dead', 'kill', 'is not back 1.'],
  ] as const) {
    scene(`stops when the command for a node ${what}`, async (world) => {
      const { exitCode, stderr } = await world.roll(act, '--back-within', '1s', `node=${B}`, `node=${C}`);
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(message) });
      expect(stderr).toContain(`done: no node; left: ${B}, ${C}`);
      expect(stderr).toContain('--resume');
      expect(world.asked).toEqual([`${act} ${B}`]);
      expect(await world.journal()).toMatchObject([{ outcome: 'failed' }]);
    });
  }

  scene('exits 3 when some nodes are done and the broker refuses to suspend the next', async (world) => {
    const running = world.start('restart', '--yes', '--back-within', '2s', '--pause', '1s');
    await running.says(`${A}: done`);
    for (const one of world.sandbox.nodes) one.refuse('cluster leave', 'crash');
    const { exitCode, stderr } = await running.ended;
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining(`done: ${A}`),
    });
    expect(await Promise.all([A, B, C].map((name) => world.mqtt(name)))).toEqual([
      'running',
      'running',
      'running',
    ]);
  });

  scene('is held by one operator of a machine', async (world) => {
    await world.node(A).connect({ sessions: 5, reconnect: 'never' });
    const first = world.start('restart', '--yes');
    await first.says('sessions left 5');
    const second = await world.roll('restart', `node=${C}`);
    expect(second).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('cluster roll, process') });
    first.child.kill('SIGINT');
    expect((await first.ended).exitCode).toBe(130);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    scene(`ends by ${signal} with the node as it was`, async (world) => {
      await world.node(A).connect({ sessions: 5, reconnect: 'never' });
      const running = world.start('restart', '--yes');
      await running.says('sessions left 5');
      expect(await world.mqtt(A)).toBe('suspended');
      running.child.kill(signal);
      const { exitCode, stderr } = await running.ended;
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 130 });
      expect(stderr).toContain(`${A}: its listeners accept again`);
      expect(await world.mqtt(A)).toBe('running');
    });
  }

  scene(
    'passes Ctrl-C on to the command, waits for it, and goes on with that node by --resume',
    async (world) => {
      const script = join(world.folder, 'slow.sh');
      await writeFile(
        script,
        `trap 'echo it was told; exit 9' INT; echo begun; while :; do sleep 0.05; done`,
      );
      const running = world.startWith(`exec sh ${script}`, '--yes', `node=${B}`);
      await running.says('begun');
      running.child.kill('SIGINT');
      const { exitCode, stderr } = await running.ended;
      expect({ exitCode, stderr }).toMatchObject({
        exitCode: 130,
        stderr: expect.stringContaining('it was told'),
      });
      expect(stderr).toContain(`${B}: interrupted; waiting for its command to end`);
      expect(await world.mqtt(B)).toBe('suspended');
      expect((await world.roll('restart', '--resume')).exitCode).toBe(0);
      expect(world.asked).toEqual([`restart ${B}`]);
    },
  );

  for (const [phase, text] of [
    ['drain', 'sessions left 5'],
    ['back', 'waiting for the node'],
  ] as const) {
    scene(`killed at ${phase} it goes on by --resume`, async (world) => {
      await world.node(B).connect({ sessions: 5, reconnect: 'never' });
      const running = world.start(
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
      expect(await world.journal()).toMatchObject([{ outcome: 'running', phase }]);
      if (phase === 'back') await world.node(B).restart();
      const { exitCode, stderr } = await world.roll(
        'restart',
        '--resume',
        '--grace',
        '0',
        '--sessions-back',
        '0',
      );
      expect({ exitCode, stderr }).toMatchObject({
        exitCode: 0,
        stderr: expect.stringContaining('going on with roll-'),
      });
      expect(world.asked).toEqual([`${phase === 'back' ? 'stop' : 'restart'} ${B}`, `restart ${C}`]);
      expect(await world.journal()).toMatchObject([{ outcome: 'done', subjects: [B, C] }]);
    });
  }

  scene('killed while its command runs it waits for no second one to run beside it', async (world) => {
    const script = join(world.folder, 'slow.sh');
    await writeFile(
      script,
      `echo begun; while [ ! -e ${world.folder}/go ]; do sleep 0.05; done; echo ended >${world.folder}/out`,
    );
    const running = world.startWith(`sh ${script}; true`, '--yes', `node=${B}`);
    await running.says('begun');
    running.child.kill('SIGKILL');
    await running.ended;
    const early = await world.roll('restart', '--resume');
    expect(early).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('the command of an earlier run'),
    });
    await writeFile(join(world.folder, 'go'), '');
    await expect.poll(() => readFile(join(world.folder, 'out'), 'utf8').catch(() => '')).toBe('ended\n');
    // It has written its last, and ends just then.
    await expect
      .poll(async () => (await world.roll('restart', '--resume')).exitCode, { timeout: 20_000 })
      .toBe(0);
    expect(world.asked).toEqual([`restart ${B}`]);
  });

  scene('ends as unknown when its time is up', async (world) => {
    await world.node(A).connect({ sessions: 5, reconnect: 'never' });
    const { exitCode, stderr } = await world.roll('restart', '--timeout', '2s');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 75, stderr: expect.stringContaining('--resume') });
    expect(await world.mqtt(A)).toBe('running');
  });

  scene('wants to know what to run, and takes each node once', async (world) => {
    const bare = spawn(process.execPath, [BINARY, 'cluster', 'roll', '--node', 'http://127.0.0.1:1'], {
      stdio: 'ignore',
    });
    expect(await new Promise((resolve) => bare.once('exit', resolve))).toBe(64);
    expect((await world.roll('restart', `node=${A}`, `node=${A}`)).exitCode).toBe(64);
    expect((await world.roll('restart', 'node=sim9@127.0.0.1')).exitCode).toBe(64);
  });
});
