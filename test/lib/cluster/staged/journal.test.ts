import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StagedJob, stagedLeave } from '../../../../src/lib/cli/staged-leave.js';
import { fileStore, type OperationRecord } from '../../../../src/lib/cluster/operations/store.js';
import type { StagedEvent, StagedReport } from '../../../../src/lib/cluster/staged/context.js';
import type { StagedRecord } from '../../../../src/lib/cluster/staged/ledger.js';
import type { StagedState } from '../../../../src/lib/cluster/staged/state.js';
import type { SandboxNode } from '../../../../src/lib/sandbox/handle.js';
import { sandbox, trio } from '../../sandbox/support.js';
import { contextFor, OPTIONS } from './world.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmqctl-staged-journal-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Ran {
  readonly events: StagedEvent[];
  readonly report?: StagedReport;
  readonly thrown?: unknown;
}

/** As the command does it; cut short as soon as `until` says so. */
async function run(
  seed: SandboxNode,
  node: SandboxNode,
  more: Partial<StagedJob> = {},
  until: (event: StagedEvent) => boolean = () => false,
): Promise<Ran> {
  const wish = {
    node: node.name,
    options: OPTIONS,
    allowUnreachableNode: false,
    bcryptPool: 1,
    bcryptCost: 12,
  };
  const job = { mode: 'begin' as const, wish, folder, consent: async () => undefined, ...more };
  const events: StagedEvent[] = [];
  const leave = stagedLeave(await contextFor([seed]), job);
  try {
    for (;;) {
      const next = await leave.next();
      if (next.done) return { events, report: next.value };
      events.push(next.value);
      if (until(next.value)) throw new Error('cut short');
    }
  } catch (thrown) {
    await leave.return(undefined as never);
    return { events, thrown };
  }
}

const inPhase = (phase: string) => (event: StagedEvent) => event.type === 'phase' && event.phase === phase;
const cluster = async () => trio(await sandbox({ timings: { queuesPerSecond: 5000 } }));

/** Writes what is on disk again, changed. */
async function edit(change: (record: StagedRecord) => unknown): Promise<void> {
  const store = fileStore(folder);
  const [record] = (await store.list()) as StagedRecord[];
  if (record) await store.write(change(record) as OperationRecord);
}

const inState = (more: Partial<StagedState>) => (record: StagedRecord) => ({
  ...record,
  state: { ...record.state, ...more },
});

