import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { vmqctl } from '../support/cli.js';
import { freePort, freePorts } from '../support/ports.js';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

let folder: string;
let url: string;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-check-'));
  const base = await freePorts(30);
  url = `http://127.0.0.1:${base}`;
  environment = { VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder, VMQCTL_NODE: url };
  await run('sandbox up --nodes 3 --joined --lifetime 5m --base-port', String(base));
  const { epmdPort, cookieFile } = JSON.parse(await readFile(join(folder, 'sandbox.json'), 'utf8'));
  environment = {
    ...environment,
    ERL_EPMD_PORT: String(epmdPort),
    VMQCTL_COOKIE_FROM: `file:${cookieFile}`,
  };
});
afterEach(async () => void (await run('sandbox fault --clear')));
afterAll(async () => {
  await run('sandbox down');
  await rm(folder, { recursive: true });
});

const run = (line: string, ...more: string[]) =>
  vmqctl([...line.split(' '), ...more], { env: environment, timeout: 60_000 });
const check = (flags = '', ...more: string[]) =>
  run(`cluster check --settle 0s --sample 100ms ${flags}`.trim(), ...more);

describe('cluster check', () => {
  it('is ok of a healthy cluster, and has every check in its table', async () => {
    const { stdout, exitCode } = await check();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('healthy: 3 nodes, 19 ok');
  });

  it.each([
    ['any-address', 'clustering_listener_loopback_or_any', 'data-channel'],
    // From its own side nobody looks: of the one URL that is given, it cannot be found.
    ['cookie-changed', 'cookie_differs', 'ghosts'],
    ['killed', 'node_stopped', 'ghosts'],
    ['expelled', 'expelled_node_came_back', 'views'],
  ])('names the cause of %s, and is ok once it is cleared', async (fault, code, name) => {
    expect((await run(`sandbox fault ${fault} --node sim3`)).exitCode).toBe(0);
    const ill = await check('--json');
    expect(ill.exitCode).toBe(10);
    const { healthy, causes, checks } = JSON.parse(ill.stdout);
    expect(healthy).toBe(false);
    expect(causes[0]).toMatchObject({ code, nodes: expect.arrayContaining(['sim3@127.0.0.1']) });
    expect(causes).toHaveLength(1);
    expect(checks.find((one: { name: string }) => one.name === name)).toMatchObject({ status: 'critical' });
    expect((await run('sandbox fault --clear')).stdout).toContain(`${fault} is gone`);
    expect((await check('--json')).exitCode).toBe(0);
  });

  it('has the exit codes and the first line of a Nagios plugin', async () => {
    const fine = await check('--format nagios --skip login-capacity');
    expect({ code: fine.exitCode, out: fine.stdout.split(' | ')[0] }).toEqual({
      code: 0,
      out: 'VERNEMQ OK - 3 nodes',
    });
    await run('sandbox fault stopped --node sim2');
    const ill = await check('--format nagios');
    expect(ill.exitCode).toBe(2);
    expect(ill.stdout).toMatch(/^VERNEMQ CRITICAL - sim2@127\.0\.0\.1 does not run/);
    const nobody = await run(`cluster check --format nagios --node http://127.0.0.1:${await freePort()}`);
    expect(nobody.exitCode).toBe(2);
    const wrong = await check('--format nagios --only nothing');
    expect({ code: wrong.exitCode, start: wrong.stdout.slice(0, 15) }).toEqual({
      code: 3,
      start: 'VERNEMQ UNKNOWN',
    });
  });

  it('is unknown, and no more, where there is no way to tell', async () => {
    const blind = { ...environment, ERL_EPMD_PORT: String(await freePort()), VMQCTL_COOKIE_FROM: '' };
    const { stdout, exitCode } = await vmqctl(
      ['cluster', 'check', '--only', 'erlang-ports', '--format', 'nagios'],
      {
        env: blind,
      },
    );
    expect(exitCode).toBe(3);
    expect(stdout).toContain('UNKNOWN erlang-ports');
  });

  it('has samples for Prometheus, also of a cluster that does not answer', async () => {
    expect((await check('--format prometheus --only views')).stdout).toContain(
      'vmqctl_check_status{check="views"} 0',
    );
    const down = await run(`cluster check --format prometheus --node http://127.0.0.1:${await freePort()}`);
    expect(down.exitCode).toBe(69);
    expect(down.stdout).toContain('vmqctl_cluster_reachable 0');
  });

  it('exits 69 where no node answers, and 64 for a check that is none', async () => {
    expect((await run(`cluster check --node http://127.0.0.1:${await freePort()}`)).exitCode).toBe(69);
    const { exitCode, stderr } = await check('--only vews');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('did you mean views');
  });

  it('tells what changes while it watches, and ends with Ctrl-C', async () => {
    const flags = ['--watch', '--every', '200ms', '--sample', '50ms', '--only', 'views,ghosts', '--json'];
    const child = spawn(process.execPath, [BINARY, 'cluster', 'check', ...flags], {
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const until = async (wanted: Record<string, string>) => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`it ended before ${JSON.stringify(wanted)}`);
        const change = JSON.parse(value);
        if (Object.entries(wanted).every(([key, text]) => change[key] === text)) return;
      }
    };
    await run('sandbox fault killed --node sim3');
    await until({ name: 'node_stopped', now: 'likely' });
    await run('sandbox fault --clear');
    await until({ name: 'ghosts', before: 'critical', now: 'ok' });
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });
});

describe('sandbox fault', () => {
  it('lists the faults', async () => {
    const { stdout, exitCode } = await run('sandbox fault');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('any-address');
  });

  it('is shown by sandbox status, and refused where it makes no sense', async () => {
    await run('sandbox fault frozen --node sim3');
    expect((await run('sandbox status')).stdout).toMatch(/sim3.*frozen/);
    expect((await run('sandbox fault killed --node sim3')).exitCode).toBe(4);
    expect((await run('sandbox fault kiled --node sim2')).stderr).toContain('did you mean killed');
    expect((await run('sandbox fault killed')).exitCode).toBe(64);
  });

  it('says so where no sandbox runs', async () => {
    const nowhere = { ...environment, VMQCTL_STATE_DIR: join(folder, 'elsewhere') };
    const { exitCode, stderr } = await vmqctl(['sandbox', 'fault', '--clear'], { env: nowhere });
    expect(exitCode).toBe(78);
    expect(stderr).toContain('no sandbox runs');
  });
});
