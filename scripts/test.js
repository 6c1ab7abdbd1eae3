// Sets up all that the tests need, runs every check and test, and ends with "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureNode, ensurePackages, ensureSystem, root, TEST_SYSTEM } from './setup.js';

ensureNode();
ensurePackages();
ensureSystem(TEST_SYSTEM);

const counts = { passed: 0, failed: 0, skipped: 0 };
// What stands in dist/ from before must not be what is tested.
if (!check('build', [join(root, 'scripts/build.js')])) end();
check('types', [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit']);
check('style', [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '.']);
runVitest(process.argv.slice(2));
end();

/** Nothing is skipped silently. */
function end() {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
  process.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);
}

function check(name, args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  process.stdout.write(`${status === 0 ? 'ok' : 'FAILED'}  ${name}\n`);
  counts[status === 0 ? 'passed' : 'failed'] += 1;
  return status === 0;
}

/** A file that cannot even be loaded has no test that could fail: the run as a whole then counts as one failure. */
function runVitest(filters) {
  const folder = mkdtempSync(join(tmpdir(), 'vmqctl-test-'));
  const results = join(folder, 'results.json');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [
    vitest,
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...filters,
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  const {
    numPassedTests = 0,
    numFailedTests = 0,
    numPendingTests = 0,
  } = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : {};
  rmSync(folder, { recursive: true, force: true });
  counts.passed += numPassedTests;
  counts.skipped += numPendingTests;
  counts.failed += numFailedTests > 0 || status === 0 ? numFailedTests : 1;
}
