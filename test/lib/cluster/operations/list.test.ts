import { describe, expect, it } from 'vitest';
import { render } from '../../../../src/lib/cli/render.js';
import { operationsView } from '../../../../src/lib/cli/views/cluster-operations.js';
import { listOperations } from '../../../../src/lib/cluster/operations/list.js';
import type { OperationRecord } from '../../../../src/lib/cluster/operations/store.js';
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

async function listed(isHeld: (node: string) => boolean) {
  const store = new FakeStore();
  await store.write(record('reap-1', 'done', START));
  await store.write(record('reap-2', 'running', START + 60_000));
  return listOperations(store, async (node) => isHeld(node));
}

describe('the operations of this machine', () => {
  it('are told without their state, the newest first', async () => {
    const operations = await listed((node) => node === 'd@h');
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
    const operations = await listed(() => false);
    expect(operations.map(({ outcome }) => outcome)).toEqual(['interrupted', 'done']);
    const text = await render(operationsView(operations), 'table', false);
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

  it('of which there are none are said to be none', async () => {
    expect(await render(operationsView([]), 'table', false)).toContain('no operation has been recorded');
  });
});
