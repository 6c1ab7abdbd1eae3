import { setMaxListeners } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReapEvent, ReapedNode, ReapReport } from '../../../../src/lib/cluster/reap/events.js';
import { planOnly } from '../../../../src/lib/cluster/reap/first-look.js';
import { reapCluster } from '../../../../src/lib/cluster/reap/operation.js';
import type { ReapContext, ReapOptions } from '../../../../src/lib/cluster/reap/options.js';
import type { ReapState } from '../../../../src/lib/cluster/reap/state.js';
import { Failure } from '../../../../src/lib/failure.js';
import { FakeCluster, failed, reply } from '../../../support/fake-cluster.js';
import { FakeLocks, FakeStore, Killed } from '../../../support/operations.js';

const [A, B, C, D, E] = ['a@127.0.0.1', 'b@127.0.0.1', 'c@127.0.0.1', 'd@127.0.0.1', 'e@127.0.0.1'] as const;

let store: FakeStore;
let locks: FakeLocks;
let orphans: Map<string, number>;
beforeEach(() => {
  store = new FakeStore();
  locks = new FakeLocks();
  orphans = new Map([
    [D, 3],
    [E, 2],
  ]);
});

const crash = failed({ outcome: 'failed', code: 'broker_error', message: 'the broker failed' });

/** What a broker does: the membership ends first; with another dead member listed its check then crashes. */
function leave(cluster: FakeCluster, name: string) {
  const node = cluster.nodes.get(name);
  if (node?.state === 'up') {
    node.listeners = node.listeners.map((listener) => ({ ...listener, status: 'suspended' }));
    return 'Done! Use -k to teardown and migrate existing sessions!';
  }
  cluster.forget(name);
  if ([...cluster.node(A).members.values()].includes(false)) return undefined;
  const count = orphans.get(name) ?? 0;
  orphans.delete(name);
  for (let index = 0; index < count; index += 1)
    cluster.node(A).sessions.push({
      client_id: `${name}-${index}`,
      mountpoint: '',
      node: A,
      is_online: false,
      clean_session: false,
      offline_messages: 0,
    });
  return 'Done';
}

/** Five members, of which the last two are dead. */
function twoDead(): FakeCluster {
  const cluster = new FakeCluster(A, B, C, D, E);
  cluster.kill(D);
  cluster.kill(E);
  cluster.answers['cluster leave'] = (command) => {
    const text = leave(cluster, command.arguments?.[0]?.[1] ?? '');
    return text === undefined ? crash : reply(command, text);
  };
  return cluster;
}

const contextOf = (
  cluster: FakeCluster,
  more: Partial<ReapOptions> = {},
  signal?: AbortSignal,
): ReapContext => ({
  fleet: cluster.fleet(),
  store,
  lock: locks.acquireAll,
  options: {
    nodes: [],
    allowMessageLoss: true,
    allowUnprovenDeath: false,
    allowUnlistedNode: false,
    wait: 120_000,
    ...more,
  },
  signal,
});

async function run(
  cluster: FakeCluster,
  more: Partial<ReapOptions> = {},
  onEvent: (event: ReapEvent) => void = () => undefined,
  signal?: AbortSignal,
): Promise<{ events: ReapEvent[]; report: ReapReport }> {
  const events: ReapEvent[] = [];
  const operation = reapCluster(contextOf(cluster, more, signal));
  for (;;) {
    const next = await operation.next();
    if (next.done) return { events, report: next.value };
    events.push(next.value);
    onEvent(next.value);
  }
}

const leaves = (cluster: FakeCluster) =>
  cluster.calls.filter((call) => call.includes('cluster leave')).map((call) => call.split('node=')[1]);

