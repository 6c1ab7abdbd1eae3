import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { noting } from '../../../src/lib/cli/acl-noting.js';
import { openUnfinished } from '../../../src/lib/cluster/bounce/unfinished.js';
import { Failure } from '../../../src/lib/failure.js';

async function stateFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'vmqctl-noting-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const notes = join(folder, 'acl-disconnect');
  return { notes, unfinished: await openUnfinished(folder, 'redis://127.0.0.1:6379/0', () => true) };
}

it('nothing is written where it cannot be noted whose clients are to be disconnected', async () => {
  const { notes, unfinished } = await stateFolder();
  await writeFile(notes, '');
  const write = vi.fn();
  await expect(noting(unfinished, ['a'], write)).rejects.toMatchObject({ code: 'unwritable_file' });
  expect(write).not.toHaveBeenCalled();
});

it('why nothing was written is told, also where the note cannot be taken back', async () => {
  const { notes, unfinished } = await stateFolder();
  const write = async () => {
    await rm(notes, { recursive: true });
    await writeFile(notes, '');
    throw new Failure('failed', 'refused', 'refused');
  };
  await expect(noting(unfinished, ['a'], write)).rejects.toMatchObject({ code: 'refused' });
});
