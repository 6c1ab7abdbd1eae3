import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Bouncing, bounce, type ReadyBrokers } from '../../../src/lib/cli/acl-bounce.js';
import type { BounceReport } from '../../../src/lib/cluster/bounce/bounce.js';
import { openUnfinished } from '../../../src/lib/cluster/bounce/unfinished.js';
import { Failure } from '../../../src/lib/failure.js';

const REDIS = 'redis://127.0.0.1:6379/0';
const key = (client: string) => JSON.stringify(['', client, 'u']);
const session = { mountpoint: '', clientId: 'a', user: 'u', node: 'n1', record: key('a'), why: 'refused' };
const report: BounceReport = {
  ...{ affected: 2, disconnected: 1, back: [], notBack: [], lockedOut: [], failed: [session] },
};

/** What the same command would disconnect besides, after these clients were seen to in this way. */
async function leftAfter(failure: Failure | null): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vmqctl-bounce-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const open = () => openUnfinished(folder, REDIS, () => true);
  const unfinished = await open();
  const changed = new Set([key('a'), key('b')]);
  await unfinished.begin([...changed]);
  const bouncing = { changed, unfinished } as unknown as Bouncing;
  await bounce({ view: { members: [] } } as unknown as ReadyBrokers, bouncing, async () => ({
    report,
    failure,
  }));
  return [...(await open()).earlier];
}

describe('what is left for the same command', () => {
  it('are the clients that could not be disconnected', async () => {
    expect(await leftAfter(null)).toEqual([key('a')]);
  });

  it('are all, where it was cut short', async () => {
    expect(await leftAfter(new Failure('interrupted', 'interrupted', 'x'))).toEqual([key('a'), key('b')]);
  });
});
