import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareImport } from '../../../../src/lib/acl/bulk/request.js';
import { runImport } from '../../../../src/lib/acl/bulk/run.js';
import { MemoryStore } from '../memory-store.js';

/** All of them are bad, and are read in several pieces. */
const LINES = Array.from({ length: 12_000 }, (_, index) => `bad ${index} ${'x'.repeat(150)}\n`);

let folder: string;
let file: string;
let rejects: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-rejects-'));
  file = join(folder, 'users.ndjson');
  rejects = join(folder, 'rejects.ndjson');
  await writeFile(file, LINES.join(''));
});
afterEach(() => rm(folder, { recursive: true }));

interface Wish {
  readonly resume?: boolean;
  readonly rejects?: string;
}

/** Imports the file, and is interrupted after so many steps. What was settled before the last of them is noted. */
async function run(wish: Wish, steps: number): Promise<void> {
  const flags = {
    'keep-existing': false,
    'dry-run': false,
    strict: false,
    'hash-once': false,
    resume: false,
  };
  const surroundings = { environment: { VMQCTL_STATE_DIR: folder }, stdin: process.stdin };
  const prepared = await prepareImport(file, { ...flags, ...wish }, 'redis://test', surroundings);
  const interrupt = new AbortController();
  let now = 0;
  const clock = { now: () => (now += 10_000), sleep: async () => undefined };
  const context = { ...prepared.context, store: new MemoryStore(), clock, signal: interrupt.signal };
  try {
    let left = steps;
    for await (const _ of runImport(context)) if (--left === 0) interrupt.abort();
  } finally {
    await prepared.close();
  }
}
const interrupted = (wish: Wish) => expect(run(wish, 2)).rejects.toMatchObject({ kind: 'interrupted' });
const finished = (wish: Wish) => run(wish, -1);
const kept = (path = rejects) => readFile(path, 'utf8');

describe('the rejects of an import that goes on', () => {
  it('are added to those of the time before', async () => {
    await interrupted({ rejects });
    await finished({ rejects, resume: true });
    expect(await kept()).toBe(LINES.join(''));
  });

  it('go to a new file where those of before were taken away', async () => {
    await interrupted({ rejects });
    const taken = join(folder, 'taken');
    await rename(rejects, taken);
    await finished({ rejects, resume: true });
    const lines = `${await kept(taken)}${await kept()}`.match(/.*\n/g);
    expect(new Set(lines)).toEqual(new Set(LINES));
  });

  it('never take the place of what another file holds', async () => {
    await interrupted({});
    await writeFile(rejects, 'precious');
    await expect(finished({ rejects, resume: true })).rejects.toMatchObject({ code: 'rejects_exist' });
    expect(await kept()).toBe('precious');
  });

  it('stay as they are while it goes on without them', async () => {
    await interrupted({ rejects });
    await interrupted({ resume: true });
    await finished({ rejects, resume: true });
    expect((await kept()).startsWith(LINES.slice(0, 1000).join(''))).toBe(true);
  });
});
