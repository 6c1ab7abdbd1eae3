import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { LogWriter } from '../lib/logs/writer.js';
import { vmqctl } from '../support/cli.js';
import { freePort } from '../support/ports.js';
import { type Sshd, startSshd } from '../support/sshd.js';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

let one: Sshd;
let two: Sshd;
let log: LogWriter;
let child: ChildProcess | undefined;

beforeAll(async () => {
  one = await startSshd();
  two = await startSshd({ home: one.home });
});
afterAll(async () => {
  await Promise.all([one.stop(), two.stop()]);
});
beforeEach(() => {
  log = new LogWriter('m', Date.now() - 60_000);
});
afterEach(() => {
  child?.kill('SIGKILL');
  child = undefined;
  log.remove();
});

const environment = () => ({ HOME: one.home, VMQCTL_CONFIG_DIR: log.folder });
const run = (...args: string[]) =>
  vmqctl(['logs', '--file', log.path, ...args], { env: environment(), timeout: 60_000 });
const node = (sshd: Sshd) => ['--node', sshd.url];

describe('vmqctl logs', () => {
  test('shows the last lines of all nodes, with their nodes in front', async () => {
    log.write(3);
    const { stdout, stderr, exitCode } = await run(...node(one), ...node(two), '--lines', '2');
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/ \|.*: /, ' | '))).toEqual([
      `127.0.0.1:${one.port} | m-2`,
      `127.0.0.1:${two.port} | m-2`,
      `127.0.0.1:${one.port} | m-3`,
      `127.0.0.1:${two.port} | m-3`,
    ]);
  });

  test('--json is one object per line', async () => {
    log.write(2, { level: 'info' });
    log.write(2, { level: 'error' });
    const { stdout, exitCode } = await run(...node(one), '--level', 'warning', '--grep', 'm-[34]', '--json');
    expect(exitCode).toBe(0);
    const entries = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries).toMatchObject([
      {
        schema: 'vmqctl.log-record/1',
        node: '127.0.0.1',
        level: 'error',
        module: 'vmq_test',
        message: 'm-3',
      },
      { level: 'error', message: 'm-4' },
    ]);
  });

  test('a host that is not reached is warned of, and the exit code is 3', async () => {
    log.write(1);
    const away = `ssh://root@127.0.0.1:${await freePort()}`;
    const { stdout, stderr, exitCode } = await run(...node(one), '--node', away);
    expect(stdout).toContain('m-1');
    expect(stderr).toMatch(/^warning: .*127\.0\.0\.1:\d+/);
    expect(exitCode).toBe(3);
  });

  test('no host that is reached is exit code 69, with --follow too', async () => {
    const away = `ssh://root@127.0.0.1:${await freePort()}`;
    const { stderr, exitCode } = await run('--node', away);
    expect({ exitCode, stderr }).toEqual({ exitCode: 69, stderr: expect.stringMatching(/^error: /) });
    expect((await run('--node', away, '--follow')).exitCode).toBe(69);
  });

  test('no log that is found is exit code 78, and says what to do', async () => {
    const { stderr, exitCode } = await run(...node(one));
    expect(exitCode).toBe(78);
    expect(stderr).toMatch(/no log at .*console\.log[\s\S]*hint: .*--file/);
  });

  test('nodes without SSH, and formats that are none for it, are refused', async () => {
    expect(await run('--node', 'http://127.0.0.1:8888')).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('ssh://'),
    });
    expect(await run(...node(one), '--format', 'csv')).toMatchObject({ exitCode: 64 });
  });

  test('--follow goes on until Ctrl-C, and that is its good end', async () => {
    log.write(1);
    const output = follow();
    await vi.waitFor(() => expect(output.text).toContain('m-1\n'), 15_000);
    log.write(1);
    await vi.waitFor(() => expect(output.text).toContain('m-2\n'), 15_000);
    log.rotate();
    log.write(1);
    await vi.waitFor(() => expect(output.text).toContain('m-3\n'), 15_000);
    child?.kill('SIGINT');
    const [code] = await output.closed;
    expect(code).toBe(0);
    expect(output.errors).toBe('');
  });

  test('a reader that has had enough ends it', async () => {
    log.write(20_000);
    const output = follow('--since', '1h');
    await vi.waitFor(() => expect(output.text.length).toBeGreaterThan(0), 15_000);
    child?.stdout?.destroy();
    await output.closed;
    expect(output.errors).toBe('');
  });

  test('a reader that is slow is waited for, and gets everything', async () => {
    log.write(60_000);
    const output = follow('--since', '1h');
    await vi.waitFor(() => expect(output.text.length).toBeGreaterThan(0), 15_000);
    child?.stdout?.pause();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    child?.stdout?.resume();
    await vi.waitFor(() => expect(output.text).toContain(' m-60000\n'), 20_000);
    expect(output.text.match(/m-\d+$/gm)).toEqual(log.messages);
  });
});

function follow(...args: string[]) {
  const started = spawn(
    process.execPath,
    [BINARY, 'logs', '--follow', '--file', log.path, ...node(one), ...args],
    {
      env: { PATH: process.env.PATH, ...environment() },
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  child = started;
  const output = { text: '', errors: '', closed: once(started, 'close') };
  started.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.text += text;
  });
  started.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.errors += text;
  });
  return output;
}
