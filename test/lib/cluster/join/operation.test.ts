import { beforeEach, describe, expect, it } from 'vitest';
import type { JoinEvent, JoinReport } from '../../../../src/lib/cluster/join/events.js';
import { joinCluster } from '../../../../src/lib/cluster/join/operation.js';
import { Failure } from '../../../../src/lib/failure.js';
import { FakeCluster, failed, reply } from '../../../support/fake-cluster.js';
import { FakeLocks, FakeStore, Killed } from '../../../support/operations.js';

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

let store: FakeStore;
let locks: FakeLocks;
beforeEach(() => {
  store = new FakeStore();
  locks = new FakeLocks();
});

async function join(
  cluster: FakeCluster,
  { discoveryNode = A, wait = 60_000, open = true, on = C, allowDeadMember = false } = {},
  signal?: AbortSignal,
): Promise<{ events: JoinEvent[]; report: JoinReport }> {
  const events: JoinEvent[] = [];
  cluster.node(on).wantsKey = !open;
  const { address } = cluster.node(on);
  const context = { fleet: cluster.fleet(A), store, lock: locks.acquire, signal };
  const operation = joinCluster(context, { discoveryNode, wait, on: address, allowDeadMember });
  for (;;) {
    const next = await operation.next();
    if (next.done) return { events, report: next.value };
    events.push(next.value);
  }
}

