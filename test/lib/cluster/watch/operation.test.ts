import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { watchCluster } from '../../../../src/lib/cluster/watch/operation.js';
import type { WatchState } from '../../../../src/lib/cluster/watch/state.js';
import { FakeCluster } from '../../../support/fake-cluster.js';

/** Looks so often, doing something before each look but the first. */
async function watch(
  cluster: FakeCluster,
  before: readonly (() => void)[],
  interval = 2000,
): Promise<WatchState[]> {
  const ended = new AbortController();
  setMaxListeners(0, ended.signal);
  const states: WatchState[] = [];
  for await (const state of watchCluster(cluster.fleet(), interval, ended.signal)) {
    states.push(state);
    const next = before[states.length - 1];
    if (next) next();
    else ended.abort();
  }
  return states;
}

const two = () => new FakeCluster('a@h', 'b@h');

describe('a watch of a cluster', () => {
  it('tells messages per second from the counters of two looks, and nothing at the first', async () => {
    const cluster = two();
    Object.assign(cluster.node('a@h'), { messagesIn: 100, messagesOut: 0 });
    const [first, second] = await watch(cluster, [
      () => Object.assign(cluster.node('a@h'), { messagesIn: 300, messagesOut: 50 }),
    ]);
    expect(first?.rates.get('a@h')).toEqual({ in: null, out: null });
    expect(second?.rates.get('a@h')).toEqual({ in: 100, out: 25 });
    expect(second?.pasts.get('a@h')).toEqual({ in: [null, 100], out: [null, 25], queued: [0, 0] });
  });

  it('does not know the rate of a node that was restarted between two looks, nor of one that does not count', async () => {
    const cluster = two();
    cluster.node('a@h').messagesIn = 5000;
    const [, second] = await watch(cluster, [() => Object.assign(cluster.node('a@h'), { messagesIn: 3 })]);
    expect(second?.rates.get('a@h')?.in).toBeNull();
    expect(second?.rates.get('b@h')?.in).toBeNull();
  });

  it('goes on while no node answers, with what it knew and a gap in the past', async () => {
    const cluster = two();
    const both = (state: 'up' | 'dead') => () => {
      for (const node of cluster.nodes.values()) node.state = state;
    };
    const [first, second, third] = await watch(cluster, [both('dead'), both('up')]);
    expect(second?.silence).toMatchObject({ kind: 'unreachable' });
    expect(second?.at).toBe(first?.at);
    expect(second?.report).toBe(first?.report);
    expect(second?.pasts.get('a@h')?.queued).toEqual([0, null]);
    expect(third?.silence).toBeUndefined();
  });

  it('fails when no node answers at the first look', async () => {
    const cluster = two();
    for (const node of cluster.nodes.values()) node.state = 'dead';
    await expect(watch(cluster, [])).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('forgets a node that nobody lists any more', async () => {
    const cluster = two();
    const [, , last] = await watch(cluster, [
      () => cluster.kill('b@h'),
      () => {
        cluster.forget('b@h');
        cluster.nodes.delete('b@h');
      },
    ]);
    expect([...(last?.pasts.keys() ?? [])]).toEqual(['a@h']);
  });

  it('counts what is queued seldom where counting takes long, and never for a node that is gone', async () => {
    const cluster = two();
    Object.assign(cluster.node('a@h'), { offline: 1 });
    let counts = 0;
    cluster.answers['session show'] = async () => {
      counts += 1;
      await cluster.clock.sleep(1000);
      const rows = [{ client_id: 'c', node: 'a@h', is_online: false, offline_messages: 7 }];
      return { outcome: 'done', code: 'done', message: '', elements: [{ type: 'table', rows }] };
    };
    const nothing = () => undefined;
    const states = await watch(cluster, [nothing, nothing, nothing, () => cluster.kill('a@h')]);
    expect(counts).toBe(1);
    expect(states.map(({ report }) => report.queued.get('a@h')?.messages)).toEqual([7, 7, 7, 7, undefined]);
  });

  it('keeps no endless past', async () => {
    const states = await watch(
      two(),
      Array<() => void>(300).fill(() => undefined),
    );
    expect(states.at(-1)?.pasts.get('a@h')?.in).toHaveLength(240);
  });
});
