import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationRecord, OperationStore } from '../../../../src/lib/cluster/operations/store.js';
import type { CommandRunner, RollContext } from '../../../../src/lib/cluster/roll/context.js';
import type { RollEvent, RollReport } from '../../../../src/lib/cluster/roll/events.js';
import { rollCluster } from '../../../../src/lib/cluster/roll/operation.js';
import type { RollOptions } from '../../../../src/lib/cluster/roll/options.js';
import type { RollPhase, RollState } from '../../../../src/lib/cluster/roll/state.js';
import { Failure } from '../../../../src/lib/failure.js';
import { FakeCluster, failed, reply } from '../../../support/fake-cluster.js';

const A = 'a@127.0.0.1';
const B = 'b@127.0.0.1';
const C = 'c@127.0.0.1';
const SUSPENDED = 'Done! Use -k to teardown and migrate existing sessions!';

let cluster: FakeCluster;
let store: OperationStore & { readonly records: Map<string, OperationRecord>; fails: boolean };
/** Commands that were run. */
let lines: string[];
beforeEach(() => {
  cluster = brokers();
  lines = [];
  const records = new Map<string, OperationRecord>();
  store = {
    records,
    fails: false,
    read: async (id) => records.get(id),
    list: async () => [...records.values()].sort((one, other) => other.startedAt - one.startedAt),
    write: async (record) => {
      if (store.fails) throw new Failure('configuration', 'unwritable_file', 'cannot write: ENOSPC');
      // As it is on disk: what is changed afterwards does not change it.
      records.set(record.id, JSON.parse(JSON.stringify(record)));
    },
    remove: async (id) => void records.delete(id),
  };
});

const setListeners = (name: string, status: string) => {
  const node = cluster.node(name);
  node.listeners = node.listeners.map((one) => (one.type === 'mqtt' ? { ...one, status } : one));
};
const statusOf = (name: string) => cluster.node(name).listeners.find(({ type }) => type === 'mqtt')?.status;
const nameAt = (port: string | undefined) => ({ 1881: A, 1882: B, 1883: C })[Number(port)] ?? '';

/** Three brokers with four clients each, which stay where they are until they are told otherwise. */
function brokers(): FakeCluster {
  const made = new FakeCluster(A, B, C);
  for (const node of made.nodes.values()) node.online = 4;
  made.answers['cluster leave'] = (command) => {
    setListeners(command.arguments?.[0]?.[1] ?? '', 'suspended');
    return reply(command, SUSPENDED);
  };
  made.answers['listener restart'] = (command) => {
    setListeners(nameAt(command.arguments?.[1]?.[1]), 'running');
    return reply(command, 'Done');
  };
  return made;
}

function start(name: string): void {
  cluster.node(name).state = 'up';
  for (const { members } of cluster.nodes.values()) members.set(name, true);
  setListeners(name, 'running');
  cluster.node(name).queueIn = 0;
}

/** What a restart of the broker does: it is away for a while, and its clients come back to it. */
async function restart(name: string, away = 3000): Promise<void> {
  cluster.kill(name);
  await cluster.clock.sleep(away);
  start(name);
}

const restarting: CommandRunner = async (line) => {
  lines.push(line);
  await restart(line.split(' ')[1] ?? '');
  return { exitCode: 0, why: undefined };
};

const options: RollOptions = {
  grace: 10_000,
  untilSessions: 0,
  backWithin: 60_000,
  sessionsBack: 100,
  maxQueueGrowth: 0,
  allowMissingListener: false,
  pause: 0,
  timeout: undefined,
};

interface Wish extends Partial<Omit<RollContext, 'options'>>, Partial<RollOptions> {}

function context({
  grace,
  untilSessions,
  backWithin,
  pause,
  timeout,
  sessionsBack,
  allowMissingListener,
  ...more
}: Wish): RollContext {
  const given = { grace, untilSessions, backWithin, pause, timeout, sessionsBack, allowMissingListener };
  const wanted = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    fleet: cluster.fleet(A),
    store,
    lock: async () => ({ release: async () => {} }),
    run: restarting,
    command: 'restart {node} at {url}',
    nodes: [],
    resume: false,
    ...more,
    options: { ...options, ...wanted },
  };
}

