import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vmqctl } from '../support/cli.js';

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

describe('the version', () => {
  it('is that of package.json', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect((await vmqctl(['--version'])).stdout).toMatch(new RegExp(`^vmqctl/${version} \\S+ node-v`));
  });
});
