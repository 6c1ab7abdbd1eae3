import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RemoteFiles } from '../../../src/lib/logs/remote.js';
import { LocalHost } from './local-host.js';

const SHELLS: readonly (readonly [string, ...string[]])[] = [
  ['dash'],
  ['bash', '--posix'],
  ['busybox', 'sh'],
];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vmqctl-logs-a b'c-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;

describe.each(SHELLS.map((shell) => [shell] as const))('files of a host whose shell is %s', (shell) => {
  const remote = () =>
    new RemoteFiles(new LocalHost('ssh://n1', shell), { sudo: false, deadline: 5000, signal });
  const log = () => join(folder, 'console.log');

  test.each([0, 1, 63, 64, 65, 4095, 4096, 4097, 9000, 20_000, 20_001])(
    'reads from byte %i to the end, whatever the bytes are',
    async (offset) => {
      const bytes = Buffer.from(
        Array.from({ length: 20_000 }, (_, index) => (index * 7 + (index >> 8)) % 256),
      );
      writeFileSync(log(), bytes);
      const piece = await remote().read(log(), offset);
      expect(piece).toMatchObject({ state: 'ok', size: 20_000 });
      expect(piece.state === 'ok' && piece.head.equals(bytes.subarray(0, 64))).toBe(true);
      expect(piece.state === 'ok' && piece.bytes.equals(bytes.subarray(offset))).toBe(true);
    },
  );

  test('reads no more than was asked for, and a block', async () => {
    writeFileSync(log(), Buffer.alloc(1_000_000, 'x'));
    const piece = await remote().read(log(), 10_000, 0, 50_000);
    expect(piece.state === 'ok' && piece.bytes.length).toBeGreaterThanOrEqual(50_000);
    expect(piece.state === 'ok' && piece.bytes.length).toBeLessThan(50_000 + 2 * 4096);
  });

  test('waits at the end until something is written', async () => {
    writeFileSync(log(), 'one\n');
    const reading = remote().read(log(), 4, 10_000);
    setTimeout(() => appendFileSync(log(), 'two\n'), 100);
    const piece = await reading;
    expect(piece.state === 'ok' && piece.bytes.toString()).toBe('two\n');
  });

  test('a new file that is exactly as long as the old one is not waited for', async () => {
    writeFileSync(log(), 'one\n');
    const known = await remote().read(log(), 0);
    renameSync(log(), `${log()}.0`);
    writeFileSync(log(), 'two\n');
    // Longer than a test may take.
    const piece = await remote().read(log(), 4, 60_000, 1000, known.state === 'ok' ? known.inode : '');
    expect(piece.state === 'ok' && piece.head.toString()).toBe('two\n');
  });

  test('waits no longer than it was told', async () => {
    writeFileSync(log(), 'one\n');
    const piece = await remote().read(log(), 4, 300);
    expect(piece.state === 'ok' && piece.bytes.length).toBe(0);
  });

  test('a file that is not there is missing, and is waited for', async () => {
    expect(await remote().read(log(), 0)).toEqual({ state: 'missing' });
    const reading = remote().read(log(), 0, 10_000);
    setTimeout(() => writeFileSync(log(), 'back\n'), 100);
    const piece = await reading;
    expect(piece.state === 'ok' && piece.bytes.toString()).toBe('back\n');
  });

  test('lists what the log was rotated to, the oldest first, without what is compressed', async () => {
    for (const [name, text] of [
      ['console.log.1', 'first'],
      ['console.log.0', 'second'],
      ['console.log', 'third'],
    ] as const)
      writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'console.log.2.gz'), 'zipped');
    writeFileSync(join(folder, 'console.log.swp'), 'something else');
    const past = (name: string, seconds: number) =>
      import('node:fs').then(({ utimesSync }) =>
        utimesSync(join(folder, name), Date.now() / 1000 - seconds, Date.now() / 1000 - seconds),
      );
    await past('console.log.1', 200);
    await past('console.log.0', 100);
    const { files, compressed, now } = await remote().list(log());
    expect(files.map(({ path, size, head }) => [path, size, head.toString()])).toEqual([
      [`${log()}.1`, 5, 'first'],
      [`${log()}.0`, 6, 'second'],
      [log(), 5, 'third'],
    ]);
    expect(compressed).toEqual([`${log()}.2.gz`]);
    expect(Math.abs(now - Date.now())).toBeLessThan(60_000);
  });

  test('lists the rotated files while there is no new one yet', async () => {
    writeFileSync(log(), 'old');
    renameSync(log(), `${log()}.0`);
    expect((await remote().list(log())).files.map(({ path }) => path)).toEqual([`${log()}.0`]);
  });

  test('a folder is no log', async () => {
    mkdirSync(log());
    await expect(remote().read(log(), 0)).rejects.toMatchObject({ code: 'log_no_file' });
    await expect(remote().list(log())).rejects.toMatchObject({ code: 'log_no_file' });
  });

  test('finds the log that vernemq.conf names last, relative to the release', async () => {
    const configuration = join('/tmp', 'vmqctl-locate', 'etc', 'vernemq.conf');
    mkdirSync(join(configuration, '..'), { recursive: true });
    writeFileSync(
      configuration,
      '# log.console.file = /no\nlog.console.file = /first\n  log.console.file=./log/console.log \r\n',
    );
    expect(await remote().locate(['/nowhere', configuration], [])).toBe('/tmp/vmqctl-locate/log/console.log');
    writeFileSync(configuration, 'log.console = console\nlog.console.file = /var/log/x.log\n');
    await expect(remote().locate([configuration], [])).rejects.toMatchObject({ code: 'log_not_in_file' });
    rmSync('/tmp/vmqctl-locate', { recursive: true });
  });

  test('a relative path is not guessed at where the configuration is in no release', async () => {
    const packaged = mkdtempSync(join(tmpdir(), 'vmqctl-locate-'));
    const configuration = join(packaged, 'vernemq.conf');
    writeFileSync(configuration, 'log.console.file = ./log/console.log\n');
    const found = await remote().locate([configuration], ['/etc/passwd']);
    rmSync(packaged, { recursive: true });
    expect(found).toBe('/etc/passwd');
  });

  test('without a configuration, the log is where it usually is; and if nowhere, that is said', async () => {
    expect(await remote().locate(['/nowhere'], ['/nowhere', '/etc/passwd'])).toBe('/etc/passwd');
    await expect(remote().locate(['/nowhere'], ['/nowhere'])).rejects.toMatchObject({
      kind: 'configuration',
      code: 'log_not_found',
      hint: expect.stringContaining('--file'),
    });
  });
});

