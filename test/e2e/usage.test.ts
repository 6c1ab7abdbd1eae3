import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { vmqctl } from '../support/cli.js';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

describe('a command line that is wrong', () => {
  it('with an unknown command names the nearest one and exits 64', async () => {
    const { stdout, stderr, exitCode } = await vmqctl(['cluster', 'shwo']);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 64 });
    expect(stderr).toBe(
      'error: there is no command "cluster shwo"; did you mean cluster show?\nhint: vmqctl --help lists the commands.\n',
    );
  });

  it('with an unknown key names the nearest one', async () => {
    const { stderr, exitCode } = await vmqctl(['cluster', 'join', 'discovery_node=a@b']);
    expect(exitCode).toBe(64);
    expect(stderr).toContain('discovery_node= means nothing here; did you mean discovery-node=?');
  });

  it.each([
    [['cluster', 'show', '--api-key=S3CRET']],
    [['cluster', 'show', 'S3CRET']],
    [['cluster', 'show', '--node', 'http://S3CRET:@127.0.0.1:1']],
    [['cluster', 'show', '--node', 'http://127.0.0.1:1', '--api-key-from', 'S3CRET']],
  ])('never repeats what could be a secret: %j', async (args) => {
    for (const format of ['table', 'json']) {
      const { stdout, stderr, exitCode } = await vmqctl([...args, '--format', format], {
        env: { VMQCTL_DEBUG: '1' },
      });
      expect(exitCode).toBe(64);
      expect(stdout + stderr).not.toContain('S3CRET');
    }
  });

  it('is told as one JSON document with --json', async () => {
    const { stdout, stderr, exitCode } = await vmqctl(['cluster', 'leave', '--json']);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 64 });
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'missing_node',
        message: 'which node is to leave?',
        hint: 'vmqctl cluster leave node=VerneMQ@172.16.16.13',
        exitCode: 64,
      },
    });
  });
});

describe('a command line that is nearly right', () => {
  it.each([
    [['--json', 'cluster', 'show'], 'the command comes first'],
    [['--json'], 'the command comes first'],
    [['--node', 'http://127.0.0.1:1', 'cluster', 'show'], 'the command comes first'],
    [['cluster', 'show', 'constructor=x'], 'constructor= means nothing here'],
    [['cluster', 'leave', 'sim3@127.0.0.1', '-k'], 'node=NAME'],
    [['cluster', 'join', 'sim3@127.0.0.1'], 'discovery-node=NAME'],
    [['cluster', 'leave', 'node=sim3@127.0.0.1', '-k=false'], '-k takes no value'],
    [['cluster', 'leave', 'node=sim3@127.0.0.1', '--kill-sessions='], '--kill-sessions takes no value'],
    [['help', 'cluster', 'shwo'], 'there is no command "cluster shwo"; did you mean cluster show?'],
  ])('is told what is wrong: %j', async (args, said) => {
    const { stdout, stderr, exitCode } = await vmqctl(args);
    expect(exitCode).toBe(64);
    expect(stdout + stderr).toContain(said);
  });

  it.each([
    [['help'], ['--help']],
    [
      ['help', 'cluster'],
      ['cluster', '--help'],
    ],
    [
      ['help', 'cluster', 'show'],
      ['cluster', 'show', '--help'],
    ],
    [['version'], ['--version']],
  ])('is understood: %j', async (words, flags) => {
    const { stdout, stderr, exitCode } = await vmqctl(words);
    expect({ stdout, stderr, exitCode }).toEqual({ ...(await vmqctl(flags)), exitCode: 0 });
    expect(stdout).toContain('vmqctl');
  });
});

describe('an output that takes nothing', () => {
  const LINES = [['--help'], ['--version'], ['cluster'], ['acl', 'get', '--help'], ['context', 'list']];

  /** Runs it with these streams: a file descriptor, or a pipe whose reader is gone before the first byte. */
  async function runInto(args: readonly string[], out: number | 'gone', err: number | 'pipe') {
    const child = spawn(process.execPath, [BINARY, ...args], {
      env: { PATH: process.env.PATH, VMQCTL_CONFIG_DIR: join(tmpdir(), 'vmqctl-no-contexts') },
      stdio: ['ignore', out === 'gone' ? 'pipe' : out, err],
    });
    child.stdout?.destroy();
    let stderr = '';
    child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes));
    const [exitCode] = await once(child, 'close');
    return { exitCode, stderr };
  }

  it.each(LINES)('because its reader has gone is no failure: %s %s %s', async (...args) => {
    expect(await runInto(args.filter(Boolean), 'gone', 'pipe')).toEqual({ exitCode: 0, stderr: '' });
  });

  it.runIf(existsSync('/dev/full')).each([...LINES, ['context', 'list', '--json']])(
    'because the disk is full is told in one line: %s %s %s',
    async (...args) => {
      const full = openSync('/dev/full', 'w');
      expect(await runInto(args.filter(Boolean), full, 'pipe')).toEqual({
        exitCode: 75,
        stderr: 'error: cannot write the result: ENOSPC\n',
      });
      expect(await runInto(args.filter(Boolean), full, full)).toMatchObject({ exitCode: 75 });
      expect(await runInto(['cluster', 'show'], full, full)).toMatchObject({ exitCode: 78 });
      closeSync(full);
    },
  );
});

describe('the version', () => {
  it('is that of package.json', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect((await vmqctl(['--version'])).stdout).toMatch(new RegExp(`^vmqctl/${version} \\S+ node-v`));
  });
});