describe('the journal of a staged leave', () => {
  it('that is not the last one of its node is never taken up', async () => {
    const [one, , three] = await cluster();
    await run(one, three, {}, inPhase('drain'));
    await edit((record) => ({ ...record, id: 'leave-long-ago', startedAt: 1, outcome: 'failed' }));
    expect((await run(one, three, { mode: 'abort' })).report?.outcome).toBe('aborted');
    expect((await run(one, three, { mode: 'resume' })).thrown).toMatchObject({ code: 'nothing_to_resume' });
  });

  it('is the last one also where the clock was set back in between', async () => {
    const [one, , three] = await cluster();
    await run(one, three, {}, inPhase('drain'));
    await run(one, three, { mode: 'abort' });
    await edit((record) => ({ ...record, startedAt: Date.now() + 3_600_000 }));
    await run(one, three, {}, inPhase('drain'));
    expect((await run(one, three, { mode: 'abort' })).report?.outcome).toBe('aborted');
  });

  it('takes another pace from whoever takes it up, and keeps the rest', async () => {
    const [one, , three] = await cluster();
    await run(one, three, {}, inPhase('drain'));
    const wish = { node: three.name, options: { rate: 7 }, allowUnreachableNode: false };
    const job = { mode: 'resume' as const, wish: { ...wish, bcryptPool: 1, bcryptCost: 12 } };
    expect((await run(one, three, job)).report?.outcome).toBe('done');
    const [record] = (await fileStore(folder).list()) as StagedRecord[];
    expect(record?.state.options).toEqual({ ...OPTIONS, rate: 7 });
  });

  it('of another cluster is not taken up in this one', async () => {
    const [one, , three] = await cluster();
    await run(one, three, {}, inPhase('drain'));
    await edit(inState({ survivors: ['VerneMQ@10.9.9.9'] }));
    for (const mode of ['resume', 'abort'] as const)
      expect((await run(one, three, { mode })).thrown).toMatchObject({
        kind: 'safety',
        code: 'other_cluster',
        message: expect.stringContaining('VerneMQ@10.9.9.9'),
      });
  });

  it('of a leave whose node is out already is pointed to, before its name is called unknown', async () => {
    const [one, , three] = await cluster();
    three.fill({ queues: 5, messages: 2 });
    await run(one, three, {}, inPhase('verify'));
    expect((await run(one, three)).thrown).toMatchObject({
      code: 'leave_unfinished',
      hint: expect.stringContaining('--resume'),
    });
    const { report, events } = await run(one, three, { mode: 'resume' });
    expect(report).toMatchObject({ outcome: 'done', account: { before: { queues: 5 }, missing: [] } });
    expect(events[0]).toMatchObject({ type: 'resumed', phase: 'verify' });
  });

  it('of a -k that broke off still counts when the leave is begun anew', async () => {
    const [one, , three] = await cluster();
    const [lost = ''] = three.fill({ queues: 5, messages: 2 });
    await run(one, three, {}, inPhase('drain'));
    const store = fileStore(folder);
    const [record] = (await store.list()) as StagedRecord[];
    const before = (await store.kept(record?.id ?? '')) as { clientId: string }[];
    const gone = { ...before.find(({ clientId }) => clientId === lost), clientId: 'gone in the crash' };
    await store.keep(record?.id ?? '', [...before, gone]);
    await edit(inState({ stand: 'migrate', left: { at: Date.now() - 60_000, answer: 'leaver_died' } }));
    await three.kill();
    await three.restart();
    const { report, thrown, events } = await run(one, three);
    expect(thrown).toBeUndefined();
    expect(events).toContainEqual({ type: 'warning', message: expect.stringContaining('broke off') });
    expect(report?.account?.missing).toMatchObject([{ clientId: 'gone in the crash' }]);
  });

  it.each([
    ['without its state', (record: StagedRecord) => ({ ...record, state: {} })],
    ['that stands nowhere', inState({ stand: 'nowhere' as never })],
    ['of listeners that are none', inState({ listeners: [{}] as never })],
    ['without options', inState({ options: null as never })],
    ['of a moment that is none', inState({ since: 'now' as never })],
  ])('that somebody has edited, %s, is refused and named', async (_name, change) => {
    const [one, , three] = await cluster();
    await run(one, three, {}, inPhase('drain'));
    await edit(change);
    const [file] = (await readdir(join(folder, 'operations'))).filter((name) => name.endsWith('.json'));
    const operation = decodeURIComponent(file?.replace('.json', '') ?? '');
    for (const mode of ['resume', 'abort', 'begin'] as const)
      expect((await run(one, three, { mode })).thrown).toMatchObject({
        kind: 'configuration',
        code: 'journal_unreadable',
        message: expect.stringContaining(operation),
      });
  });

  it('whose list of queues cannot be read is not taken up: there would be no account', async () => {
    const [one, , three] = await cluster();
    await run(one, three, {}, inPhase('drain'));
    const [stock = ''] = (await readdir(join(folder, 'operations'))).filter((name) =>
      name.endsWith('.stock'),
    );
    const path = join(folder, 'operations', stock);
    const text = await readFile(path, 'utf8');
    for (const bad of [text.slice(0, -3), '{}', '[{"clientId":1}]']) {
      await writeFile(path, bad);
      expect((await run(one, three, { mode: 'resume' })).thrown).toMatchObject({
        code: 'journal_unreadable',
      });
    }
    expect((await run(one, three, { mode: 'abort' })).report?.outcome).toBe('aborted');
  });
});

it('whoever stops it before it has begun is told that nothing was changed', async () => {
  const [one, , three] = await cluster();
  one.freeze();
  const wish = { node: three.name, options: OPTIONS, allowUnreachableNode: false };
  const job = { mode: 'begin' as const, wish: { ...wish, bcryptPool: 1, bcryptCost: 12 }, folder };
  const signal = AbortSignal.timeout(100);
  const leave = stagedLeave(
    { ...(await contextFor([one])), signal },
    { ...job, consent: async () => undefined },
  );
  await expect(leave.next()).rejects.toMatchObject({
    kind: 'interrupted',
    message: expect.stringContaining('before anything was changed'),
  });
  expect(await fileStore(folder).list()).toEqual([]);
});

it('an abort tells nothing of the phase that it ends', async () => {
  const [one, , three] = await cluster();
  await run(one, three, {}, inPhase('drain'));
  const { events } = await run(one, three, { mode: 'abort' });
  expect(events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []))).toEqual(['restore']);
});

it('a leave that somebody else has begun with -k is not begun a second time', async () => {
  const [one, , three] = await cluster();
  three.fill({ queues: 5, messages: 2 });
  three.pauseMigration();
  void fetch(`${one.httpUrl}/api/v1/cluster/leave?node=${three.name}&--kill_sessions`).catch(() => undefined);
  await expect
    .poll(async () => {
      const { thrown } = await run(one, three, { consent: () => Promise.reject(new Error('not refused')) });
      return (thrown as { code?: string }).code;
    })
    .toBe('leave_going_on');
  three.resumeMigration();
});