/** @param until where the process dies: after this event nothing more is done */
async function roll(
  wish: Wish = {},
  until?: (event: RollEvent) => boolean,
): Promise<{ events: RollEvent[]; report: RollReport | undefined }> {
  const events: RollEvent[] = [];
  const operation = rollCluster(context(wish));
  for (;;) {
    const next = await operation.next();
    if (next.done) return { events, report: next.value };
    events.push(next.value);
    if (until?.(next.value)) return { events, report: undefined };
  }
}

const rejected = (wish: Wish = {}): Promise<Failure> =>
  roll(wish).then(
    () => Promise.reject(new Error('it should have failed')),
    (thrown: unknown) => {
      if (thrown instanceof Failure) return thrown;
      throw thrown;
    },
  );

const state = (): RollState => [...store.records.values()].at(-1)?.state as RollState;
const phases = (events: readonly RollEvent[]) =>
  events.flatMap((event) => (event.type === 'entered' ? [`${event.node[0]} ${event.phase}`] : []));
const restarts = () => cluster.calls.filter((call) => call.includes('listener restart'));
const leaves = () => cluster.calls.filter((call) => call.includes('cluster leave'));

describe('a roll', () => {
  it('takes one node after the other, and is done when all are whole again', async () => {
    const { events, report } = await roll();
    expect(phases(events)).toEqual(
      ['a', 'b', 'c'].flatMap((node) =>
        ['suspend', 'drain', 'run', 'back', 'recover'].map((phase) => `${node} ${phase}`),
      ),
    );
    expect(lines).toEqual([
      `restart ${A} at http://127.0.0.1:8881`,
      `restart ${B} at http://127.0.0.1:8882`,
      `restart ${C} at http://127.0.0.1:8883`,
    ]);
    expect(report?.nodes.map(({ node, sessionsLeft, restarted }) => [node, sessionsLeft, restarted])).toEqual(
      [
        [A, 4, true],
        [B, 4, true],
        [C, 4, true],
      ],
    );
    expect(report?.sessions).toEqual({ before: 12, after: 12 });
    // Never the node itself, and without -k.
    expect(leaves()).toEqual([
      `http://127.0.0.1:8882 cluster leave node=${A}`,
      `http://127.0.0.1:8881 cluster leave node=${B}`,
      `http://127.0.0.1:8881 cluster leave node=${C}`,
    ]);
    expect(restarts()).toEqual([]);
    expect([...store.records.values()]).toMatchObject([
      { kind: 'roll', outcome: 'done', phase: 'done', summary: '3 of 3 nodes done', subjects: [A, B, C] },
    ]);
  });

  it('takes the nodes in the order in which they are named', async () => {
    await roll({ nodes: [C, A] });
    expect(lines.map((line) => line.split(' ')[1])).toEqual([C, A]);
  });

  it('has every step on disk before it is taken', async () => {
    const seen: string[] = [];
    const note = (what: string) => seen.push(`${what} at ${state().phase} of ${state().results.length}`);
    for (const [words, answer] of Object.entries(cluster.answers)) {
      cluster.answers[words] = (...given) => {
        note(words);
        return answer(...given);
      };
    }
    const run: CommandRunner = async () => {
      note('run');
      return { exitCode: 0, why: undefined };
    };
    await roll({ nodes: [B, C], run });
    expect(seen).toEqual(
      [0, 1].flatMap((done) => [
        `cluster leave at suspend of ${done}`,
        `run at run of ${done}`,
        `listener restart at serve of ${done}`,
      ]),
    );
  });

  it('lets exactly the listeners accept again that it has suspended, where the command restarts nothing', async () => {
    const mine = { type: 'mqtts', status: 'suspended', address: '127.0.0.1', port: 8883 };
    cluster.node(B).listeners.push(mine);
    const { events, report } = await roll({ nodes: [B], run: async () => ({ exitCode: 0, why: undefined }) });
    expect(phases(events)).toContain('b serve');
    expect(restarts()).toEqual(['http://127.0.0.1:8882 listener restart address=127.0.0.1 port=1882']);
    expect(report?.nodes).toMatchObject([{ node: B, restarted: false }]);
    expect(statusOf(B)).toBe('running');
  });

  it('tells how many sessions are left, and runs the command as soon as few enough are', async () => {
    const leaving = async () => {
      for (; cluster.node(B).online > 0; cluster.node(B).online -= 1, cluster.node(A).online += 1)
        await cluster.clock.sleep(1000);
    };
    const { 'cluster leave': leave } = cluster.answers;
    cluster.answers['cluster leave'] = (...given) => {
      void leaving();
      return leave?.(...given) as never;
    };
    const { events, report } = await roll({ nodes: [B], untilSessions: 1 });
    const drained = events.flatMap((event) =>
      event.type === 'progress' && event.progress.phase === 'drain' ? [event.progress] : [],
    );
    expect(drained.map(({ sessions }) => sessions)).toContain(3);
    expect(drained.at(-1)?.estimate?.rate).toBeGreaterThan(0.5);
    expect(report?.nodes[0]?.sessionsLeft).toBe(1);
  });

  it('is not held up by a second address of a node that is away', async () => {
    const alias = 'http://localhost:8882';
    const known = cluster.fleet(A);
    const named = cluster.node(B);
    const fleet = {
      ...known,
      seeds: [...known.seeds, named.address, alias],
      rpc: (address: string) => known.rpc(address === alias ? named.address : address),
    };
    const slow: CommandRunner = async (line) => {
      lines.push(line);
      void restart(B, 30_000);
      return { exitCode: 0, why: undefined };
    };
    expect((await roll({ fleet, nodes: [B], run: slow })).report?.nodes).toHaveLength(1);
  });

  it('goes on while the versions differ, as they do in an upgrade', async () => {
    const run: CommandRunner = async (line, node, signal) => {
      cluster.node(node).version = '2.2.0';
      return restarting(line, node, signal);
    };
    expect((await roll({ run })).report?.nodes).toHaveLength(3);
    expect(lines).toHaveLength(3);
  });

  it('waits between two nodes', async () => {
    const at: number[] = [];
    const run: CommandRunner = async (line, node, signal) => {
      at.push(cluster.clock.now());
      return restarting(line, node, signal);
    };
    const { events } = await roll({ run, pause: 100_000, grace: 0 });
    expect(events).toContainEqual(
      expect.objectContaining({
        progress: { phase: 'gate', waiting: ['the pause before this node'] },
        node: B,
      }),
    );
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(100_000);
  });
});

