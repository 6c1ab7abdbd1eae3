import { mkdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SshHost } from '../../src/lib/ssh/host.js';
import { connectHost } from '../../src/lib/ssh/ssh-hosts.js';
import { failure } from '../support/failure.js';
import { processes, type Sshd, startSshd, tool, until } from '../support/sshd.js';

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd({ config: ['MaxSessions 2'] });
});
afterAll(() => sshd.stop());

const opened: SshHost[] = [];
afterEach(() => {
  for (const host of opened.splice(0)) host.close();
});

function hostOf({ url, home }: Sshd): SshHost {
  const host = connectHost(url, { home, systemFolder: '/nonexistent', environment: {} });
  opened.push(host);
  return host;
}

describe('a command', () => {
  it('has its output, its errors and its exit code apart', async () => {
    const finished = await hostOf(sshd).run('printf out; printf err >&2; exit 3');
    expect(finished).toEqual({ stdout: 'out', stderr: 'err', exitCode: 3 });
  });

  it('that a signal ends has 128 and the number of the signal', async () => {
    expect((await hostOf(sshd).run('exec 2>/dev/null; kill -9 $$')).exitCode).toBe(137);
  });

  it('that ends all around it with it has ended', async () => {
    expect((await hostOf(sshd).run('kill -KILL 0')).exitCode).toBe(137);
    expect((await hostOf(sshd).run('kill -TERM 0; sleep 60')).exitCode).toBe(143);
  });

  it('is taken as POSIX shells take it, quotes and all', async () => {
    const { stdout } = await hostOf(sshd).run(`a='it'\\''s "x"'; printf '%s|' "$a" 'b  c' \\$ | cat`);
    expect(stdout).toBe(`it's "x"|b  c|$|`);
  });

  it('has nothing on its input', async () => {
    expect((await hostOf(sshd).run('cat; echo end')).stdout).toBe('end\n');
  });

  it('gets its input whole: newlines at the end, other scripts, a megabyte', async () => {
    const input = `${'zeile mit ü, 中文 und \\n %s\n'.repeat(40_000)}\n\n`;
    const { stdout } = await hostOf(sshd).run('cat', { input });
    expect(stdout).toBe(input);
  });

  it('does not have to read its input', async () => {
    const { exitCode, stderr } = await hostOf(sshd).run('exit 4', { input: 'x'.repeat(1_000_000) });
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: '' });
  });

  it('has no input in the list of processes', async () => {
    const { stdout } = await hostOf(sshd).run('ps -e -o args; cat >/dev/null', {
      input: 'VERY-SECRET-COOKIE',
    });
    expect(stdout).toContain('ps -e -o args');
    expect(stdout).not.toContain('VERY-SECRET-COOKIE');
  });

  it('leaves nothing running behind it', async () => {
    await hostOf(sshd).run(': nothing-left-behind');
    const isLeft = async () =>
      [...(await processes()).values()].some((line) => line.includes('nothing-left-behind'));
    await until(async () => !(await isLeft()), 'something was left');
  });

  it('may leave a service running, when it has let go of its output', async () => {
    const { stdout } = await hostOf(sshd).run('sleep 4717 >/dev/null 2>&1 & echo $!');
    expect((await processes()).get(Number(stdout))).toBe('sleep 4717');
    process.kill(Number(stdout));
  });

  it('shares one connection with all the others, and waits where the server has no session to spare', async () => {
    const host = hostOf(sshd);
    const before = logins();
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => host.run(`sleep 0.1; echo ${i}`)));
    expect(all.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 20 }, (_, i) => `${i}\n`));
    expect(logins() - before).toBe(1);
  });

  it('that still waits for a session when its time is over was not sent', async () => {
    const host = hostOf(sshd);
    const stop = new AbortController();
    const busy = [1, 2].map(() => host.run('sleep 60', { signal: stop.signal }).catch(() => undefined));
    await until(async () => (await count('sleep 60')) === 2, 'not started');
    expect(await failure(host.run('echo never', { deadline: 300 }))).toMatchObject({ code: 'ssh_silent' });
    stop.abort();
    await Promise.all(busy);
    expect((await host.run('echo again')).stdout).toBe('again\n');
  });
});

describe('output', () => {
  it('of 100 MB is handed on as it comes, and not kept', async () => {
    let bytes = 0;
    const before = process.memoryUsage().rss;
    const onOutput = (chunk: Buffer) => (bytes += chunk.length);
    const finished = await hostOf(sshd).run('head -c 100000000 /dev/zero', { onOutput });
    expect(bytes).toBe(100_000_000);
    expect(finished).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    expect(process.memoryUsage().rss - before).toBeLessThan(80_000_000);
  });

  it('of more than 64 MB is too much to keep, and the command is stopped', async () => {
    const error = await failure(hostOf(sshd).run('yes too-much-output'));
    expect(error).toMatchObject({ kind: 'failed', code: 'ssh_output_too_long' });
    await until(async () => !(await isRunning('yes too-much-output')), 'it still runs');
  });

  it('that its taker cannot take ends the command, and nothing else', async () => {
    const host = hostOf(sshd);
    const onOutput = () => {
      throw new Error('no space left');
    };
    await expect(host.run('echo x; sleep 4719', { onOutput })).rejects.toThrow('no space left');
    await until(async () => !(await isRunning('sleep 4719')), 'it still runs');
    const before = logins();
    expect((await host.run('echo on')).stdout).toBe('on\n');
    expect(logins()).toBe(before);
  });

  it('comes while the command runs', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const onOutput = (chunk: Buffer, stream: string) => {
      seen.push(`${stream}:${chunk}`);
      stop.abort();
    };
    await failure(hostOf(sshd).run('printf no-newline >&2; sleep 60', { onOutput, signal: stop.signal }));
    expect(seen).toEqual(['err:no-newline']);
  });
});

