import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vmqctl } from '../support/cli.js';
import { type Epmd, type ErlangNodeProcess, startEpmd, startErlangNode } from '../support/erlang-node.js';
import { freePort } from '../support/ports.js';

const COOKIE = 'pl4nted-cookie';
const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

let folder: string;
let epmd: Epmd;
let nodes: ErlangNodeProcess[];
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-erl-'));
  await writeFile(join(folder, 'cookie'), `${COOKIE}\n`, { mode: 0o400 });
  epmd = await startEpmd();
  nodes = [];
  for (const name of ['VerneMQ1', 'VerneMQ2', 'VerneMQ3']) nodes.push(await member(name, nodes));
  url = `erl://${nodes[0]?.name}`;
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.kill()));
  await epmd.stop();
  await rm(folder, { recursive: true });
});

/** A member of one cluster: whoever is connected is one. */
function member(name: string, known: readonly ErlangNodeProcess[]): Promise<ErlangNodeProcess> {
  const expressions = [
    'application:set_env(vmq_test, members, connected).',
    ...known.map((other) => `pong = net_adm:ping('${other.name}').`),
  ];
  const evaluated = expressions.flatMap((expression) => ['-eval', expression]);
  return startErlangNode({ epmd, cookie: COOKIE, name, arguments: evaluated });
}

const environment = () => ({
  VMQCTL_CONFIG_DIR: folder,
  VMQCTL_STATE_DIR: folder,
  ERL_EPMD_PORT: String(epmd.port),
  VMQCTL_COOKIE_FROM: `file:${join(folder, 'cookie')}`,
});

const run = (line: string, env: Record<string, string> = {}) =>
  vmqctl(line.split(' '), { env: { ...environment(), ...env } });

describe('cluster show', () => {
  it('finds all nodes from one, and asks each', async () => {
    const { stdout, stderr, exitCode } = await run(`cluster show --node ${url} --json`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { healthy, nodes: shown } = JSON.parse(stdout);
    expect(healthy).toBe(true);
    expect(shown.map(({ address }: { address: string }) => address).sort()).toEqual(
      nodes.map(({ name }) => `erl://${name}`).sort(),
    );
    for (const { seenBy } of shown)
      expect(seenBy).toEqual(Object.fromEntries(nodes.map(({ name }) => [name, true])));
  });

  it('needs no epmd where the port is given', async () => {
    const port = nodes[0]?.port;
    const { exitCode, stdout } = await run(
      `cluster show --node-view ${nodes[0]?.name} --node ${url}?port=${port}`,
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain(nodes[2]?.name);
  });
});

describe('what cannot be reached', () => {
  it('the wrong cookie is said to be one, and neither is shown', async () => {
    const { stderr, exitCode } = await run(`cluster show --node ${url}`, {
      VMQCTL_COOKIE_FROM: 'env:OTHER',
      OTHER: 'pl4nted-other',
      VMQCTL_DEBUG: '1',
    });
    expect(exitCode).toBe(77);
    expect(stderr).toContain('has another cookie');
    expect(stderr).not.toContain('pl4nted');
  });

  it('no epmd, no such node and no such port are three messages', async () => {
    const unused = String(await freePort());
    const messages = await Promise.all([
      run(`cluster show --node ${url}`, { ERL_EPMD_PORT: unused }),
      run('cluster show --node erl://nobody@127.0.0.1'),
      run(`cluster show --node ${url}?port=${unused}`),
    ]);
    expect(messages.map(({ exitCode }) => exitCode)).toEqual([69, 69, 69]);
    const [epmdDown, unknown, closed] = messages.map(({ stderr }) => stderr);
    expect(epmdDown).toContain(`nothing listens for epmd at 127.0.0.1:${unused}`);
    expect(unknown).toContain('knows no node "nobody"');
    expect(closed).toContain(`nothing listens for ${nodes[0]?.name}`);
  });

  it('a cookie that others can read is refused', async () => {
    const open = join(folder, 'open-cookie');
    await writeFile(open, COOKIE, { mode: 0o644 });
    const { stderr, exitCode } = await run(`cluster show --node ${url} --cookie-from file:${open}`);
    expect(exitCode).toBe(78);
    expect(stderr).toContain('can be read by other users');
  });

  it('without a cookie nothing is contacted', async () => {
    const { exitCode, stderr } = await vmqctl(['cluster', 'show', '--node', url], {
      env: { ERL_EPMD_PORT: String(epmd.port) },
    });
    expect(exitCode).toBe(78);
    expect(stderr).toContain('--cookie-from');
  });
});

describe('a saved cluster', () => {
  it('keeps where the cookie is, and can be tried', async () => {
    const cookie = `file:${join(folder, 'cookie')}`;
    const added = await run(`context add native --node ${url} --cookie-from ${cookie}`);
    expect(added.exitCode).toBe(0);
    const shown = await run('context show native --json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ nodes: [url], cookieFrom: cookie });
    const tried = await run('context validate native --connect');
    expect(tried.stdout).toContain(`answers; reaches ${nodes[0]?.name}`);
    expect(tried.exitCode).toBe(0);
    expect(added.stdout + shown.stdout + tried.stdout).not.toContain(COOKIE);
  });
});

describe('a command of vmq-admin', () => {
  it('says what is wrong with it in the words of the broker', async () => {
    const { exitCode, stderr } = await run(`listener delete address=127.0.0.1 port=1 --yes --node ${url}`);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('the broker crashed while it ran listener delete: badarg');
  });
});

describe('trace client', () => {
  it('streams until Ctrl-C, stops its tracer, and that is no failure', async () => {
    const child = spawn(process.execPath, [BINARY, 'trace', 'client', 'client-id=c', '--node', url], {
      env: { PATH: process.env.PATH, ...environment() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const seen = { out: '', err: '' };
    child.stdout.on('data', (text) => (seen.out += text));
    child.stderr.on('data', (text) => (seen.err += text));
    const ended = new Promise((resolve) => child.once('close', resolve));
    await expect.poll(() => seen.out, { timeout: 10_000 }).toBe('Starting trace\n');
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(seen.err).toContain('the node has confirmed it');
  });

  it('ends when nobody reads it any more, as behind head', async () => {
    const line = `"$NODE" "$BINARY" trace client client-id=busy --node ${url} | head -n 3; echo "exit \${PIPESTATUS[0]}"`;
    const shell = spawn('bash', ['-c', line], {
      env: { PATH: process.env.PATH, NODE: process.execPath, BINARY, ...environment() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let seen = '';
    shell.stdout.on('data', (text) => (seen += text));
    await new Promise((resolve) => shell.once('close', resolve));
    expect(seen.trim().split('\n')).toHaveLength(4);
    expect(seen).toMatch(/^exit 0$/m);
  });
});