describe('before anything is changed', () => {
  it.each([
    ['a dead member', () => cluster.kill(C), 'safety', 'cluster_in_trouble'],
    ['a view of one side only', () => cluster.node(A).members.set(B, false), 'safety', 'cluster_in_trouble'],
    ['suspended listeners', () => setListeners(C, 'suspended'), 'safety', 'cluster_in_trouble'],
  ])('it refuses for %s', async (_what, act, kind, code) => {
    act();
    expect(await rejected()).toMatchObject({ kind, code });
    expect([lines, leaves(), store.records.size]).toEqual([[], [], 0]);
  });

  it('it refuses a node that is no member, the only node, and a name that a shell would obey', async () => {
    expect(await rejected({ nodes: ['d@127.0.0.1'] })).toMatchObject({ kind: 'usage', code: 'unknown_node' });
    cluster = new FakeCluster('x@127.0.0.1;reboot', B);
    expect(await rejected({ fleet: cluster.fleet(B) })).toMatchObject({ code: 'unsafe_name' });
    cluster = new FakeCluster(A);
    expect(await rejected()).toMatchObject({ kind: 'safety', code: 'last_node' });
    expect(lines).toEqual([]);
  });

  it('it refuses a command that would be the same for several nodes, such as one with a placeholder misspelt', async () => {
    const command = 'ssh {hots} systemctl restart vernemq';
    expect(await rejected({ command })).toMatchObject({ kind: 'usage', code: 'no_placeholder' });
    expect([lines, leaves(), store.records.size]).toEqual([[], [], 0]);
    expect((await roll({ command: `restart ${B}`, nodes: [B] })).report?.nodes).toHaveLength(1);
  });

  it('it keeps others of this machine away from all members, and lets go in the end', async () => {
    const seen: unknown[] = [];
    const lock = async (nodes: readonly string[]) => {
      seen.push([...nodes]);
      return { release: async () => void seen.push('released') };
    };
    await roll({ lock, nodes: [B] });
    expect(seen).toEqual([[A, B, C], 'released']);
  });
});

