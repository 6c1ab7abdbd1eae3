import { execFile } from 'node:child_process';
import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let installed: string;

// What `npm pack` makes of this checkout, installed globally under a folder of its own.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-package-'));
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  await run(
    'npm',
    ['install', '-g', '--prefix', folder, '--no-audit', '--no-fund', join(folder, tarball ?? '')],
    { cwd: folder },
  );
  installed = join(folder, 'bin/vmqctl');
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

const vmqctl = (...args: string[]) =>
  run(installed, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, VMQCTL_CONFIG_DIR: folder, VMQCTL_STATE_DIR: folder },
  });

describe('the installed package', () => {
  it('has a vmqctl that knows its version and its commands', async () => {
    expect((await vmqctl('--version')).stdout).toMatch(/^vmqctl\/\d/);
    const { stdout } = await vmqctl('--help');
    for (const topic of ['acl', 'cluster', 'context', 'sandbox']) expect(stdout).toContain(topic);
  });

  it('brings all that its commands need: a sandbox, a join, a hash', async () => {
    const { nodes } = JSON.parse(
      (await vmqctl('sandbox', 'up', '--nodes', '2', '--joined', '--lifetime', '60s', '--json')).stdout,
    );
    const { stdout } = await vmqctl('cluster', 'show', '--node', nodes[0].httpUrl);
    await vmqctl('sandbox', 'down');
    expect(stdout).toContain('healthy: 2 nodes');
  });

  it('has a thread for each core to hash passwords on, be they more than the four of Node', async () => {
    const preload = join(folder, 'cores.cjs');
    const count = "fs.readdirSync('/proc/self/task').length";
    await writeFile(
      preload,
      `const fs = require('fs'); require('os').availableParallelism = () => Number(process.env.CORES);
       process.on('exit', () => process.stderr.write('threads ' + ${count} + require('os').EOL));`,
    );
    const threads = async (cores: number) => {
      const env = { PATH: process.env.PATH, NODE_OPTIONS: `--require=${preload}`, CORES: `${cores}` };
      const { stderr } = await run(process.execPath, [await realpath(installed), 'acl', '--help'], { env });
      return Number(/threads (\d+)/.exec(stderr)?.[1]);
    };
    expect((await threads(12)) - (await threads(2))).toBe(8);
  });

  it('passes on the licences of what it bundles, and no source of ours twice', async () => {
    const files = await readdir(join(folder, 'lib/node_modules/vmqctl'), { recursive: true });
    const own = files.filter((name) => !name.includes('node_modules'));
    expect(own).toContain('dist/THIRD-PARTY-LICENSES.txt');
    expect(own).toContain('LICENSE');
    expect(own.filter((name) => name.endsWith('.ts') || name.startsWith('test'))).toEqual([]);
  });
});
