import { describe, expect, it } from 'vitest';
import { planLeave } from '../../../../src/lib/cluster/leave/preflight.js';
import { observe } from '../../../../src/lib/cluster/observe.js';
import { mergeViews } from '../../../../src/lib/cluster/view.js';
import { FakeCluster } from '../../../support/fake-cluster.js';

const A = 'a@127.0.0.1';
const B = 'b@127.0.0.1';
const C = 'c@127.0.0.1';

async function plan(
  prepare: (cluster: FakeCluster) => void,
  wish: Partial<Parameters<typeof planLeave>[1]> = {},
  seeds: string[] = [],
) {
  const cluster = new FakeCluster(A, B, C);
  prepare(cluster);
  const fleet = cluster.fleet(...seeds);
  const view = mergeViews(await observe(fleet));
  return planLeave(view, {
    node: C,
    kill: true,
    allowMessageLoss: false,
    allowUnreachableNode: false,
    seeds: fleet.seeds,
    ...wish,
  });
}

const unchanged = () => undefined;

describe('a leave is planned', () => {
  it('as stage one without -k', async () => {
    expect(await plan(unchanged, { kill: false })).toMatchObject({ path: 'suspend' });
  });

  it('as a migration with -k, sent to a survivor that the operator named', async () => {
    const { path, coordinator, survivors } = await plan(unchanged, {}, [C, B]);
    expect({ path, coordinator, stays: survivors.map(({ name }) => name) }).toEqual({
      path: 'migrate',
      coordinator: 'http://127.0.0.1:8882',
      stays: [A, B],
    });
  });

  it('through a survivor found from the leaver, when only the leaver was named', async () => {
    expect((await plan(unchanged, {}, [C])).coordinator).not.toBe('http://127.0.0.1:8883');
  });

  it('as a removal for a dead node, once the loss of its messages is accepted', async () => {
    expect(await plan((cluster) => cluster.kill(C), { allowMessageLoss: true })).toMatchObject({
      path: 'remove',
    });
  });

  it('with a warning between versions', async () => {
    const { warnings } = await plan((cluster) => Object.assign(cluster.node(C), { version: '2.2.0' }));
    expect(warnings).toEqual([expect.stringContaining('different versions')]);
  });
});

describe('a leave is refused with exit code 4', () => {
  const refusals: readonly (readonly [
    string,
    string,
    (cluster: FakeCluster) => void,
    Partial<Parameters<typeof planLeave>[1]>,
  ])[] = [
    ['a misspelt node', 'unknown_node', unchanged, { node: 'c@127.0.0.2' }],
    [
      'the last node',
      'last_node',
      (cluster) => {
        cluster.kill(A);
        cluster.kill(B);
      },
      {},
    ],
    ['a dead node without consent', 'messages_would_be_lost', (cluster) => cluster.kill(C), {}],
    [
      'a node that one member sees alive and another does not',
      'views_disagree',
      (cluster) => cluster.node(A).members.set(C, false),
      {},
    ],
    [
      'a node that all report as down, and that answers',
      'views_disagree',
      (cluster) => {
        cluster.node(A).members.set(C, false);
        cluster.node(B).members.set(C, false);
      },
      { allowMessageLoss: true },
    ],
    [
      'a split among the others',
      'views_disagree',
      (cluster) => {
        cluster.node(A).members.set(B, false);
        cluster.node(B).members.set(A, false);
      },
      {},
    ],
    [
      'members that do not list the same',
      'views_disagree',
      (cluster) => cluster.node(A).members.delete(B),
      {},
    ],
    [
      'a frozen node',
      'views_disagree',
      (cluster) => {
        cluster.node(C).state = 'frozen';
      },
      {},
    ],
    ['another member that is dead', 'other_members_dead', (cluster) => cluster.kill(B), {}],
    [
      'a member whose own view nobody knows',
      'view_unknown',
      (cluster) => {
        cluster.node(B).state = 'dead';
      },
      {},
    ],
  ];

  it.each(refusals)('for %s', async (_name, code, prepare, wish) => {
    await expect(plan(prepare, wish)).rejects.toMatchObject({
      kind: 'safety',
      code,
      hint: expect.stringContaining('Nothing was changed'),
    });
  });

  it('and names the node that was probably meant', async () => {
    await expect(plan(unchanged, { node: 'c@127.0.0.2' })).rejects.toThrow('did you mean c@127.0.0.1?');
  });

  it('unless the unknown view is accepted', async () => {
    const unseen = (cluster: FakeCluster) => {
      cluster.node(B).state = 'dead';
    };
    expect(await plan(unseen, { allowUnreachableNode: true })).toMatchObject({ path: 'migrate' });
  });
});
