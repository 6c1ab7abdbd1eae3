import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../src/lib/sandbox/handle.js';
import { vmqctl } from '../support/cli.js';
import { Pty } from '../support/pty.js';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const ENTERED = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEFT = '\u001b[?7h\u001b[?25h\u001b[?1049l';

let sandbox: Sandbox;
let one: SandboxNode;
let three: SandboxNode;
let pty: Pty | undefined;

beforeEach(async () => {
  sandbox = await startSandbox({ nodes: 3, joined: true, apiMode: 'noauth' });
  const [first, , third] = sandbox.nodes;
  if (!first || !third) throw new Error('the sandbox has too few nodes');
  [one, three] = [first, third];
});
afterEach(async () => {
  await pty?.stop();
  pty = undefined;
  await sandbox.close();
});

const watching = () => `$VMQCTL cluster show --watch --interval 200ms --node ${one.httpUrl}`;

/** Runs it in a terminal, with what the terminal is set to before and after. */
function watchOnTerminal(options?: ConstructorParameters<typeof Pty>[1]): Pty {
  pty = new Pty(
    `echo "before $(stty -g)."; sh -c 'echo "pid $$."; exec ${watching()}'; echo "code $?."; echo "after $(stty -g)."`,
    options,
  );
  return pty;
}

async function expectRestored(terminal: Pty, exitCode: number): Promise<void> {
  await terminal.ended;
  const { output } = terminal;
  expect(/code (\d+)\./.exec(output)?.[1]).toBe(String(exitCode));
  expect(/after (\S+)\./.exec(output)?.[1]).toBe(/before (\S+)\./.exec(output)?.[1]);
  expect(output.split(ENTERED).length).toBe(output.split(LEFT).length);
  expect(output.lastIndexOf(LEFT)).toBeGreaterThan(output.lastIndexOf(ENTERED));
}

/** The process that has the terminal. */
async function watcherOf(terminal: Pty): Promise<number> {
  await terminal.sees(/pid \d+\./);
  return Number(/pid (\d+)\./.exec(terminal.output)?.[1]);
}

describe('cluster show --watch on a terminal', () => {
  it('shows the cluster, what changes, and gives the terminal back at q', async () => {
    const terminal = watchOnTerminal();
    await terminal.sees('healthy, 3 nodes');
    expect(terminal.output).toContain(ENTERED);
    await three.kill();
    await terminal.sees(/error: sim3@127\.0\.0\.1 is a member and nobody reaches it/);
    terminal.type('q');
    await expectRestored(terminal, 0);
  });

  it('shows message rates', async () => {
    const terminal = watchOnTerminal();
    await terminal.sees('healthy, 3 nodes');
    const client = await connectAsync(one.mqttUrl, { clientId: 'busy' });
    const publishing = setInterval(() => client.publish('a/b', 'x'), 5);
    await terminal.sees(/[1-9][\d.]* in\/s/);
    clearInterval(publishing);
    await client.endAsync();
    terminal.type('q');
    await expectRestored(terminal, 0);
  });

  it.each([
    ['Ctrl-C', (terminal: Pty) => terminal.type('\u0003'), 0],
    ['SIGTERM', async (terminal: Pty) => process.kill(await watcherOf(terminal), 'SIGTERM'), 0],
    ['SIGHUP', async (terminal: Pty) => process.kill(await watcherOf(terminal), 'SIGHUP'), 129],
    ['SIGQUIT', async (terminal: Pty) => process.kill(await watcherOf(terminal), 'SIGQUIT'), 131],
  ])('gives the terminal back at %s', async (_name, end, exitCode) => {
    const terminal = watchOnTerminal();
    await terminal.sees('healthy, 3 nodes');
    await end(terminal);
    await expectRestored(terminal, exitCode);
  });

  it('draws anew for another size, and never wider', async () => {
    const terminal = watchOnTerminal({ columns: 100, rows: 24 });
    await terminal.sees('OFFLINE');
    const before = terminal.output.length;
    execFileSync('stty', ['-F', await terminal.device(), 'cols', '30', 'rows', '6']);
    const at = await terminal.sees('\u001b[2J', before);
    await terminal.sees('RUNS', at);
    await terminal.sees('healthy', (await terminal.sees('more', at)) + 1);
    // stty sets one of the two after the other, so there may be a size in between.
    const drawn = terminal.output.slice(terminal.output.lastIndexOf('\u001b[2J'));
    expect(drawn).not.toContain('OFFLINE');
    const rows = drawn.split('\u001b').map((part) => Number(/^\[(\d+);1H/.exec(part)?.[1] ?? 0));
    expect(Math.max(...rows)).toBeLessThanOrEqual(6);
    terminal.type('q');
    await expectRestored(terminal, 0);
  });

  it('gives the terminal back while it is stopped, and takes it again', async () => {
    pty = new Pty(`exec bash --norc -i`, { env: { PS1: 'ready> ' } });
    await pty.sees('ready> ');
    pty.type(`${watching()}\r`);
    await pty.sees('healthy, 3 nodes');
    pty.type('\u001a');
    const stopped = await pty.sees(/Stopped/);
    expect(pty.output.slice(0, stopped)).toContain(LEFT);
    pty.type('stty -a | tr -d "\\n"; fg\r');
    expect(pty.output.slice(stopped)).not.toContain(ENTERED);
    const again = await pty.sees(ENTERED, stopped);
    expect(pty.output.slice(stopped, again)).toMatch(/ icanon .* echo /);
    await pty.sees('healthy, 3 nodes', again);
    pty.type('q');
    await pty.sees(/ready> $/, await pty.sees(LEFT, again));
  });

  it('is ASCII and without colour where it is told so', async () => {
    const terminal = watchOnTerminal({
      env: { LANG: 'C', NO_COLOR: '1' } as Readonly<Record<string, string>>,
    });
    await terminal.sees('healthy, 3 nodes');
    await terminal.sees('healthy, 3 nodes', terminal.output.length);
    terminal.type('q');
    await expectRestored(terminal, 0);
    expect(terminal.output).not.toMatch(/\P{ASCII}/u);
    const colours = terminal.output.split('\u001b').filter((part) => /^\[\d+m/.test(part));
    expect(new Set(colours)).toEqual(new Set(['[0m']));
  });

  it('never takes the terminal when no node answers', async () => {
    pty = new Pty('$VMQCTL cluster show --watch --node http://127.0.0.1:1; echo "code $?."');
    await pty.ended;
    expect(pty.output).toContain('code 69.');
    expect(pty.output).not.toContain('\u001b[?1049h');
  });

  it('gives the terminal back when an error is caught by nobody', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vmqctl-live-'));
    const source = `
      import { Screen } from './src/lib/cli/live/screen.ts';
      import { TerminalSession } from './src/lib/cli/live/session.ts';
      const screen = new Screen(process.stdout, (text) => text);
      const nothing = () => {};
      new TerminalSession({ screen, input: process.stdin, onQuit: nothing, onRedraw: nothing }).open();
      setTimeout(() => { throw new Error('nobody catches this'); }, 50);`;
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir: root },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
    });
    const file = join(folder, 'live.mjs');
    await writeFile(file, outputFiles[0]?.text ?? '');
    pty = new Pty(
      `echo "before $(stty -g)."; ${process.execPath} ${file}; echo "code $?."; echo "after $(stty -g)."`,
    );
    await expectRestored(pty, 1);
    expect(pty.output.lastIndexOf('nobody catches this')).toBeGreaterThan(pty.output.lastIndexOf(LEFT));
    await rm(folder, { recursive: true });
  });
});

