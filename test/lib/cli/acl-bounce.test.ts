import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Bouncing, bounce, type ReadyBrokers } from '../../../src/lib/cli/acl-bounce.js';
import { bounceKind, bounceMembers, bounceNotes } from '../../../src/lib/cli/views/acl-bounce.js';
import type { BounceReport } from '../../../src/lib/cluster/bounce/bounce.js';
import { openUnfinished, type Unfinished } from '../../../src/lib/cluster/bounce/unfinished.js';
import { Failure } from '../../../src/lib/failure.js';

const REDIS = 'redis://127.0.0.1:6379/0';
const key = (client: string) => JSON.stringify(['', client, 'u']);
const session = { mountpoint: '', clientId: 'a', user: 'u', node: 'n1', record: key('a'), why: 'refused' };
const report: BounceReport = {
  ...{ affected: 2, disconnected: 1, back: [], notBack: [], lockedOut: [], failed: [session] },
};

const changed = new Set([key('a'), key('b')]);
const bounced = (unfinished: Unfinished, failure: Failure | null) =>
  bounce(
    { view: { members: [] } } as unknown as ReadyBrokers,
    { changed, unfinished } as unknown as Bouncing,
    async () => ({ report, failure }),
  );

async function stateFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vmqctl-bounce-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** What the same command would disconnect besides, after these clients were seen to in this way. */
async function leftAfter(failure: Failure | null): Promise<readonly string[]> {
  const folder = await stateFolder();
  const open = () => openUnfinished(folder, REDIS, () => true);
  const unfinished = await open();
  await unfinished.begin([...changed]);
  await bounced(unfinished, failure);
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

describe('what is told', () => {
  it('is that it could not be noted what became of the clients, and not that they were left alone', async () => {
    const folder = await stateFolder();
    const unfinished = await openUnfinished(folder, REDIS, () => true);
    await unfinished.begin([...changed]);
    await rm(join(folder, 'acl-disconnect'), { recursive: true });
    await writeFile(join(folder, 'acl-disconnect'), '');
    const outcome = await bounced(unfinished, null);
    expect(bounceKind(outcome)).toBe('configuration');
    expect(bounceMembers(outcome)).toMatchObject({ disconnected: 1, error: { code: 'unreadable_file' } });
    const told = bounceNotes(outcome).map(({ text }) => text);
    expect(told.join('\n')).toMatch(
      /error: what became of the clients could not be noted: .* cannot be read/,
    );
    expect(told.join('\n')).toMatch(/The same command again disconnects them again\./);
    expect(told.join('\n')).not.toMatch(/not all clients/);
  });

  it('is nothing of clients of commands before this one where none was disconnected', async () => {
    const failure = new Failure('unreachable', 'no_node', 'no node can list its sessions');
    const outcome = { report: null, failure, noteFailure: null, unseen: [], resumed: 2 };
    expect(bounceNotes(outcome).map(({ text }) => text)).toEqual([
      'error: the records are in place, but not all clients were seen to: no node can list its sessions',
      'The same command again disconnects the clients that are affected.',
    ]);
    expect(bounceNotes({ ...outcome, report })[0]?.text).toBe(
      'with the clients of 2 records that commands before this one have not seen to',
    );
  });
});
