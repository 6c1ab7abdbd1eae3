import { describe, expect, it } from 'vitest';
import { type JoinEvent, type JoinReport, joinCluster } from '../../../src/lib/cluster/join.js';
import { FakeCluster, failed, reply } from '../../support/fake-cluster.js';

const A = 'a@127.0.0.1';
const B = 'b@127.0.0.1';
const C = 'c@127.0.0.1';

/** A cluster of two, and a third node alone. */
function twoAndOne(): FakeCluster {
  const cluster = new FakeCluster(A, B);
  cluster.add(C, 3);
  cluster.answers['cluster join'] = (command) => {
    spread(cluster);
    return reply(command, 'Done');
  };
  return cluster;
}

/** As measured: the joining node sees all at once, the others wait for gossip. */
function spread(cluster: FakeCluster): void {
  cluster.node(C).members = new Map([C, A, B].map((name) => [name, true]));
  void cluster.clock.sleep(4000).then(() => cluster.node(A).members.set(C, true));
  void cluster.clock.sleep(8000).then(() => cluster.node(B).members.set(C, true));
}

async function join(
  cluster: FakeCluster,
  { discoveryNode = A, timeout = 60_000, open = true, on = C } = {},
): Promise<{ events: JoinEvent[]; report: JoinReport }> {
  const events: JoinEvent[] = [];
  cluster.node(on).wantsKey = !open;
  const { address } = cluster.node(on);
  const operation = joinCluster(cluster.fleet(A), { discoveryNode, timeout, on: address });
  for (;;) {
    const next = await operation.next();
    if (next.done) return { events, report: next.value };
    events.push(next.value);
  }
}

const joins = (cluster: FakeCluster) => cluster.calls.filter((call) => call.includes('cluster join'));

describe('a join', () => {
  it('is sent to the joining node and ends when every node sees every node', async () => {
    const cluster = twoAndOne();
    const { report } = await join(cluster);
    expect(joins(cluster)).toEqual([`http://127.0.0.1:8883 cluster join discovery-node=${A}`]);
    expect(report).toMatchObject({ node: C, discoveryNode: A, members: [A, B, C], alreadyMember: false });
    expect(report.took).toBeGreaterThanOrEqual(8000);
  });

  it('tells meanwhile who does not see whom', async () => {
    const { events } = await join(twoAndOne());
    const waiting = events.filter((event) => event.type === 'waiting');
    expect(waiting[0]?.missing).toContain(`${A} does not see ${C}`);
    expect(waiting.at(-1)?.missing).toEqual([`${B} does not see ${C}`]);
  });

  it('of a node that is a member already sends nothing, and still looks from all sides', async () => {
    const cluster = new FakeCluster(A, B, C);
    const { report } = await join(cluster);
    expect(joins(cluster)).toEqual([]);
    expect(report).toMatchObject({ alreadyMember: true, members: [A, B, C] });
  });

  it('warns of versions that differ', async () => {
    const cluster = twoAndOne();
    cluster.node(C).version = '2.2.0';
    const { events } = await join(cluster);
    expect(events).toContainEqual({ type: 'warning', message: `${C} runs 2.2.0, ${A} runs 2.1.2` });
  });
});

describe('a join is refused with exit code 4, and nothing is sent,', () => {
  const refusals: readonly (readonly [
    string,
    string,
    (cluster: FakeCluster) => void,
    Parameters<typeof join>[1],
  ])[] = [
    ['to itself', 'self_join', () => undefined, { discoveryNode: C }],
    [
      'of a node that has sessions',
      'non_empty_node',
      (cluster) => {
        cluster.node(C).offline = 2;
      },
      {},
    ],
    [
      'of a node that has subscriptions',
      'non_empty_node',
      (cluster) => {
        cluster.node(C).subscriptions = 1;
      },
      {},
    ],
    [
      'of a node that has retained messages',
      'non_empty_node',
      (cluster) => {
        cluster.node(C).retained = 1;
      },
      {},
    ],
    [
      'of a member of another cluster',
      'member_of_another_cluster',
      (cluster) => {
        cluster.node(C).members.set('x@127.0.0.9', true);
      },
      {},
    ],
    ['of a node that asks for an API key', 'api_key_makes_node_non_empty', () => undefined, { open: false }],
  ];

  it.each(refusals)('%s', async (_name, code, prepare, more) => {
    const cluster = twoAndOne();
    prepare(cluster);
    await expect(join(cluster, more)).rejects.toMatchObject({
      kind: 'safety',
      code,
      hint: expect.stringContaining('Nothing was changed'),
    });
    expect(joins(cluster)).toEqual([]);
  });
});

describe('a join fails', () => {
  it('as the fault of the joining node when the broker refuses it without a reason', async () => {
    const cluster = twoAndOne();
    cluster.answers['cluster join'] = () =>
      failed({ outcome: 'refused', code: 'join_refused', message: 'no' });
    await expect(join(cluster)).rejects.toMatchObject({
      kind: 'failed',
      code: 'join_refused',
      hint: expect.stringContaining(`${C} (the joining node) is not empty`),
    });
  });

  it('as not yet known when the nodes do not agree in time: Done is not enough', async () => {
    const cluster = twoAndOne();
    cluster.answers['cluster join'] = (command) => reply(command, 'Done');
    await expect(join(cluster, { timeout: 5000 })).rejects.toMatchObject({
      kind: 'unknown',
      code: 'not_agreed',
    });
  });

  it('when the joining node does not answer', async () => {
    const cluster = twoAndOne();
    cluster.node(C).state = 'dead';
    await expect(join(cluster)).rejects.toMatchObject({ kind: 'unreachable' });
  });
});