describe('dead nodes', () => {
  it('lose all their memberships before the first is repaired', async () => {
    const cluster = twoDead();
    const { report } = await run(cluster);
    expect(leaves(cluster)).toEqual([D, E, D, E]);
    expect(report).toMatchObject({ survivors: [A, B, C], resumed: false, trouble: null });
    expect(report.nodes.map(({ node, removed, repaired, back }) => [node, removed, repaired, back])).toEqual([
      [D, true, true, false],
      [E, true, true, false],
    ]);
  });

  it('have their queues counted as those that were not there before', async () => {
    const { report } = await run(twoDead());
    const clients = report.nodes.map(({ recreated }) => recreated?.map(({ clientId }) => clientId));
    // The removal of the second has repaired it already.
    expect(clients).toEqual([
      [`${D}-0`, `${D}-1`, `${D}-2`],
      [`${E}-0`, `${E}-1`],
    ]);
    expect(report.recreated).toHaveLength(5);
  });

  it('are removed also where nobody can list the sessions: how much is lost is not known then', async () => {
    const cluster = twoDead();
    cluster.answers['session show'] = () => {
      throw new Failure('unreachable', 'no_answer', 'the list did not come');
    };
    const { report } = await run(cluster);
    expect(report).toMatchObject({ recreated: null, trouble: null });
    expect(report.nodes.map(({ repaired }) => repaired)).toEqual([true, true]);
  });

  it('are told, and nothing is changed, by a dry run', async () => {
    const cluster = twoDead();
    const plan = await planOnly(contextOf(cluster, { allowMessageLoss: false }));
    expect(plan.targets.map(({ name, missedBy }) => [name, missedBy])).toEqual([
      [D, [A, B, C]],
      [E, [A, B, C]],
    ]);
    expect({ leaves: leaves(cluster), records: store.texts.size }).toEqual({
      leaves: [],
      records: 0,
    });
  });

  it('are not said to have no earlier run while a journal cannot be read', async () => {
    store.failures = [new Failure('configuration', 'journal_unreadable', 'x.json is damaged')];
    const { events } = await run(new FakeCluster(A, B, C));
    expect(events).toContainEqual({
      type: 'warning',
      message: expect.stringContaining('x.json is damaged; what it says'),
    });
  });

  it('of which there are none are no failure', async () => {
    const { report } = await run(new FakeCluster(A, B, C));
    expect(report).toMatchObject({ nodes: [], trouble: null });
    expect(store.texts.size).toBe(0);
  });

  it('that have been removed can be named again: the repair is repeated, and nothing else', async () => {
    const cluster = twoDead();
    await run(cluster);
    cluster.calls.length = 0;
    const { report } = await run(cluster, { nodes: [D], allowMessageLoss: false });
    expect(leaves(cluster)).toEqual([D]);
    expect(report.nodes).toMatchObject([{ node: D, removed: true, repaired: true, recreated: [] }]);
  });

  it('that somebody else has removed are repaired on request', async () => {
    const cluster = twoDead();
    for (const name of [D, E]) cluster.forget(name);
    await expect(run(cluster, { nodes: [D] })).rejects.toMatchObject({
      kind: 'safety',
      code: 'unknown_node',
    });
    const { report } = await run(cluster, { nodes: [D], allowUnlistedNode: true });
    expect(report.nodes).toMatchObject([{ node: D, repaired: true, recreated: { length: 3 } }]);
  });
});

