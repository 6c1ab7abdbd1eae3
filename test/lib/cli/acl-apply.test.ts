import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AclStore, ExchangeOutcome } from '../../../src/lib/acl/store.js';
import { type Applying, applyPlan } from '../../../src/lib/cli/acl-apply.js';
import { openUnfinished } from '../../../src/lib/cluster/bounce/unfinished.js';
import { Failure, type FailureKind } from '../../../src/lib/failure.js';

const REDIS = 'redis+cluster://127.0.0.1:7000,127.0.0.1:7001';
const changes = Array.from({ length: 101 }, (_, at) => ({
  key: JSON.stringify(['', `c${at}`, 'u']),
  found: null,
  write: 'x',
}));

/** How many records are noted after a plan was applied, whose pages are written with these outcomes. */
async function notedAfter(...pages: readonly (ExchangeOutcome | Failure)[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'vmqctl-apply-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const left = [...pages];
  const store: Pick<AclStore, 'read' | 'exchange'> = {
    read: async (keys) => keys.map(() => undefined),
    exchange: async (page) => {
      const outcome = left.shift() ?? 'written';
      if (outcome instanceof Failure) throw outcome;
      return page.map(() => outcome);
    },
  };
  const open = () => openUnfinished(folder, REDIS, () => true);
  const applying = {
    ...{ store, plan: { redis: REDIS, changes }, dryRun: false, undo: undefined, folder },
    ...{ consent: async () => undefined, unfinished: await open() },
    ...{ streams: { errIsTerminal: false }, signal: new AbortController().signal },
  };
  const failed = pages.find((page) => page instanceof Failure);
  const applied = applyPlan(applying as unknown as Applying);
  if (failed) await expect(applied).rejects.toMatchObject({ kind: failed.kind });
  else await applied;
  return (await open()).earlier.size;
}

const failure = (kind: FailureKind, details = {}) => new Failure(kind, 'x', 'x', { details });

describe('what a plan notes of clients to disconnect', () => {
  it('stays until they are disconnected', async () => {
    expect(await notedAfter('written', 'written')).toBe(101);
  });

  it('goes where certainly nothing was written', async () => {
    expect(await notedAfter(failure('failed'))).toBe(0);
    expect(await notedAfter('moved', failure('failed'))).toBe(0);
    expect(await notedAfter(failure('unreachable'))).toBe(0);
    expect(await notedAfter(failure('interrupted'))).toBe(0);
  });

  it('stays where something was written, or may have been', async () => {
    expect(await notedAfter('written', failure('failed'))).toBe(101);
    expect(await notedAfter(failure('failed', { settled: 1 }))).toBe(101);
    expect(await notedAfter(failure('unknown'))).toBe(101);
    expect(await notedAfter('written', failure('unreachable'))).toBe(101);
  });
});