const STUBBORN = `trap '' INT TERM; while :; do sleep 0.2; : 4714; done`;

describe('a command that is given up', () => {
  it.each([
    ['an ordinary one', 'sleep 4711', 'sleep 4711'],
    ['a pipeline with a child', '(sleep 4712; true) | cat', 'sleep 4712'],
    ['one that reads its input', 'cat - /dev/zero >/dev/null; : 4713', 'cat - /dev/zero >/dev/null; : 4713'],
    ['one that takes no INT and no TERM', STUBBORN, STUBBORN],
  ])('ends there: %s', async (_, line, mark) => {
    const stop = new AbortController();
    const host = hostOf(sshd);
    const running = failure(host.run(line, { signal: stop.signal, input: 'x' }));
    await until(() => isRunning(mark), 'it does not start');
    stop.abort();
    expect(await running).toMatchObject({ kind: 'interrupted' });
    await until(async () => !(await isRunning(mark)), 'it still runs');
    // The connection is as good as before.
    expect((await host.run('echo on')).stdout).toBe('on\n');
  });

  it('when its time is over', async () => {
    const error = await failure(hostOf(sshd).run('sleep 4715', { deadline: 400 }));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'ssh_deadline' });
    await until(async () => !(await isRunning('sleep 4715')), 'it still runs');
  });

  it('before it began is never sent', async () => {
    const before = logins();
    const error = await failure(hostOf(sshd).run('echo x', { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ kind: 'interrupted' });
    expect(logins()).toBe(before);
  });

  it('ends there also when the connection breaks', async () => {
    const running = failure(hostOf(sshd).run('sleep 4716'));
    await until(() => isRunning('sleep 4716'), 'it does not start');
    await sshd.killConnections();
    expect(await running).toMatchObject({ kind: 'unreachable', code: 'ssh_lost' });
    await until(async () => !(await isRunning('sleep 4716')), 'it still runs');
  });

  it('ends there also when its host is closed here', async () => {
    const host = hostOf(sshd);
    const running = failure(host.run('sleep 4718'));
    await until(() => isRunning('sleep 4718'), 'it does not start');
    host.close();
    expect(await running).toMatchObject({ code: 'ssh_lost' });
    await until(async () => !(await isRunning('sleep 4718')), 'it still runs');
    expect(await failure(host.run('true'))).toMatchObject({ kind: 'unreachable' });
  });
});

describe('a connection that was lost', () => {
  it('is made again by the next command', async () => {
    const host = hostOf(sshd);
    await host.run('true');
    await sshd.killConnections();
    expect((await host.run('echo again')).stdout).toBe('again\n');
  });
});

describe.each(['busybox', 'bash'])('where sh is %s', (shell) => {
  const folder = join(tmpdir(), `${shell}-${process.pid}`);
  let other: Sshd;
  beforeAll(async () => {
    await mkdir(folder);
    const program = (await tool('sh', ['-c', `command -v ${shell} || true`])).trim();
    if (program === '')
      throw new Error(`${shell} cannot be run. Install it, on Debian: apt-get install ${shell}`);
    await symlink(program, join(folder, 'sh'));
    if (shell === 'busybox')
      for (const name of ['head', 'sleep', 'cat']) await symlink(program, join(folder, name));
    other = await startSshd({ config: [`SetEnv PATH=${folder}:/usr/bin:/bin`] });
  });
  afterAll(async () => {
    await other.stop();
    await rm(folder, { recursive: true });
  });

  it('commands have input, output and exit code', async () => {
    const { stdout, exitCode } = await hostOf(other).run('readlink /proc/$$/exe; cat; exit 5', {
      input: 'in\n',
    });
    expect({ stdout, exitCode }).toEqual({ stdout: expect.stringMatching(`${shell}\nin\n$`), exitCode: 5 });
  });

  it('a command that is given up ends', async () => {
    const stop = new AbortController();
    const running = failure(hostOf(other).run('sleep 4721; :', { signal: stop.signal }));
    await until(() => isRunning('sleep 4721'), 'it does not start');
    stop.abort();
    await running;
    await until(async () => !(await isRunning('sleep 4721')), 'it still runs');
  });

  it('a command whose connection breaks ends', async () => {
    const running = failure(hostOf(other).run('sleep 4722; :'));
    await until(() => isRunning('sleep 4722'), 'it does not start');
    await other.killConnections();
    expect(await running).toMatchObject({ code: 'ssh_lost' });
    await until(async () => !(await isRunning('sleep 4722')), 'it still runs');
  });
});

const logins = () => sshd.log().split('Accepted publickey').length - 1;

/** @param command as it stands in the list of processes */
const count = async (command: string) =>
  [...(await processes()).values()].filter((line) => line === command).length;

/** Whether the command runs, not what waits beside it for the end of the channel. */
const isRunning = async (command: string) =>
  (await count(command)) > 0 || (await count(`sh -c ${command}`)) > 0;
