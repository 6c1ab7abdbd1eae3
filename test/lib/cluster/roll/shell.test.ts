import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commandFor } from '../../../../src/lib/cluster/roll/command-line.js';
import { shellRunner } from '../../../../src/lib/cluster/roll/shell.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-shell-'));
});
afterEach(() => rm(folder, { recursive: true }));

const never = new AbortController().signal;
const environment = { PATH: process.env.PATH };

describe.each([true, false])('a command (with a terminal: %s)', (isInteractive) => {
  const run = (line: string, signal: AbortSignal) =>
    shellRunner({ folder, isInteractive, environment })(line, 'a@h', signal);

  it.each([
    ['exit 0', { exitCode: 0, why: undefined }],
    ['exit 7', { exitCode: 7, why: undefined }],
    ['kill -KILL $$', { exitCode: null, why: 'SIGKILL ended it' }],
    ['/no/such/program 2>/dev/null', { exitCode: 127, why: undefined }],
  ])('%s ends as it does', async (line, end) => {
    expect(await run(line, never)).toEqual(end);
  });

  it('is told of an interruption, and its end is waited for', async () => {
    const controller = new AbortController();
    const script = join(folder, 'command.sh');
    await writeFile(
      script,
      `trap 'sleep 0.2; echo told >${folder}/out; exit 3' INT; touch ${folder}/ready; while :; do sleep 0.05; done`,
    );
    const ended = run(`exec sh ${script}`, controller.signal);
    while (!(await readFile(join(folder, 'ready')).catch(() => undefined))) await new Promise(setImmediate);
    controller.abort();
    expect(await ended).toEqual({ exitCode: 3, why: undefined });
    expect(await readFile(join(folder, 'out'), 'utf8')).toBe('told\n');
  });
});

it('is not told a second time of a Ctrl-C that the terminal has told it of', async () => {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  process.once('SIGINT', interrupt);
  const run = shellRunner({ folder, isInteractive: true, environment });
  const script = join(folder, 'command.sh');
  await writeFile(script, `trap 'echo told >>${folder}/out' INT; touch ${folder}/ready; sleep 1.2; exit 0`);
  const ended = run(`exec sh ${script}`, 'a@h', controller.signal);
  await expect.poll(() => readFile(join(folder, 'ready')).catch(() => undefined)).toBeDefined();
  process.emit('SIGINT');
  expect(await ended).toEqual({ exitCode: 0, why: undefined });
  await expect(readFile(join(folder, 'out'))).rejects.toThrow('ENOENT');
});

it.each(['EPERM', 'ESRCH'])('that cannot be told of an interruption is waited for: %s', async (code) => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error(code), { code });
  });
  try {
    const controller = new AbortController();
    const run = shellRunner({ folder, isInteractive: false, environment });
    const ended = run(`touch ${folder}/ready; sleep 0.2`, 'a@h', controller.signal);
    await expect.poll(() => readFile(join(folder, 'ready')).catch(() => undefined)).toBeDefined();
    controller.abort();
    expect(await ended).toEqual({ exitCode: 0, why: undefined });
    expect(kill).toHaveBeenCalledTimes(1);
  } finally {
    kill.mockRestore();
  }
});

it('that cannot be started is a failure', async () => {
  const run = shellRunner({ folder, isInteractive: false, environment: { PATH: 'x'.repeat(200_000) } });
  await expect(run('true', 'a@h', never)).rejects.toMatchObject({ code: 'no_shell' });
  expect(await readdir(join(folder, 'locks'))).toEqual([]);
});

it('without a terminal tells all that the command has started', async () => {
  const controller = new AbortController();
  const run = shellRunner({ folder, isInteractive: false, environment });
  const inner = `trap 'echo told >${folder}/out; exit 4' INT; touch ${folder}/ready; while :; do sleep 0.05; done`;
  await writeFile(join(folder, 'inner.sh'), inner);
  const ended = run(`sh ${folder}/inner.sh; exit $?`, 'a@h', controller.signal);
  while (!(await readFile(join(folder, 'ready')).catch(() => undefined))) await new Promise(setImmediate);
  controller.abort();
  expect(await ended).toEqual({ exitCode: null, why: 'SIGINT ended it' });
  await expect.poll(() => readFile(join(folder, 'out'), 'utf8').catch(() => '')).toBe('told\n');
});

it('is not begun after an interruption', async () => {
  const run = shellRunner({ folder, isInteractive: false, environment });
  const ended = run(`touch ${folder}/ready`, 'a@h', AbortSignal.abort());
  await expect(ended).rejects.toMatchObject({ kind: 'interrupted' });
  await expect.poll(() => readdir(join(folder, 'locks'))).toEqual([]);
  expect(await readdir(folder)).toEqual(['locks']);
});

it('is not run a second time for a node while it still runs, though the first run is gone', async () => {
  const run = shellRunner({ folder, isInteractive: false, environment });
  const first = run(`touch ${folder}/ready; while [ ! -e ${folder}/go ]; do sleep 0.05; done`, 'a@h', never);
  const holder = () =>
    readFile(join(folder, 'locks', 'command%20for%20a%40h.json'), 'utf8').catch(() => '{}');
  await expect.poll(async () => JSON.parse(await holder()).pid ?? process.pid).not.toBe(process.pid);
  await expect(run('true', 'a@h', never)).rejects.toMatchObject({
    kind: 'safety',
    message: expect.stringContaining('the command of an earlier run, process'),
  });
  expect((await run('true', 'b@h', never)).exitCode).toBe(0);
  await writeFile(join(folder, 'go'), '');
  await first;
  expect((await run('true', 'a@h', never)).exitCode).toBe(0);
});

describe('the command for a node', () => {
  it('has what the node is in place of each placeholder, and leaves other braces alone', () => {
    const line = commandFor(
      "ssh {host} 'echo {node}' {url} {host} $x {other}",
      'V@h.example',
      'http://h:8888',
    );
    expect(line).toBe("ssh h.example 'echo V@h.example' http://h:8888 h.example $x {other}");
  });

  it('may have in it whatever the URL of a node has', () => {
    const url = 'erl://VerneMQ@[fe80::1%25eth0]?port=9100';
    expect(commandFor('look {url}', 'V@h', url)).toBe(`look ${url}`);
  });

  // A file named 1 would stand in for [::1], a home folder for ~root.
  it.each([
    'V@h;reboot',
    'V@$(reboot)',
    "V@h'",
    'V@h h',
    'V@-oProxyCommand=x',
    'V@',
    'V@[::1]',
    'V@~root',
    'V@h?',
    'V@h\n',
  ])('is refused for %s', (node) => {
    expect(() => commandFor('ssh {host}', node, 'http://h')).toThrow(/does not take as they are/);
  });
});
