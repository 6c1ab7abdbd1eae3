import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  NO_VMQ_ADMIN,
  type VmqAdminOptions,
  vmqAdminCommandLine,
} from '../../../../src/lib/admin/ssh/vmq-admin-line.js';
import { type BrokerHost, brokerHost } from '../../../support/ssh-admin/host.js';

let host: BrokerHost;
let elsewhere: string;
beforeAll(async () => {
  host = await brokerHost();
  await host.program('vmq-admin', '#!/bin/sh\nprintf "%s\\0" "$@"\n');
  await host.program('sudo', '#!/bin/sh\n[ "$1" = -n ] || exit 9\nshift\nprintf "sudo\\0"\nexec "$@"\n');
  await host.program('docker', '#!/bin/sh\nprintf "%s\\0" "$1" "$2"\nshift 2\nexec "$@"\n');
  elsewhere = await host.program('other-admin', '#!/bin/sh\nprintf "other\\0%s\\0" "$@"\n');
});
afterAll(() => host.remove());

/** Runs a line as sshd does, with only the programs of the host and the usual ones. */
function run(options: VmqAdminOptions, argv: readonly string[], path = host.folder) {
  const line = vmqAdminCommandLine(options, argv);
  const { stdout, stderr, status } = spawnSync('sh', ['-c', line], {
    encoding: 'utf8',
    env: { PATH: `${path}:/usr/bin:/bin` },
  });
  return { words: stdout.split('\0').slice(0, -1), stderr, status };
}

/** The command lines of the processes that have this in their environment; one that has ended has none any more. */
function withEnvironment(mark: string): string[] {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return ''; // it has ended meanwhile
    }
  };
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids
    .filter((id) => read(`/proc/${id}/environ`).split('\0').includes(mark))
    .map((id) => read(`/proc/${id}/cmdline`).replaceAll('\0', ' '));
}

const PREFIX = ['docker', 'exec', 'my broker'];

describe('the line that runs vmq-admin', () => {
  it('hands on every argument byte for byte', () => {
    const word = fc.string({ unit: fc.constantFrom(...'ab \n\'"\\$`!*?(){};&|é') });
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.boolean(),
        (argv, sudo, inside) => {
          const { words } = run({ sudo, prefix: inside ? PREFIX : [] }, argv);
          expect(words.slice(-argv.length)).toEqual(argv);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each<[VmqAdminOptions, string[]]>([
    [{}, ['x']],
    [{ sudo: true }, ['sudo', 'x']],
    [{ prefix: PREFIX }, ['exec', 'my broker', 'x']],
    [{ sudo: true, prefix: PREFIX }, ['sudo', 'exec', 'my broker', 'x']],
  ])('%j', (options, expected) => {
    const { words, status } = run(options, ['x']);
    expect(status).toBe(0);
    expect(words).toEqual(expected);
  });

  it('leaves nothing running behind a trace', async () => {
    const mark = `VMQCTL_TEST=${randomUUID()}`;
    const [name = '', value] = mark.split('=');
    const env = { PATH: process.env.PATH, [name]: value };
    const seen = await host.program(
      'seen',
      `#!/bin/sh\ntr '\\0' '\\n' < /proc/$$/environ | grep -c '^${mark}$'\n`,
    );
    const line = vmqAdminCommandLine({ path: seen }, [], { openInput: true });
    // What is looked for is really there while it runs.
    expect(spawnSync('sh', ['-c', line], { env, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: '1\n',
    });
    await expect.poll(() => withEnvironment(mark)).toEqual([]);
  });

  it('takes the place that was given', () => {
    expect(run({ path: elsewhere }, ['x']).words).toEqual(['other', 'x']);
    expect(run({ path: elsewhere, sudo: true }, ['x']).words).toEqual(['sudo', 'other', 'x']);
  });

  it.skipIf(existsSync('/usr/sbin/vmq-admin'))('says where there is none', () => {
    const { stderr, status } = run({}, ['x'], '/nowhere');
    expect({ stderr, status }).toEqual({ stderr: `${NO_VMQ_ADMIN}\n`, status: 127 });
  });

  it('keeps the input of a trace open until it ends, and keeps its exit code', async () => {
    const waiting =
      '#!/bin/sh\nexec 4<&0\n(read -r line <&4; echo ended) & r=$!; sleep 0.2; kill $r; echo "$1"; exit 7\n';
    const path = await host.program('tracing', waiting);
    const line = vmqAdminCommandLine({ path }, ['a b'], { openInput: true });
    const { stdout, stderr, status } = spawnSync('sh', ['-c', line], { encoding: 'utf8', input: '' });
    expect({ stdout, stderr, status }).toEqual({ stdout: 'a b\n', stderr: '', status: 7 });
  });
});
