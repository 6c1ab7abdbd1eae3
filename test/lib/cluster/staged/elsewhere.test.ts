import { describe, expect, it } from 'vitest';
import { planLeave } from '../../../../src/lib/cluster/leave/preflight.js';
import { lookAround } from '../../../../src/lib/cluster/reach.js';
import type { StagedContext } from '../../../../src/lib/cluster/staged/context.js';
import { leavesUnderWay, refuseLeaveElsewhere } from '../../../../src/lib/cluster/staged/elsewhere.js';
import { planStaged } from '../../../../src/lib/cluster/staged/plan.js';
import { Failure } from '../../../../src/lib/failure.js';
import { FakeCluster } from '../../../support/fake-cluster.js';
import { sandbox, trio } from '../../sandbox/support.js';
import { begin, contextFor, follow, OPTIONS } from './world.js';

const [A, B, C] = ['a@127.0.0.1', 'b@127.0.0.1', 'c@127.0.0.1'] as const;
const WISH = { options: OPTIONS, allowUnreachableNode: false, bcryptPool: 1, bcryptCost: 12 };

/** The same cluster, whose brokers can be asked whether they are at a leave, as over Erlang distribution. */
function telling(context: StagedContext, answer: (address: string) => Promise<boolean>): StagedContext {
  const { fleet } = context;
  const rpc = (address: string) =>
    new Proxy(fleet.rpc(address), {
      get: (target, name) => {
        if (name === 'isLeaveRunning') return () => answer(address);
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  return { ...context, fleet: { ...fleet, rpc } };
}

describe('a leave elsewhere', () => {
  const planOf = async (cluster: FakeCluster) => {
    const view = await lookAround(cluster.fleet());
    const wish = { node: C, kill: true, allowMessageLoss: false, allowUnreachableNode: false, seeds: [] };
    return planLeave(view, wish);
  };

  it('is one of a member that has lost its MQTT listeners: queues that go there would stay on its disk', async () => {
    const cluster = new FakeCluster(A, B, C);
    cluster.node(B).listeners = cluster.node(B).listeners.filter(({ type }) => type !== 'mqtt');
    const plan = await planOf(cluster);
    expect(() => refuseLeaveElsewhere(plan, [])).toThrow(
      expect.objectContaining({
        kind: 'safety',
        code: 'leave_elsewhere',
        message: expect.stringContaining(B),
        hint: expect.stringContaining('Nothing was changed.'),
      }),
    );
  });

  it('is one that a broker tells of', async () => {
    const plan = await planOf(new FakeCluster(A, B, C));
    expect(() => refuseLeaveElsewhere(plan, [])).not.toThrow();
    expect(() => refuseLeaveElsewhere(plan, [A])).toThrow(
      expect.objectContaining({ kind: 'safety', code: 'leave_running', message: expect.stringContaining(A) }),
    );
  });

  it('is not made up where a broker does not answer, and an interruption is none', async () => {
    const cluster = new FakeCluster(A, B, C);
    const view = await lookAround(cluster.fleet());
    const { fleet } = telling({ fleet: cluster.fleet() } as StagedContext, async (address) => {
      if (address === cluster.node(B).address) throw new Failure('unreachable', 'no_answer', 'no answer');
      return address === cluster.node(C).address;
    });
    expect(await leavesUnderWay(fleet, view)).toEqual([C]);
    const stopped = telling({ fleet: cluster.fleet() } as StagedContext, async () => {
      throw new Failure('interrupted', 'interrupted', 'interrupted');
    });
    await expect(leavesUnderWay(stopped.fleet, view)).rejects.toMatchObject({ kind: 'interrupted' });
  });

  it('keeps a staged leave from beginning', async () => {
    const [one, , three] = trio(await sandbox());
    const context = telling(await contextFor([one]), async (address) => address === one.httpUrl);
    await expect(planStaged(context, { ...WISH, node: three.name })).rejects.toMatchObject({
      kind: 'safety',
      code: 'leave_running',
    });
  });

  it('that begins meanwhile is waited for before the -k is sent', async () => {
    const [one, , three] = trio(await sandbox());
    three.fill({ queues: 20, messages: 2 });
    let looks = 0;
    const context = await contextFor([one]);
    const record = await begin(context, three);
    const busy = telling(context, async (address) => {
      looks += address === one.httpUrl ? 1 : 0;
      return address === one.httpUrl && looks <= 2;
    });
    const { report, events, thrown } = await follow(busy, record);
    expect(thrown).toBeUndefined();
    expect(report).toMatchObject({ outcome: 'done', account: { after: { queues: 20, messages: 40 } } });
    const waits = events.filter(
      (event) => event.type === 'progress' && event.progress.paused?.includes(`the broker of ${one.name}`),
    );
    expect(waits).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'answered')).toHaveLength(2);
  });

  it('of another member, begun at the same time elsewhere, loses no queue of either', async () => {
    const { nodes } = await sandbox({ nodes: 4, timings: { queuesPerSecond: 100 } });
    const [one, two, three, four] = nodes;
    if (!one || !two || !three || !four) throw new Error('too few nodes');
    three.fill({ queues: 60, messages: 2, prefix: 'three' });
    four.fill({ queues: 60, messages: 2, prefix: 'four' });
    const [here, there] = [await contextFor([one]), await contextFor([two])];
    const records = [await begin(here, three), await begin(there, four)] as const;
    const [first, second] = await Promise.all([follow(here, records[0]), follow(there, records[1])]);
    expect([first.thrown, second.thrown]).toEqual([undefined, undefined]);
    expect(first.report?.account).toMatchObject({ missing: [], fewer: [] });
    expect(second.report?.account).toMatchObject({ missing: [], fewer: [] });
    const held = (await (await fetch(`${one.httpUrl}/status.json`)).json()) as unknown[];
    const offline = Object.values(held[0] as Record<string, { num_offline: number }>);
    expect(offline.reduce((sum, { num_offline }) => sum + num_offline, 0)).toBe(120);
  });
});