describe('it stops', () => {
  const failing: CommandRunner = async (line, node, signal) =>
    node === B ? { exitCode: 7, why: undefined } : restarting(line, node, signal);

  it('when the command fails, tells how it stands, and leaves the node as the command left it', async () => {
    const failure = await rejected({ run: failing });
    expect(failure).toMatchObject({
      kind: 'partial',
      code: 'command_failed',
      message: `the command for ${B} failed with exit code 7; done: ${A}; left: ${B}, ${C}`,
      details: { node: B, phase: 'run', done: [A], left: [B, C] },
    });
    expect(failure.hint).toContain('--resume runs the command');
    expect(failure.hint).toContain(
      'To undo: vmqctl listener restart address=127.0.0.1 port=1882 --node http://127.0.0.1:8882.',
    );
    expect(statusOf(B)).toBe('suspended');
    expect([...store.records.values()]).toMatchObject([
      {
        outcome: 'failed',
        phase: 'run',
        summary: `1 of 3 nodes done; ${B}: run (the command for ${B} failed with exit code 7)`,
      },
    ]);
  });

  it('with another kind when no node is done', async () => {
    expect(await rejected({ run: failing, nodes: [B] })).toMatchObject({ kind: 'failed' });
  });

  it('when the node does not come back', async () => {
    const run: CommandRunner = async () => {
      cluster.kill(B);
      return { exitCode: 0, why: undefined };
    };
    const failure = await rejected({ run, nodes: [B, C] });
    expect(failure).toMatchObject({ kind: 'failed', code: 'node_not_back', details: { phase: 'back' } });
    expect(failure.message).toContain(
      `${B} is not back 1 min 0 s after its command has ended: ${B} does not answer`,
    );
    expect(leaves()).toHaveLength(1);
  });

  it('when the node comes back without a listener that it had, unless that is meant', async () => {
    cluster.node(B).listeners.push({ type: 'mqtts', status: 'running', address: '127.0.0.1', port: 8883 });
    const leave = cluster.answers['cluster leave'];
    cluster.answers['cluster leave'] = (...given) => {
      const node = cluster.node(B);
      node.listeners = node.listeners.map((one) =>
        one.port === 8883 ? { ...one, status: 'suspended' } : one,
      );
      return leave?.(...given) as never;
    };
    const run: CommandRunner = async (...given) => {
      const node = cluster.node(B);
      node.listeners = node.listeners.filter(({ port }) => port !== 8883);
      return restarting(...given);
    };
    const failure = await rejected({ run, nodes: [B, C] });
    expect(failure).toMatchObject({ code: 'listeners_missing', details: { phase: 'back' } });
    expect(failure.message).toContain(`${B} takes no clients at mqtts 127.0.0.1:8883, as it did before`);
    expect(failure.hint).toContain('--allow-missing-listener');
    expect(lines).toHaveLength(1);
    const { report } = await roll({ resume: true, allowMissingListener: true });
    expect(report?.nodes).toHaveLength(2);
    expect(lines).toHaveLength(2);
  });

  it('while a node is frozen after its restart, and goes on when it is not', async () => {
    const run: CommandRunner = async (...given) => {
      const end = await restarting(...given);
      cluster.node(B).state = 'frozen';
      return end;
    };
    expect(await rejected({ nodes: [B], run })).toMatchObject({ code: 'node_not_back' });
    cluster.node(B).state = 'up';
    expect((await roll({ resume: true })).report?.nodes).toHaveLength(1);
    expect(lines).toHaveLength(1);
  });

  it.each(['drain', 'back'] as const)('when another node dies meanwhile: %s', async (phase) => {
    const kill = (event: RollEvent) => {
      if (event.type === 'entered' && event.phase === phase) cluster.kill(C);
      return false;
    };
    const failure = await roll({ nodes: [A, B] }, kill).then(
      () => undefined,
      (thrown: Failure) => thrown,
    );
    expect(failure).toMatchObject({ code: 'cluster_in_trouble', message: expect.stringContaining(C) });
    // What was not touched takes clients again; what was restarted does by itself.
    expect(statusOf(A)).toBe('running');
    expect(restarts()).toHaveLength(phase === 'drain' ? 1 : 0);
    expect(lines).toHaveLength(phase === 'drain' ? 0 : 1);
  });

  it('when the node dies whose turn it is, and does not say that it takes clients', async () => {
    const kill = (event: RollEvent) => {
      if (event.type === 'node-done') cluster.kill(B);
      return false;
    };
    await expect(roll({}, kill)).rejects.toMatchObject({
      code: 'cluster_in_trouble',
      hint: expect.stringContaining(`Nothing is suspended on ${B}.`),
    });
  });

  it('when the broker refuses to suspend, with nothing changed', async () => {
    cluster.answers['cluster leave'] = () =>
      failed({ outcome: 'refused', code: 'unauthorized', message: 'the node does not accept this API key' });
    expect(await rejected()).toMatchObject({ kind: 'credentials', details: { phase: 'gate' } });
    expect([lines, restarts()]).toEqual([[], []]);
  });

  it('when the broker says Done and one listener still accepts: the others accept again', async () => {
    cluster.node(A).listeners.push({ type: 'mqtts', status: 'running', address: '127.0.0.1', port: 8883 });
    expect(await rejected()).toMatchObject({ code: 'listeners_still_open', details: { phase: 'gate' } });
    expect(restarts()).toEqual(['http://127.0.0.1:8881 listener restart address=127.0.0.1 port=1881']);
    expect(lines).toEqual([]);
  });

  it('when somebody lets the node accept clients while it drains', async () => {
    const meddle = (event: RollEvent) => {
      if (event.type === 'entered' && event.phase === 'drain') setListeners(A, 'running');
      return false;
    };
    await expect(roll({}, meddle)).rejects.toMatchObject({ code: 'listeners_serve_again' });
    expect(lines).toEqual([]);
  });

  it('when not enough clients come back', async () => {
    const run: CommandRunner = async (line, node, signal) => {
      cluster.node(A).online = 0;
      return restarting(line, node, signal);
    };
    const failure = await rejected({ run, nodes: [A, B], sessionsBack: 90 });
    expect(failure).toMatchObject({
      code: 'not_recovered',
      message: expect.stringContaining('8 of 11 sessions are back'),
    });
  });

  it('when the journal cannot be written, before the step and with what was done undone', async () => {
    const fill = (event: RollEvent) => {
      if (event.type === 'entered' && event.phase === 'drain') store.fails = true;
      return false;
    };
    await expect(roll({}, fill)).rejects.toMatchObject({ code: 'unwritable_file' });
    expect(lines).toEqual([]);
    expect(statusOf(A)).toBe('running');
  });

  it('when the time is up, as unknown, and undoes what it can', async () => {
    const failure = await rejected({ grace: 100_000, timeout: 20_000 });
    expect(failure).toMatchObject({ kind: 'unknown', code: 'timeout', details: { phase: 'gate' } });
    expect(failure.message).toContain('is up (last seen: sessions left 4); done: no node');
    expect(statusOf(A)).toBe('running');
  });

  it('and tells the lines that undo what could not be undone', async () => {
    cluster.answers['listener restart'] = () =>
      failed({ outcome: 'failed', code: 'crash', message: 'the node crashed' });
    const failure = await rejected({ grace: 100_000, timeout: 20_000 });
    expect(failure).toMatchObject({ kind: 'unknown', details: { phase: 'undo' } });
    expect(failure.hint).toContain(
      'vmqctl listener restart address=127.0.0.1 port=1881 --node http://127.0.0.1:8881',
    );
  });
});

