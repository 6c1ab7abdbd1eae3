import { describe, expect, it } from 'vitest';
import { render } from '../../../../src/lib/cli/render.js';
import { operationsView } from '../../../../src/lib/cli/views/cluster-operations.js';
import type { LeaveRecord } from '../../../../src/lib/cluster/leave/journal.js';
import { listOperations } from '../../../../src/lib/cluster/operations/list.js';
import type { OperationRecord } from '../../../../src/lib/cluster/operations/store.js';
import { Failure } from '../../../../src/lib/failure.js';
import { FakeStore } from '../../../support/operations.js';

const START = Date.UTC(2026, 10, 22, 18, 5, 9);

const record = (id: string, outcome: OperationRecord['outcome'], startedAt: number): OperationRecord => ({
  schema: 'vmqctl.operation/1',
  id,
  kind: 'reap',
  subjects: ['c@h', 'd@h'],
  members: ['a@h'],
  phase: 'removed c@h',
  outcome,
  startedAt,
  updatedAt: startedAt + 1000,
  summary: '1 of 2',
  state: { known: ['a long list'] },
});

const NO_LEAVES = { records: [], unreadable: [] };

async function listed(isHeld: (node: string) => boolean) {
  const store = new FakeStore();
  await store.write(record('reap-1', 'done', START));
  await store.write(record('reap-2', 'running', START + 60_000));
  return listOperations(store, NO_LEAVES, async (node) => isHeld(node));
}

describe('the operations of this machine', () => {
  it('are told without their state, the newest first', async () => {
    const { operations } = await listed((node) => node === 'd@h');
    expect(operations).toEqual([
      {
        id: 'reap-2',
        kind: 'reap',
        nodes: ['c@h', 'd@h'],
        phase: 'removed c@h',
        outcome: 'running',
        startedAt: START + 60_000,
        updatedAt: START + 61_000,
        summary: '1 of 2',
      },
      expect.objectContaining({ id: 'reap-1', outcome: 'done' }),
    ]);
  });

  it('that nobody is at any more were interrupted, and it is said how to go on', async () => {
    const found = await listed(() => false);
    expect(found.operations.map(({ outcome }) => outcome)).toEqual(['interrupted', 'done']);
    const text = await render(operationsView(found), 'table', false);
    expect(text).toContain('2026-11-22T18:06:09Z │ reap │ c@h, d@h │ removed c@h │ interrupted │ 1 of 2');
    expect(text).toContain('the same command that began it goes on with it');
  });

  it('are dates in JSON', async () => {
    const { operations } = JSON.parse(await render(operationsView(await listed(() => true)), 'json', false));
    expect(operations[1]).toMatchObject({
      startedAt: '2026-11-22T18:05:09.000Z',
      updatedAt: '2026-11-22T18:05:10.000Z',
    });
  });

  it('with a journal that cannot be read are told without it, and that it is not there is told too', async () => {
    const store = new FakeStore();
    store.failures = [
      new Failure('configuration', 'journal_unreadable', 'x.json is damaged', { hint: 'Look.' }),
    ];
    const list = await listOperations(store, NO_LEAVES, async () => false);
    const text = await render(operationsView(list), 'table', false);
    expect(text).toContain('not in this list: x.json is damaged');
    expect(text).not.toContain('no operation has been recorded');
    expect(JSON.parse(await render(operationsView(list), 'json', false))).toMatchObject({
      operations: [],
      unreadable: [{ code: 'journal_unreadable', message: 'x.json is damaged', hint: 'Look.' }],
    });
  });

  it('have the plain leaves among them whose account has not been taken', async () => {
    const leave: LeaveRecord = {
      schema: 'vmqctl.leave/1',
      node: 'c@h',
      path: 'migrate',
      survivors: ['a@h'],
      sentAt: START,
      timeout: 60,
      queueOut: undefined,
      before: [{ mountpoint: '', clientId: 'x', node: 'c@h', online: false, clean: false, messages: 4 }],
    };
    const failed = { ...leave, node: 'd@h', sentAt: START + 1, answer: 'still_online' };
    const list = await listOperations(
      new FakeStore(),
      { records: [leave, failed], unreadable: [] },
      async () => false,
    );
    expect(list.operations.map(({ id, outcome, summary }) => [id, outcome, summary])).toEqual([
      ['leave-d@h', 'failed', '1 queues and 4 messages when it was sent; still_online'],
      ['leave-c@h', 'open', '1 queues and 4 messages when it was sent'],
    ]);
    expect(await render(operationsView(list), 'table', false)).toContain('the same command watches it');
  });

  it('of which there are none are said to be none', async () => {
    expect(await render(operationsView({ operations: [], unreadable: [] }), 'table', false)).toContain(
      'no operation has been recorded',
    );
  });
});