describe('it is refused with exit code 4, and nothing is sent,', () => {
  const refusals: readonly (readonly [
    string,
    string,
    (cluster: FakeCluster) => void,
    Partial<ReapOptions>,
  ])[] = [
    ['without consent', 'messages_would_be_lost', () => undefined, { allowMessageLoss: false }],
    [
      'while one member sees it alive',
      'node_alive',
      (cluster) => void cluster.node(C).members.set(D, true),
      { nodes: [D, E] },
    ],
    ['of a member that runs', 'node_alive', () => undefined, { nodes: [B] }],
    [
      'of a node that answers here, whatever the members say',
      'node_alive',
      (cluster) => {
        cluster.node(D).state = 'up';
      },
      { nodes: [D, E], allowUnprovenDeath: true },
    ],
    [
      'of one of two that are dead: the other would keep it from being repaired',
      'other_members_dead',
      () => undefined,
      { nodes: [D] },
    ],
    ['of a name that nobody knows', 'unknown_node', () => undefined, { nodes: ['dd@127.0.0.1'] }],
    [
      'while the view of a member is not known',
      'view_unknown',
      (cluster) => {
        cluster.node(C).state = 'dead';
      },
      {},
    ],
  ];

  it.each(refusals)('%s', async (_name, code, prepare, more) => {
    const cluster = twoDead();
    prepare(cluster);
    await expect(run(cluster, more)).rejects.toMatchObject({
      kind: 'safety',
      code,
      hint: expect.stringContaining('Nothing was changed'),
    });
    expect(leaves(cluster)).toEqual([]);
    expect({ records: store.texts.size, locks: locks.held.size }).toEqual({ records: 0, locks: 0 });
  });

  it('while another process of this machine works on one of them', async () => {
    const cluster = twoDead();
    locks.held.add(E);
    await expect(run(cluster)).rejects.toMatchObject({ code: 'locked' });
    expect({ leaves: leaves(cluster), locks: [...locks.held] }).toEqual({ leaves: [], locks: [E] });
  });
});

/** How often an undisturbed run writes its journal. */
const WRITES = 11;

describe('a run that is killed', () => {
  it('can be so at each of its steps', async () => {
    let writes = 0;
    store.onWrite = () => {
      writes += 1;
    };
    await run(twoDead());
    expect(writes).toBe(WRITES);
  });

  /** At each write of the journal in turn: what was written is on disk, what it announces is not done. */
  it.each(Array.from({ length: WRITES }, (_, index) => index + 1))(
    'after writing %i times ends, run again, in the same state as one that is not',
    async (writes) => {
      const cluster = twoDead();
      let left = writes;
      store.onWrite = () => {
        left -= 1;
        if (left === 0) throw new Killed();
      };
      await run(cluster).catch((thrown) => {
        if (!(thrown instanceof Killed)) throw thrown;
      });
      locks.held.clear();
      store.onWrite = () => undefined;
      const { report } = await run(cluster, { nodes: [D, E] });
      expect(report.nodes.map(({ removed, repaired }) => [removed, repaired])).toEqual([
        [true, true],
        [true, true],
      ]);
      expect([...cluster.node(A).members.keys()]).toEqual([A, B, C]);
      expect(orphans.size).toBe(0);
      // Once all is done and only the end of it is not written, a new run has nothing to find.
      if (writes < WRITES - 1) expect(report.recreated).toHaveLength(5);
    },
  );

  it('between removal and repair is picked up without naming anything', async () => {
    const cluster = twoDead();
    store.onWrite = ({ phase }) => {
      if (phase.startsWith('repairing')) throw new Killed();
    };
    await expect(run(cluster)).rejects.toThrow(Killed);
    locks.held.clear();
    store.onWrite = () => undefined;
    cluster.calls.length = 0;
    const { report, events } = await run(cluster, { allowMessageLoss: false });
    expect(events).toContainEqual(expect.objectContaining({ type: 'resumed' }));
    expect(leaves(cluster)).toEqual([D, E]);
    expect(report).toMatchObject({ resumed: true, nodes: [{ repaired: true }, { repaired: true }] });
    expect(store.texts.size).toBe(1);
  });

  it.each(Array.from({ length: WRITES - 1 }, (_, index) => index + 2))(
    'because its disk is full at write %i says what is done, sends nothing that is not on disk, and can be repeated',
    async (full) => {
      const cluster = twoDead();
      let writes = 0;
      const disk = new Map<string, string>();
      store.onWrite = (record) => {
        writes += 1;
        if (writes >= full) {
          for (const [id, text] of disk) store.texts.set(id, text);
          throw new Failure('configuration', 'unwritable_file', 'cannot write x: ENOSPC');
        }
        disk.set(record.id, JSON.stringify(record));
      };
      const outcome = await run(cluster).catch((thrown) => thrown);
      const gone = [D, E].filter((name) => !cluster.node(A).members.has(name));
      if (outcome instanceof Failure)
        expect({ code: outcome.code, gone }).toEqual({ code: 'unwritable_file', gone: [] });
      else {
        const { trouble, nodes } = outcome.report;
        expect(trouble).toMatchObject({ code: 'unwritable_file' });
        const removed = nodes.filter((node: ReapedNode) => node.removed);
        expect(removed.map(({ node }: ReapedNode) => node)).toEqual(gone);
      }
      store.onWrite = () => undefined;
      const { report } = await run(cluster, { nodes: [D, E] });
      expect(report.nodes.map(({ repaired }) => repaired)).toEqual([true, true]);
    },
  );

  it('by Ctrl-C says how to go on', async () => {
    const cluster = twoDead();
    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    const stopped = run(cluster, {}, ({ type }) => type === 'removed' && stop.abort(), stop.signal);
    await expect(stopped).rejects.toMatchObject({
      kind: 'interrupted',
      hint: expect.stringContaining('Run the same command again'),
    });
    expect((await store.list())[0]).toMatchObject({ outcome: 'running', kind: 'reap', subjects: [D, E] });
    expect(locks.held.size).toBe(0);
    expect((await run(cluster)).report.nodes.every(({ repaired }) => repaired)).toBe(true);
  });
});