const PHASES = ['suspend', 'drain', 'run', 'back', 'serve', 'recover'] as const;
/** Where a phase is only reached without a restart. */
const idle: CommandRunner = async (line) => {
  lines.push(line);
  return { exitCode: 0, why: undefined };
};
const runnerFor = (phase: RollPhase) => (phase === 'serve' ? idle : restarting);
const isAt = (phase: RollPhase, node: string) => (event: RollEvent) =>
  event.type === 'entered' && event.phase === phase && event.node === node;

describe.each(PHASES)('a roll that is interrupted at %s', (phase) => {
  it('it leaves nothing suspended that was not touched, and goes on by resume', async () => {
    const controller = new AbortController();
    const interrupt = (event: RollEvent) => {
      if (isAt(phase, B)(event)) controller.abort();
      return false;
    };
    const failure = await roll({ run: runnerFor(phase), signal: controller.signal }, interrupt).then(
      () => undefined,
      (thrown: Failure) => thrown,
    );
    expect(failure).toMatchObject({ kind: 'interrupted', details: { done: [A], left: [B, C] } });
    // At `run` the command has not been begun yet.
    const wasTouched = ['back', 'serve', 'recover'].includes(phase);
    const isSuspended = phase === 'serve';
    expect(failure?.details?.phase).toBe(wasTouched ? phase : 'gate');
    expect(statusOf(B)).toBe(isSuspended ? 'suspended' : 'running');
    if (isSuspended) expect(failure?.hint).toContain('vmqctl listener restart');

    const { report } = await roll({ resume: true, run: runnerFor(phase) });
    expect(report).toMatchObject({ resumed: true, nodes: [{ node: A }, { node: B }, { node: C }] });
    expect(lines.map((line) => line.split(' ')[1])).toEqual([A, B, C]);
    expect([A, B, C].map(statusOf)).toEqual(['running', 'running', 'running']);
  });
});

