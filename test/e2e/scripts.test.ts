import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The scripts behind `npm run demo` and `npm run bench`; what they would build is built already. */
function script(
  name: string,
  environment: Record<string, string> = {},
): Promise<{ output: string; exitCode: number | null }> {
  const env = { ...process.env, VMQCTL_BUILT: '1', ...environment };
  const child = spawn(process.execPath, [`scripts/${name}.js`], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve) => child.on('close', (exitCode) => resolve({ output, exitCode })));
}

describe('npm run demo', () => {
  it('plays the main job to its end', { timeout: 180_000 }, async () => {
    const { output, exitCode } = await script('demo');
    expect(output.trimEnd().split('\n').at(-1)).toMatch(/^demo passed: \d{2,} checks$/);
    expect(exitCode).toBe(0);
  });

  it('fails with a non-zero exit code when a step fails', { timeout: 60_000 }, async () => {
    const { output, exitCode } = await script('demo', { PATH: '/nowhere' });
    expect(output).toContain('demo failed after 0 checks: ');
    expect(exitCode).toBe(1);
  });
});

describe('npm run bench', () => {
  it('prints a ratio for every case', { timeout: 240_000 }, async () => {
    const { output, exitCode } = await script('bench', {
      VMQCTL_BENCH_ROUNDS: '1',
      VMQCTL_BENCH_NODES: '2',
      VMQCTL_BENCH_RECORDS: '1000',
      VMQCTL_BENCH_ROWS: '1000',
      VMQCTL_BENCH_PASSWORDS: '2',
    });
    for (const name of [
      'vmqctl --version',
      'cluster show, http',
      'cluster show, erl',
      'cluster show of 2 nodes',
    ])
      expect(output).toMatch(new RegExp(`^${name} +[\\d.]+ ms +[\\d.]+ ms +[\\d.]+ x +[\\d.]+ x$`, 'm'));
    expect(output).toMatch(/^calls to one node, pipelined +\d+ \/s$/m);
    expect(output).toMatch(/^list of 200 000 integers +decoded in [\d.]+ ms$/m);
    expect(output).toMatch(/^commands over one SSH connection +\d+ \/s in turn, \d+ \/s at once$/m);
    expect(output).toMatch(/^import of 1000 ready records +[\d.]+ s, [\d.]+ x redis-cli --pipe/m);
    expect(output).toMatch(/^its memory +\d+ MB, of ten times as many \d+ MB, [\d.]+ x$/m);
    expect(output).toMatch(/^passwords hashed, cost 10 +\S+ \/s, \S+ % of the bcrypt library/m);
    expect(output).toMatch(/^through its tunnel +\d+ MB\/s, [\d.]+ x ssh -W \(\d+ MB\/s\)$/m);
    expect(output).toMatch(
      /^ACL decisions +\d+ \/s of a client, \d+ \/s of a known record, \d+ \/s from its text on$/m,
    );
    expect(output).toMatch(/^acl list of 1000 records +\d+ \/s json, \d+ \/s csv, \d+ \/s table$/m);
    expect(exitCode).toBe(0);
  });
});