describe('a node that comes back', () => {
  const revive = (cluster: FakeCluster, name: string) => {
    cluster.node(name).state = 'up';
    for (const { members } of cluster.nodes.values()) if (members.has(name)) members.set(name, true);
  };

  it('before its removal is left alone, and told', async () => {
    const cluster = twoDead();
    const { report, events } = await run(cluster, {}, (event) => {
      if (event.type === 'removed' && event.node === D) revive(cluster, E);
    });
    expect(events).toContainEqual({ type: 'back', node: E, removed: false });
    expect(leaves(cluster)).toEqual([D, D]);
    expect(report.nodes).toMatchObject([
      { node: D, removed: true, repaired: true },
      { node: E, removed: false, repaired: false, back: true },
    ]);
  });

  it('after its removal is not sent anything, because that would suspend its listeners', async () => {
    const cluster = twoDead();
    const { report } = await run(cluster, {}, (event) => {
      if (event.type === 'removed' && event.node === E) cluster.node(D).state = 'up';
    });
    expect(leaves(cluster)).toEqual([D, E, E]);
    expect(cluster.node(D).listeners.every(({ status }) => status === 'running')).toBe(true);
    expect(report.nodes).toMatchObject([
      { node: D, removed: true, repaired: false, back: true },
      { node: E, repaired: true },
    ]);
    expect((await store.list())[0]).toMatchObject({ outcome: 'failed', summary: expect.stringContaining(D) });
  });

  it('just when its removal arrives is told to have its listeners suspended by it', async () => {
    const cluster = twoDead();
    const answer = cluster.answers['cluster leave'];
    cluster.answers['cluster leave'] = (command, ...rest) => {
      if (command.arguments?.[0]?.[1] === D && cluster.node(D).state === 'dead') revive(cluster, D);
      return answer?.(command, ...rest) ?? crash;
    };
    const { report, events } = await run(cluster);
    expect(report.nodes).toMatchObject([
      { node: D, removed: false, back: true },
      { node: E, removed: true },
    ]);
    expect(events).toContainEqual({
      type: 'warning',
      message: expect.stringContaining(`has suspended the MQTT listeners of ${D}`),
    });
  });

  it('and is stopped again is repaired by the same command', async () => {
    const cluster = twoDead();
    await run(cluster, {}, (event) => {
      if (event.type === 'removed' && event.node === E) cluster.node(D).state = 'up';
    });
    cluster.node(D).state = 'dead';
    const { report } = await run(cluster);
    expect(report).toMatchObject({ resumed: true, nodes: [{ repaired: true }, { repaired: true }] });
    expect(orphans.size).toBe(0);
  });
});

