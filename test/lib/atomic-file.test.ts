import { chown, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stageFile, sweepStaged } from '../../src/lib/atomic-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-atomic-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a file that is put in its place whole', () => {
  it('brings the folders that are missing, for its owner only', async () => {
    const path = join(folder, 'a/b/c.json');
    await (await stageFile(path, 'x')).replace();
    expect(await readFile(path, 'utf8')).toBe('x');
    expect((await stat(join(folder, 'a/b'))).mode & 0o777).toBe(0o700);
  });

  it('is bad configuration where a folder is a file', async () => {
    await writeFile(join(folder, 'a'), '');
    await expect(stageFile(join(folder, 'a/b/c.json'), 'x')).rejects.toMatchObject({
      kind: 'configuration',
      code: 'unwritable_file',
    });
  });

  it.runIf(process.platform === 'linux')(
    'is bad configuration where no folder can ever be made, at once',
    async () => {
      await expect(stageFile('/proc/nope/leave/x.json', 'x')).rejects.toMatchObject({
        kind: 'configuration',
        code: 'unwritable_file',
      });
    },
  );
});

describe('files that were staged and never placed', () => {
  it('are swept once nobody can be at work on them, and nothing else is', async () => {
    const path = join(folder, 'a.json');
    const old = new Date(Date.now() - 3_600_000);
    await stageFile(path, 'left by a process that was killed');
    const [left = ''] = await readdir(folder);
    await stageFile(path, 'under way');
    await writeFile(join(folder, '.mine.tmp'), '');
    for (const name of [left, '.mine.tmp']) await utimes(join(folder, name), old, old);
    await sweepStaged(folder);
    const names = await readdir(folder);
    expect(names).toHaveLength(2);
    expect(names).toContain('.mine.tmp');
    expect(names).not.toContain(left);
    await sweepStaged(join(folder, 'nowhere'));
  });
  it.runIf(process.getuid?.() === 0)(
    "are left where they are another one's, as in a folder for all",
    async () => {
      const foreign = join(folder, `.x.plan.${'0'.repeat(12)}.tmp`);
      await writeFile(foreign, '');
      await chown(foreign, 12_345, 12_345);
      const old = new Date(Date.now() - 3_600_000);
      await utimes(foreign, old, old);
      await sweepStaged(folder, 'x.plan');
      expect(await readdir(folder)).toHaveLength(1);
    },
  );
});
