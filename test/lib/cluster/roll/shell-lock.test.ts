import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { shellRunner } from '../../../../src/lib/cluster/roll/shell.js';
import { Failure } from '../../../../src/lib/failure.js';

/** What handing the lock to the command does. */
let handing: () => Promise<void>;
vi.mock('../../../../src/lib/cluster/operations/lock.js', () => ({
  acquireLock: async () => ({ handTo: () => handing(), release: async () => {} }),
}));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-shell-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = () =>
  shellRunner({ folder, isInteractive: false, environment: { PATH: process.env.PATH } })(
    `echo begun >>${folder}/log`,
    'a@h',
    new AbortController().signal,
  );

it('a command begins only when it holds the lock: whoever comes after a kill would run a second one', async () => {
  handing = async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    await appendFile(join(folder, 'log'), 'handed\n');
  };
  expect(await run()).toEqual({ exitCode: 0, why: undefined });
  expect(await readFile(join(folder, 'log'), 'utf8')).toBe('handed\nbegun\n');
});

it('a command that cannot be given the lock is not begun', async () => {
  handing = async () => {
    throw new Failure('configuration', 'unwritable_file', 'cannot write: ENOSPC');
  };
  await expect(run()).rejects.toMatchObject({ code: 'unwritable_file' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await expect(readFile(join(folder, 'log'))).rejects.toThrow('ENOENT');
});
