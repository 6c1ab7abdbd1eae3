// Sets a fresh machine up: the packages from the lockfile, and system packages where they are missing.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Ends the process when a step fails: nothing after it can work. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) fail(`cannot run ${command}: ${error.message}`);
  if (status !== 0) fail(`${[command, ...args].join(' ')} ended with ${status}`);
}

export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

export function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`vmqctl needs Node 20.19 or newer; this is ${process.version}.`);
}

/** Installs what the lockfile says, unless it is what is installed. */
export function ensurePackages() {
  if (isInstalled()) return;
  process.stdout.write('Installing the packages of package-lock.json …\n');
  // Not `npm ci`: it insists on the builds for other platforms too, which not every registry has.
  run('npm', [
    'install',
    '--no-save',
    '--include=dev',
    // Of all packages, only optional accelerators of ssh2 have something to compile, which needs compilers.
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
}

/** An earlier installation may have left the development packages out, or be older than the lockfile. */
function isInstalled() {
  const stamp = join(root, 'node_modules/.package-lock.json');
  const hasTools = ['esbuild', 'vitest', 'typescript'].every((name) =>
    existsSync(join(root, 'node_modules', name)),
  );
  return (
    hasTools &&
    existsSync(stamp) &&
    statSync(stamp).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
  );
}

/** What the tests run beside Node: program → Debian package. */
export const TEST_SYSTEM = {
  'redis-server': 'redis-server',
  epmd: 'erlang-base',
  erl: 'erlang-base',
  erlc: 'erlang-base',
  busybox: 'busybox',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  'ssh-agent': 'openssh-client',
  'ssh-add': 'openssh-client',
};

/**
 * Installs Debian packages for the programs that are missing, when that can be done here; otherwise says what to do.
 *
 * @param needs program → Debian package
 */
export function ensureSystem(needs) {
  const missing = Object.entries(needs).filter(([program]) => !isOnPath(program));
  if (missing.length === 0) return;
  const programs = missing.map(([program]) => program).join(', ');
  const packages = [...new Set(missing.map(([, name]) => name))];
  const command = `apt-get update && apt-get install -y ${packages.join(' ')}`;
  if (!isDebian())
    fail(`Missing: ${programs}. Install ${packages.join(', ')} with the package manager of this system.`);
  if (process.getuid?.() !== 0) fail(`Missing: ${programs}. As root: ${command}`);
  process.stdout.write(`Installing ${packages.join(', ')} …\n`);
  const quiet = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  run('apt-get', ['update', '-qq'], quiet);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quiet);
  const still = missing.filter(([program]) => !isOnPath(program)).map(([program]) => program);
  if (still.length > 0) fail(`${still.join(', ')} is still missing after: ${command}`);
}

function isOnPath(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)));
}

function isDebian() {
  return (
    existsSync('/etc/os-release') && /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'))
  );
}
