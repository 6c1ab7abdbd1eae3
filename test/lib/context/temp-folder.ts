import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Failure } from '../../../src/lib/failure.js';

const folders: string[] = [];

/** A folder that is gone after the test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vmqctl-context-'));
  folders.push(folder);
  return folder;
}

export async function tempFile(text: string, mode = 0o600): Promise<string> {
  const path = join(await tempFolder(), 'file');
  await writeFile(path, text, { mode });
  return path;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** What a call that has to fail is rejected with. */
export async function failureOf(work: Promise<unknown> | (() => unknown)): Promise<Failure> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (thrown) {
    return thrown as Failure;
  }
  throw new Error('it did not fail');
}

/** Everything of a failure that somebody could get to see. */
export const shown = ({ code, message, hint, details, stack }: Failure): string =>
  JSON.stringify({ code, message, hint, details, stack });