test('what a login shell prints by itself is not taken for the answer', async () => {
  const noisy = new LocalHost('ssh://n1', ['sh']);
  const run = noisy.run.bind(noisy);
  noisy.run = (line, options) => {
    options?.onOutput?.(Buffer.from('Welcome!\nvmqctl-answered ok 7\n'), 'out');
    return run(line, options);
  };
  const path = join(folder, 'console.log');
  writeFileSync(path, 'text\n');
  const piece = await new RemoteFiles(noisy, { sudo: false, deadline: 5000, signal }).read(path, 0);
  expect(piece.state === 'ok' && piece.bytes.toString()).toBe('text\n');
});

test('a host without a shell, and a sudo that asks, are told apart', async () => {
  const said = (text: string) => {
    const host = new LocalHost('ssh://n1');
    host.run = async (_, options) => {
      options?.onOutput?.(Buffer.from(text), 'err');
      return { stdout: '', stderr: '', exitCode: 1 };
    };
    return host;
  };
  const options = { deadline: 5000, signal };
  await expect(
    new RemoteFiles(said('sudo: a password is required\n'), { ...options, sudo: true }).list('/x'),
  ).rejects.toMatchObject({ kind: 'credentials', code: 'sudo_denied' });
  await expect(
    new RemoteFiles(said('This account is not available.\n'), { ...options, sudo: false }).list('/x'),
  ).rejects.toMatchObject({ code: 'no_shell', message: expect.stringContaining('not available') });
  const prefix = ['docker', 'exec', '-i', 'gone'];
  await expect(
    new RemoteFiles(said('No such container: gone\n'), { ...options, prefix }).list('/x'),
  ).rejects.toMatchObject({
    kind: 'configuration',
    code: 'prefix_failed',
    message: expect.stringContaining('No such container'),
    hint: expect.stringContaining('docker'),
  });
});

test.skipIf(process.getuid?.() !== 0)('a log that may not be read says so, and how it could be', async () => {
  const path = join(folder, 'console.log');
  writeFileSync(path, 'text\n');
  chmodSync(path, 0o600);
  chmodSync(folder, 0o755);
  const nobody = new LocalHost('ssh://n1', ['setpriv', '--reuid=65534', '--clear-groups', 'sh']);
  await expect(
    new RemoteFiles(nobody, { sudo: false, deadline: 5000, signal }).list(path),
  ).rejects.toMatchObject({ code: 'log_not_readable', hint: expect.stringContaining('--sudo') });
});