it('two earlier runs that were not finished are both picked up, in one record', async () => {
  const cluster = twoDead();
  const stopAt = (phase: string) => {
    store.onWrite = (record) => {
      if (record.phase === phase) throw new Killed();
    };
  };
  stopAt(`repairing ${D}`);
  await run(cluster).catch(() => undefined);
  const [first] = await store.list();
  // As it is once another run, which did not know of the first one, has been cut short too.
  const other = (name: string) => first?.subjects.includes(name) && { ...first, id: `${first.id}-${name}` };
  const halves = [D, E].map((name) => {
    const half = other(name);
    if (!half) throw new Error('no record');
    const state = half.state as ReapState;
    return {
      ...half,
      subjects: [name],
      state: { ...state, nodes: state.nodes.filter((node) => node.name === name) },
    };
  });
  store.onWrite = () => undefined;
  await store.remove(first?.id ?? '');
  for (const half of halves) await store.write(half);
  locks.held.clear();
  const { report } = await run(cluster, { allowMessageLoss: false });
  expect(report.nodes.map(({ node, repaired }) => [node, repaired]).sort()).toEqual([
    [D, true],
    [E, true],
  ]);
  expect(await store.list()).toMatchObject([{ outcome: 'done' }]);
});

describe('the broker', () => {
  it('that crashes in a repair is asked again until it is done', async () => {
    const cluster = twoDead();
    let crashes = 3;
    const answer = cluster.answers['cluster leave'];
    cluster.answers['cluster leave'] = (command, ...rest) =>
      !cluster.node(A).members.has(E) && crashes-- > 0 ? crash : (answer?.(command, ...rest) ?? crash);
    const { report } = await run(cluster);
    expect(report.nodes.every(({ repaired }) => repaired)).toBe(true);
    expect(orphans.size).toBe(0);
  });

  it('that never ends its check is not waited for before the others are removed', async () => {
    const cluster = twoDead();
    const answer = cluster.answers['cluster leave'];
    let first = true;
    cluster.answers['cluster leave'] = async (command, ...rest) => {
      const said = answer?.(command, ...rest) ?? crash;
      if (first) {
        first = false;
        await cluster.clock.sleep(60_000);
      }
      return said;
    };
    const { report, events } = await run(cluster);
    expect(leaves(cluster)).toEqual([D, E, D, E]);
    expect(events).toContainEqual({ type: 'settling' });
    expect(report.nodes.every(({ repaired }) => repaired)).toBe(true);
  });

  it('that never says Done leaves a report of what is not certain', async () => {
    const cluster = twoDead();
    const answer = cluster.answers['cluster leave'];
    cluster.answers['cluster leave'] = (command, ...rest) => {
      const isRepair = !cluster.node(A).members.has(E);
      return isRepair ? crash : (answer?.(command, ...rest) ?? crash);
    };
    const { report } = await run(cluster, { wait: 30_000 });
    expect(report).toMatchObject({
      trouble: { code: 'repair_unverified' },
      nodes: [
        { node: D, removed: true, repaired: false },
        { node: E, removed: true, repaired: false },
      ],
    });
  });

  it('that refuses the first removal has changed nothing, and its reason is the failure', async () => {
    const cluster = twoDead();
    cluster.answers['cluster leave'] = () =>
      failed({ outcome: 'refused', code: 'unauthorized', message: 'no key' });
    await expect(run(cluster)).rejects.toMatchObject({ kind: 'credentials' });
    expect((await store.list())[0]).toMatchObject({ outcome: 'failed' });
  });

  it('whose views go on listing a node is not believed', async () => {
    const cluster = twoDead();
    cluster.answers['cluster leave'] = (command) => reply(command, 'Done');
    const { report } = await run(cluster, { wait: 30_000 });
    expect(report).toMatchObject({
      trouble: { code: 'still_listed' },
      nodes: [{ node: D, removed: false }, { removed: false }],
    });
  });
});