describe('cluster show --watch in a pipe', () => {
  /** Starts it, waits for each text after it did something, and ends it as Ctrl-C does. */
  async function piped(
    args: readonly string[],
    steps: readonly (readonly [wanted: RegExp, then: () => unknown])[],
  ): Promise<{ stdout: string; exitCode: number | null }> {
    const child = spawn(
      process.execPath,
      [BINARY, 'cluster', 'show', '--watch', '--interval', '100ms', '--node', one.httpUrl, ...args],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env.PATH, VMQCTL_CONFIG_DIR: tmpdir() } },
    );
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    const ended = once(child, 'close');
    for (const [wanted, act] of steps) {
      const until = Date.now() + 15_000;
      while (!wanted.test(stdout)) {
        if (Date.now() > until) {
          child.kill('SIGKILL');
          throw new Error(`${wanted} was never written: ${stdout}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await act();
    }
    child.kill('SIGINT');
    const [exitCode] = (await ended) as [number | null];
    return { stdout, exitCode };
  }

  it('writes one line per change, and nothing for a terminal', async () => {
    const { stdout, exitCode } = await piped(
      [],
      [
        [/healthy: 3 nodes/, () => three.kill()],
        [/error: sim3@127\.0\.0\.1 is a member and nobody reaches it/, () => three.restart()],
        [/over: sim3@127\.0\.0\.1 is a member/, () => undefined],
      ],
    );
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('\u001b');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z healthy: 3 nodes, 0 online, 0 queued$/);
    expect(lines.some((line) => / sim3@127\.0\.0\.1: running yes -> no/.test(line))).toBe(true);
  });

  it('writes one JSON object per line with --json', async () => {
    const { stdout } = await piped(
      ['--json'],
      [
        [/"healthy":true/, () => three.kill()],
        [/"healthy":false/, () => undefined],
      ],
    );
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents[0]).toMatchObject({
      schema: 'vmqctl.cluster-watch/1',
      answered: true,
      healthy: true,
      nodes: [{ messagesPerSecond: { in: null, out: null } }, {}, {}],
    });
    expect(documents.at(-1)).toMatchObject({ healthy: false, problems: [{ code: 'ghost' }] });
  });

  it.each([
    [['--format', 'csv'], 'a watch is not shown as csv'],
    [['--node-view', 'a@b'], 'cannot also be provided'],
    [['--interval', 'soon'], '--interval is not a duration'],
  ])('refuses what makes no sense with it: %j', async (args, message) => {
    const given = ['cluster', 'show', '--watch', '--node', 'http://127.0.0.1:1', ...args];
    const { stderr, exitCode } = await vmqctl(given);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(message);
  });
});