/** The disk takes so many writes. */
function fillAfter(writes: number): void {
  let left = writes;
  store.onWrite = () => {
    left -= 1;
    if (left < 0) throw new Failure('configuration', 'unwritable_file', 'cannot write x: ENOSPC');
  };
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

  it('warns of a journal that cannot be read: it may hold this very join', async () => {
    store.failures = [new Failure('configuration', 'journal_unreadable', 'x.json is damaged')];
    const { events } = await join(twoAndOne());
    expect(events).toContainEqual({ type: 'warning', message: 'x.json is damaged' });
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
    [
      'to a cluster with a dead member, which could never agree',
      'dead_member',
      (cluster) => cluster.kill(B),
      {},
    ],
    [
      'to a cluster with a dead member, where the joining node, wiped, is still listed as dead too',
      'dead_member',
      (cluster) => {
        for (const name of [A, B]) cluster.node(name).members.set(C, false);
        cluster.kill(B);
      },
      {},
    ],
    [
      'to a cluster whose members do not agree, which a join does not mend',
      'cluster_not_in_order',
      (cluster) => {
        cluster.node(B).members.set(A, false);
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

it('waits for members that disagree because another node is joining them just now', async () => {
  const cluster = twoAndOne();
  cluster.node(B).members.set(A, false);
  const agreed = cluster.clock.sleep(9000).then(() => cluster.node(B).members.set(A, true));
  const { events, report } = await join(cluster);
  await agreed;
  expect(report).toMatchObject({ node: C });
  expect(joins(cluster)).toHaveLength(1);
  const types = events.map(({ type }) => type);
  expect(types.indexOf('waiting')).toBeLessThan(types.indexOf('sent'));
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
    await expect(join(cluster, { wait: 5000 })).rejects.toMatchObject({
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

describe('a join of a cluster with a dead member', () => {
  it('goes on with consent, and the dead one need not agree', async () => {
    const cluster = twoAndOne();
    cluster.kill(B);
    cluster.answers['cluster join'] = (command) => {
      cluster.node(C).members = new Map([
        [C, true],
        [A, true],
        [B, false],
      ]);
      cluster.node(A).members.set(C, true);
      return reply(command, 'Done');
    };
    const { report } = await join(cluster, { allowDeadMember: true });
    expect(report.members).toEqual([A, C]);
  });
});

describe('a join that was cut short', () => {
  it('before it was sent is on disk, and sent once it is clear that it has never arrived', async () => {
    const cluster = twoAndOne();
    store.onWrite = () => {
      throw new Killed();
    };
    await expect(join(cluster)).rejects.toThrow(Killed);
    expect({ joins: joins(cluster), records: store.texts.size }).toEqual({ joins: [], records: 1 });
    store.onWrite = () => undefined;
    const { report, events } = await join(cluster);
    expect(joins(cluster)).toHaveLength(1);
    expect(events).toContainEqual(expect.objectContaining({ type: 'sent', again: true }));
    expect(report).toMatchObject({ resumed: true, members: [A, B, C] });
    expect(report.took).toBeLessThan(60_000);
  });

  it('after it was sent is watched, and not sent again, even where it shows only later', async () => {
    const cluster = twoAndOne();
    cluster.answers['cluster join'] = () => {
      void cluster.clock.sleep(20_000).then(() => spread(cluster));
      throw new Killed();
    };
    await expect(join(cluster)).rejects.toThrow(Killed);
    const { report, events } = await join(cluster);
    expect(joins(cluster)).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: 'resumed', joining: C });
    expect(report).toMatchObject({ resumed: true, alreadyMember: false, members: [A, B, C] });
    expect((await store.list())[0]).toMatchObject({ kind: 'join', subjects: [C], outcome: 'done' });
  });

  it('because time was up is picked up too', async () => {
    const cluster = twoAndOne();
    await expect(join(cluster, { wait: 2000 })).rejects.toMatchObject({ code: 'not_agreed' });
    expect((await store.list())[0]).toMatchObject({ outcome: 'running' });
    expect((await join(cluster)).report).toMatchObject({ resumed: true, members: [A, B, C] });
    expect(joins(cluster)).toHaveLength(1);
  });

  it('whose answer was lost is watched: the members tell', async () => {
    const cluster = twoAndOne();
    cluster.answers['cluster join'] = () => {
      spread(cluster);
      return failed({ outcome: 'unknown', code: 'outcome_unknown', message: 'no answer' });
    };
    expect((await join(cluster)).report.members).toEqual([A, B, C]);
  });

  it('by a full disk at its end is told as done all the same', async () => {
    fillAfter(1);
    const { report, events } = await join(twoAndOne());
    expect(report).toMatchObject({ members: [A, B, C] });
    expect(events.at(-1)).toMatchObject({ type: 'warning', message: expect.stringContaining('ENOSPC') });
  });

  it('by a full disk when it has been refused is told with the reason of the broker', async () => {
    fillAfter(1);
    const cluster = twoAndOne();
    cluster.answers['cluster join'] = () =>
      failed({ outcome: 'refused', code: 'non_empty_node', message: 'no' });
    await expect(join(cluster)).rejects.toMatchObject({ code: 'non_empty_node' });
  });

  it('by a full disk before it was sent is not sent', async () => {
    fillAfter(0);
    const cluster = twoAndOne();
    await expect(join(cluster)).rejects.toMatchObject({ code: 'unwritable_file' });
    expect(joins(cluster)).toEqual([]);
  });

  it('is not confused with one that the broker has refused', async () => {
    const cluster = twoAndOne();
    const { 'cluster join': works } = cluster.answers;
    cluster.answers['cluster join'] = () =>
      failed({ outcome: 'refused', code: 'not_reachable', message: 'no' });
    await expect(join(cluster)).rejects.toMatchObject({ code: 'not_reachable' });
    if (works) cluster.answers['cluster join'] = works;
    expect((await join(cluster)).report).toMatchObject({ resumed: false });
  });
});

it('a node is called ready only once nothing speaks against it', async () => {
  const cluster = twoAndOne();
  cluster.node(C).retained = 1;
  const context = { fleet: cluster.fleet(A), store, lock: locks.acquire };
  const options = { discoveryNode: A, wait: 1000, on: cluster.node(C).address, allowDeadMember: false };
  await expect(joinCluster(context, options).next()).rejects.toMatchObject({ code: 'non_empty_node' });
});

it('a second join of the same node on this machine is refused while the first goes on', async () => {
  const cluster = twoAndOne();
  locks.held.add(C);
  await expect(join(cluster)).rejects.toMatchObject({ kind: 'safety', code: 'locked' });
  expect(joins(cluster)).toEqual([]);
});
