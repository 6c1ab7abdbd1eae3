import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vmqctl } from '../support/cli.js';

const run = promisify(execFile);
const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-completion-'));
  await writeFile(join(folder, 'vmqctl'), `#!/bin/sh\nexec '${process.execPath}' '${BINARY}' "$@"\n`);
  await chmod(join(folder, 'vmqctl'), 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

/** What bash would offer for this line, its cursor at the end. */
async function inBash(line: string): Promise<string[]> {
  const { stdout } = await run(
    'bash',
    [
      '--norc',
      '-c',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash
      'compopt() { echo "compopt $*"; }; source <(vmqctl completion bash); COMP_LINE="$1"; COMP_POINT=${#1}; _vmqctl; printf "%s\\n" "${COMPREPLY[@]}"',
      'bash',
      line,
    ],
    { env: { PATH: `${folder}:${process.env.PATH}`, VMQCTL_CONFIG_DIR: folder } },
  );
  return stdout.split('\n').filter(Boolean);
}

describe('completion in bash', () => {
  it('offers commands, ours and the forwarded ones', async () => {
    expect(await inBash('vmqctl ')).toEqual(
      expect.arrayContaining(['acl', 'cluster', 'session', 'completion']),
    );
    expect(await inBash('vmqctl cluster ')).toEqual(expect.arrayContaining(['show', 'join', 'leave']));
    expect(await inBash('vmqctl session dis')).toEqual(['disconnect']);
  });

  it('offers flags', async () => {
    expect(await inBash('vmqctl session disconnect client-id=x --cl')).toEqual(['--cleanup']);
  });

  it('puts no blank behind a key, and offers its values without it, as bash has cut them', async () => {
    expect(await inBash('vmqctl api-key create sc')).toEqual(['compopt -o nospace', 'scope=']);
    expect(await inBash('vmqctl api-key create scope=m')).toEqual(['mgmt', 'metrics']);
  });

  it('offers nothing, and says nothing, for what is no command', async () => {
    expect(await inBash('vmqctl nosuch ')).toEqual([]);
  });
});

describe('vmqctl completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script for %s that calls back', async (shell) => {
    const { stdout, exitCode } = await vmqctl(['completion', shell]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('__complete --');
  });

  it.each([[['completion']], [['completion', 'csh']]])('refuses another shell: %j', async (args) => {
    const { stdout, exitCode } = await vmqctl(args);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 64 });
  });
});