it('a roll whose command ends by an interruption leaves its node as it is, and runs it again by resume', async () => {
  const controller = new AbortController();
  const run: CommandRunner = async () => {
    await cluster.clock.sleep(1000);
    controller.abort();
    return { exitCode: null, why: 'SIGINT ended it' };
  };
  const seen: RollEvent[] = [];
  const first = roll({ run, nodes: [B], signal: controller.signal }, (event) => seen.push(event) === 0);
  await expect(first).rejects.toMatchObject({ kind: 'interrupted', details: { phase: 'run' } });
  expect(seen.at(-1)).toEqual({ type: 'command-awaited', node: B });
  expect(statusOf(B)).toBe('suspended');
  expect((await roll({ resume: true })).report?.nodes).toHaveLength(1);
  expect(lines).toHaveLength(1);
});

it.each([true, false])(
  'a command that cannot be begun: an earlier run has begun it before: %s',
  async (before) => {
    if (before) await roll({ nodes: [B] }, isAt('run', B));
    const run: CommandRunner = async () => {
      throw new Failure('configuration', 'unwritable_file', 'cannot write: ENOSPC');
    };
    expect(await rejected({ run, nodes: [B], resume: before })).toMatchObject({
      code: 'unwritable_file',
      details: { phase: before ? 'run' : 'gate' },
    });
    expect(statusOf(B)).toBe(before ? 'suspended' : 'running');
  },
);

it('a roll that is interrupted while its command does its work all the same does not run it again', async () => {
  const controller = new AbortController();
  const run: CommandRunner = async (line, node, signal) => {
    controller.abort();
    return restarting(line, node, signal);
  };
  const first = roll({ run, nodes: [B], signal: controller.signal });
  await expect(first).rejects.toMatchObject({ kind: 'interrupted', details: { phase: 'back' } });
  expect((await roll({ resume: true })).report?.nodes).toHaveLength(1);
  expect(lines).toHaveLength(1);
});

