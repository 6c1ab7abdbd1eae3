import { setMaxListeners } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { type JoinsReport, joinSeveral } from '../../../../src/lib/cluster/join/several.js';
import { FakeCluster, failed, reply } from '../../../support/fake-cluster.js';
import { FakeLocks, FakeStore } from '../../../support/operations.js';

const [A, B, C, D] = ['a@127.0.0.1', 'b@127.0.0.1', 'c@127.0.0.1', 'd@127.0.0.1'] as const;

let cluster: FakeCluster;
let onWaiting: () => void;
beforeEach(() => {
  cluster = new FakeCluster(A);
  for (const [index, name] of [B, C, D].entries()) cluster.add(name, index + 2);
  onWaiting = () => undefined;
  cluster.answers['cluster join'] = (command) => {
    const joining =
      [B, C, D].find((name) => cluster.calls.at(-1)?.startsWith(cluster.node(name).address)) ?? '';
    const members = [...cluster.node(A).members.keys(), joining];
    cluster.node(joining).members = new Map(members.map((name) => [name, true]));
    void cluster.clock.sleep(3000).then(() => {
      for (const name of members) cluster.node(name).members.set(joining, true);
    });
    return reply(command, 'Done');
  };
});

async function join(signal?: AbortSignal, ...seeds: string[]): Promise<JoinsReport> {
  const context = {
    fleet: cluster.fleet(A, ...seeds),
    store: new FakeStore(),
    lock: new FakeLocks().acquire,
    signal,
  };
  const addresses = [B, C, D].map((name) => cluster.node(name).address);
  const operation = joinSeveral(context, addresses, {
    discoveryNode: A,
    wait: 30_000,
    allowDeadMember: false,
  });
  for (;;) {
    const next = await operation.next();
    if (next.done) return next.value;
    if (next.value.type === 'waiting') onWaiting();
  }
}

const joins = () => cluster.calls.filter((call) => call.includes('cluster join'));

describe('several joins in one call', () => {
  it('are done one after the other, each seen by all before the next', async () => {
    const report = await join();
    expect(report).toMatchObject({ failed: null, notTried: [] });
    expect(report.joined.map(({ node, members }) => [node, members])).toEqual([
      [B, [A, B]],
      [C, [A, B, C]],
      [D, [A, B, C, D]],
    ]);
    expect(joins()).toHaveLength(3);
  });

  it('do not wait for those that are still to join, though these were asked too', async () => {
    const { joined } = await join(undefined, B, C, D);
    expect(joined.map(({ members }) => members)).toEqual([
      [A, B],
      [A, B, C],
      [A, B, C, D],
    ]);
  });

  it('end with the first failure, and tell who is in and who was not tried', async () => {
    cluster.node(C).retained = 1;
    expect(await join()).toMatchObject({
      joined: [{ node: B }],
      failed: { on: cluster.node(C).address, code: 'non_empty_node', hint: expect.stringContaining('wipe') },
      notTried: [cluster.node(D).address],
    });
    expect(joins()).toHaveLength(1);
  });

  it('fail as the first one does when none is in', async () => {
    cluster.answers['cluster join'] = () =>
      failed({ outcome: 'refused', code: 'join_refused', message: 'no' });
    await expect(join()).rejects.toMatchObject({
      code: 'join_refused',
      message: expect.stringContaining(`not tried: ${cluster.node(C).address}, ${cluster.node(D).address}`),
    });
  });

  it('stop where the cluster loses a member: the next is not sent', async () => {
    let looks = 0;
    const works = cluster.answers['cluster join'];
    cluster.answers['cluster join'] = (command, ...rest) => {
      looks += 1;
      if (looks === 2) cluster.kill(B);
      return works?.(command, ...rest) ?? reply(command, 'Done');
    };
    expect(await join()).toMatchObject({
      joined: [{ node: B }],
      failed: { code: 'not_agreed' },
      notTried: [cluster.node(D).address],
    });
  });

  it('say on Ctrl-C who is in', async () => {
    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    onWaiting = () => joins().length === 2 && stop.abort();
    await expect(join(stop.signal)).rejects.toMatchObject({
      kind: 'interrupted',
      message: expect.stringContaining(`in: ${B}; not tried: ${cluster.node(D).address}`),
    });
  });
});