describe('a survivor that dies', () => {
  it('in the middle of the repairs ends it with what is open, and the next run takes it out too', async () => {
    const cluster = twoDead();
    const { report } = await run(cluster, {}, (event) => {
      if (event.type === 'repaired' && event.node === D) cluster.kill(C);
    });
    expect(report).toMatchObject({
      trouble: { code: 'survivor_died', message: expect.stringContaining(C) },
      nodes: [
        { node: D, repaired: true },
        { node: E, removed: true, repaired: false },
      ],
    });
    await expect(run(cluster, { nodes: [E] })).rejects.toMatchObject({ code: 'other_members_dead' });
    const again = await run(cluster);
    expect(again.report.nodes.map(({ node, repaired }) => [node, repaired])).toEqual([
      [D, true],
      [C, true],
      [E, true],
    ]);
  });

  it('while it is the one that was asked does no harm: another is asked', async () => {
    const cluster = twoDead();
    const answer = cluster.answers['cluster leave'];
    let died = false;
    cluster.answers['cluster leave'] = async (command, ...rest) => {
      if (!died) {
        died = true;
        cluster.kill(A);
        return failed({ outcome: 'unknown', code: 'leave_in_progress', message: 'the connection ended' });
      }
      return answer?.(command, ...rest) ?? crash;
    };
    const { report } = await run(cluster);
    expect(report.trouble).toMatchObject({ code: 'survivor_died' });
    expect(report.nodes.map(({ removed }) => removed)).toEqual([true, true]);
    expect(cluster.calls.filter((call) => call.includes('cluster leave'))[1]).toContain(
      cluster.node(B).address,
    );
  });

  it('and refuses connections is not asked any more, where that counts as refused too', async () => {
    const cluster = twoDead();
    const answer = cluster.answers['cluster leave'];
    let refusals = 1;
    cluster.answers['cluster leave'] = (command, ...rest) =>
      refusals-- > 0
        ? failed({ outcome: 'refused', code: 'port_closed', message: 'it refuses the connection' })
        : (answer?.(command, ...rest) ?? crash);
    const { report } = await run(cluster);
    expect(report.nodes.map(({ repaired }) => repaired)).toEqual([true, true]);
  });
});

describe('a dead node whose host swallows what is sent to it', () => {
  it('does not slow down every look at the others', async () => {
    const cluster = twoDead();
    const fleet = cluster.fleet();
    const asked: string[] = [];
    const counting = {
      ...fleet,
      rpc: (address: string) => {
        asked.push(address);
        return fleet.rpc(address);
      },
    };
    const operation = reapCluster({ ...contextOf(cluster), fleet: counting });
    for (let next = await operation.next(); !next.done; next = await operation.next());
    const { address } = cluster.node(D);
    // Once in the first look; then, as on loopback each address may be of either, twice in the proof, the removals and the repairs.
    expect(asked.filter((one) => one === address).length).toBe(7);
  });
});

describe('two operators', () => {
  it('on two machines end in one state, and both say so', async () => {
    const cluster = twoDead();
    const other = new FakeStore();
    const theirs = async () => {
      const operation = reapCluster({
        ...contextOf(cluster),
        store: other,
        lock: new FakeLocks().acquireAll,
      });
      for (;;) {
        const next = await operation.next();
        if (next.done) return next.value;
      }
    };
    const [mine, { nodes }] = await Promise.all([run(cluster), theirs()]);
    for (const node of [...mine.report.nodes, ...nodes])
      expect(node).toMatchObject({ removed: true, repaired: true });
    expect(orphans.size).toBe(0);
  });

  it('on one machine: the second finds it done', async () => {
    const cluster = twoDead();
    let second: Promise<ReapReport> | undefined;
    const waiting = async (keys: readonly string[]) => {
      while (keys.some((key) => locks.held.has(key))) await cluster.clock.sleep(100);
      return locks.acquireAll(keys);
    };
    const drain = async () => {
      const operation = reapCluster({ ...contextOf(cluster), lock: waiting });
      for (;;) {
        const next = await operation.next();
        if (next.done) return next.value;
      }
    };
    await run(cluster, {}, ({ type }) => {
      if (type === 'planned') second = drain();
    });
    expect(await second).toMatchObject({ nodes: [], trouble: null });
    expect(leaves(cluster)).toEqual([D, E, D, E]);
  });
});
