// Prints how long whole commands take, as ratios to a bare `node -e 0` in the same run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureNode, ensurePackages, root, run } from './setup.js';

const ROUNDS = Number(process.env.VMQCTL_BENCH_ROUNDS ?? 40);
/** Half-way between noise and hope: the fastest tenth is what the program costs when nothing else is in the way. */
const QUANTILE = 0.1;

ensureNode();
ensurePackages();
if (!process.env.VMQCTL_BUILT) run(process.execPath, ['scripts/build.js']);

const state = mkdtempSync(join(tmpdir(), 'vmqctl-bench-'));
const vmqctl = join(root, 'bin/run.js');
const environment = { ...process.env, VMQCTL_STATE_DIR: state, VMQCTL_CONFIG_DIR: state, NO_COLOR: '1' };

try {
  const { nodes } = JSON.parse(once([vmqctl, 'sandbox', 'up', '--nodes', '3', '--joined', '--json']).stdout);
  const node = nodes[0].httpUrl;
  report({
    'node -e 0': ['-e', '0'],
    'vmqctl --version': [vmqctl, '--version'],
    'vmqctl cluster show': [vmqctl, 'cluster', 'show', '--node', node],
    'vmqctl cluster show --json': [vmqctl, 'cluster', 'show', '--node', node, '--json'],
  });
} finally {
  once([vmqctl, 'sandbox', 'down']);
  rmSync(state, { recursive: true, force: true });
}

/** The cases take turns, so that a busy moment of the machine hits all of them alike. */
function report(cases) {
  const names = Object.keys(cases);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) times[name].push(once(cases[name]).milliseconds);
  }
  const [base] = names;
  process.stdout.write(
    `${ROUNDS} rounds, whole processes; ratio of the fastest tenth and of the medians to ${base}\n\n`,
  );
  for (const name of names) {
    const [low, median] = [QUANTILE, 0.5].map((at) => quantile(times[name], at));
    const ratios = [QUANTILE, 0.5].map((at) =>
      (quantile(times[name], at) / quantile(times[base], at)).toFixed(2),
    );
    process.stdout.write(
      `${name.padEnd(28)} ${low.toFixed(1).padStart(7)} ms ${median.toFixed(1).padStart(7)} ms   ${ratios[0]} x  ${ratios[1]} x\n`,
    );
  }
}

function once(args) {
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env: environment,
    encoding: 'utf8',
  });
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return { stdout, milliseconds };
}

function quantile(values, at) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(at * (sorted.length - 1))];
}