describe.each(PHASES)('killed at %s', (phase) => {
  it('it goes on by resume where it was, from the journal alone', async () => {
    await roll({ run: runnerFor(phase) }, isAt(phase, B));
    expect(state().phase).toBe(phase);
    const { events, report } = await roll({ resume: true, run: runnerFor(phase) });
    expect(events[0]).toMatchObject({ type: 'resumed', state: { phase, results: [{ node: A }] } });
    expect(report?.nodes.map(({ node }) => node)).toEqual([A, B, C]);
    expect(lines.map((line) => line.split(' ')[1])).toEqual([A, B, C]);
    expect([A, B, C].map(statusOf)).toEqual(['running', 'running', 'running']);
    expect([...store.records.values()]).toMatchObject([{ outcome: 'done' }]);
  });
});

describe('a roll that was cut short', () => {
  it('while its command ran is begun anew for that node when it has been restarted since', async () => {
    await roll({}, isAt('run', B));
    await restart(B);
    const { events } = await roll({ resume: true });
    expect(phases(events).slice(0, 3)).toEqual(['b suspend', 'b drain', 'b run']);
  });

  it('by a failing command is not in the journal as failed while its command runs again', async () => {
    const failing: CommandRunner = async () => ({ exitCode: 7, why: undefined });
    await rejected({ nodes: [B], run: failing });
    const outcomes: string[] = [];
    const run: CommandRunner = async (...given) => {
      outcomes.push(...[...store.records.values()].map(({ outcome }) => outcome));
      return restarting(...given);
    };
    await roll({ resume: true, run });
    expect(outcomes).toEqual(['running']);
  });

  it('while it undid what it had done is gone on with too', async () => {
    const controller = new AbortController();
    const die = (event: RollEvent) => {
      if (isAt('drain', B)(event)) controller.abort();
      return isAt('undo', B)(event);
    };
    await roll({ signal: controller.signal }, die);
    expect([state().phase, statusOf(B)]).toEqual(['undo', 'suspended']);
    const { report } = await roll({ resume: true });
    expect(report?.nodes).toHaveLength(3);
    expect(statusOf(B)).toBe('running');
  });

  it('is gone on with also where the one node that is named is the one that is away', async () => {
    const away: CommandRunner = async () => {
      cluster.kill(A);
      return { exitCode: 0, why: undefined };
    };
    expect(await rejected({ run: away })).toMatchObject({ code: 'node_not_back' });
    // Its seed is dead; what an earlier run has found is not.
    const back = cluster.clock.sleep(10_000).then(() => start(A));
    const { report } = await roll({ resume: true });
    await back;
    expect(report?.nodes).toHaveLength(3);
  });

  it('is pointed to when another is begun in its trouble, and given up when there is none', async () => {
    await roll({}, isAt('drain', B));
    const refused = await rejected();
    expect(refused).toMatchObject({ kind: 'safety', hint: expect.stringContaining('by --resume') });
    setListeners(B, 'running');
    await roll({ nodes: [C] });
    expect([...store.records.values()].map(({ outcome }) => outcome).sort()).toEqual(['aborted', 'done']);
    expect(await rejected({ resume: true })).toMatchObject({ code: 'nothing_to_resume' });
  });

  it('does not keep another from being begun by what it once knew', async () => {
    await roll({}, isAt('suspend', B));
    const [old] = store.records.values();
    if (!old) throw new Error('no record');
    const addresses = { ...state().addresses, [C]: 'http://127.0.0.1:9' };
    await store.write({ ...old, state: { ...state(), addresses } });
    expect((await roll({ nodes: [C] })).report?.nodes).toHaveLength(1);
  });

  it('is not gone on with under other nodes, nor for another cluster', async () => {
    await roll({}, isAt('drain', B));
    expect(await rejected({ resume: true, nodes: [C] })).toMatchObject({
      kind: 'usage',
      code: 'other_nodes',
    });
    cluster = new FakeCluster(A, 'x@127.0.0.1');
    expect(await rejected({ resume: true })).toMatchObject({ code: 'nothing_to_resume' });
  });
});

it('keeps the command to itself: it may hold a secret', async () => {
  const { events } = await roll({ command: 'restart {node} --password hunter2', nodes: [B] });
  expect(JSON.stringify([events, ...store.records.values()])).not.toContain('hunter2');
});
