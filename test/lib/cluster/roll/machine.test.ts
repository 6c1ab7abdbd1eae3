import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observe } from '../../../../src/lib/cluster/observe.js';
import { nextStep } from '../../../../src/lib/cluster/roll/machine.js';
import type { RollOptions } from '../../../../src/lib/cluster/roll/options.js';
import { beginRoll, type RollPhase, type RollState } from '../../../../src/lib/cluster/roll/state.js';
import { type Happened, SETTLES, type Step, TROUBLE_LASTS } from '../../../../src/lib/cluster/roll/step.js';
import { type ClusterView, mergeViews } from '../../../../src/lib/cluster/view.js';
import { FakeCluster, type FakeNode } from '../../../support/fake-cluster.js';

const A = 'a@127.0.0.1';
const B = 'b@127.0.0.1';
const C = 'c@127.0.0.1';
const START = 1_000_000;
const GRACE = 60_000;
const BACK = 120_000;

const options = (more: Partial<RollOptions> = {}): RollOptions => ({
  grace: GRACE,
  untilSessions: 0,
  backWithin: BACK,
  sessionsBack: 100,
  maxQueueGrowth: 10,
  allowMissingListener: false,
  pause: 0,
  timeout: undefined,
  ...more,
});

/** A look at three nodes that have ten sessions together; it is B's turn. */
async function look(change: (b: FakeNode, cluster: FakeCluster) => void = () => {}): Promise<ClusterView> {
  const cluster = new FakeCluster(A, B, C);
  cluster.node(A).online = 6;
  cluster.node(B).online = 4;
  change(cluster.node(B), cluster);
  return mergeViews(await observe(cluster.fleet()));
}

const suspend = (b: FakeNode) => {
  b.listeners = b.listeners.map((one) => (one.type === 'mqtt' ? { ...one, status: 'suspended' } : one));
};
const views = {
  healthy: await look(),
  suspended: await look(suspend),
  empty: await look((b, cluster) => {
    suspend(b);
    b.online = 0;
    cluster.node(A).online = 10;
  }),
  away: await look((_b, cluster) => cluster.kill(B)),
  otherDead: await look((b, cluster) => {
    suspend(b);
    cluster.kill(C);
  }),
  clientsAway: await look((b) => {
    b.online = 0;
  }),
  queuesGrow: await look((b) => {
    b.queueIn = 11;
  }),
  notListening: await look((b) => {
    b.listeners = b.listeners.filter(({ type }) => type !== 'mqtt');
  }),
  oneSided: await look((b) => b.members.set(C, false)),
} as const;

const MQTT = { type: 'mqtt', address: '127.0.0.1', port: 1882 };
const reason = { kind: 'failed', code: 'x', message: 'refused', hint: '' } as const;

/** A roll of A, B, C, with A done. */
function inPhase(phase: RollPhase, more: Partial<RollState> = {}): RollState {
  const begun = beginRoll(
    { nodes: [A, B, C], addresses: { [B]: 'http://127.0.0.1:8882' }, sessions: 10 },
    START,
  );
  const result = { node: A, took: 1, sessionsLeft: 0, restarted: true };
  return {
    ...begun,
    phase,
    results: [result],
    suspended: phase === 'gate' ? [] : [MQTT],
    stopping: phase === 'undo' ? reason : null,
    ...more,
  };
}

const run = (state: RollState, happened: Happened, after = 1000, more: Partial<RollOptions> = {}) =>
  nextStep(state, happened, { now: START + after, options: options(more) });

const EVENTS = {
  healthy: { type: 'looked', view: views.healthy },
  suspendedView: { type: 'looked', view: views.suspended },
  empty: { type: 'looked', view: views.empty },
  away: { type: 'looked', view: views.away },
  resumedHealthy: { type: 'resumed', view: views.healthy },
  resumedSuspended: { type: 'resumed', view: views.suspended },
  resumedAway: { type: 'resumed', view: views.away },
  suspended: { type: 'suspended' },
  serving: { type: 'serving' },
  failed: { type: 'failed', reason },
  ran: { type: 'ran', end: { exitCode: 0, why: undefined } },
  ranBadly: { type: 'ran', end: { exitCode: 7, why: undefined } },
  unbegun: { type: 'unbegun', reason },
  interrupted: { type: 'interrupted', why: 'operator', view: views.suspended },
} as const satisfies Record<string, Happened>;

/** Phase before → event → phase and step after. */
const TABLE: Readonly<
  Record<
    Exclude<RollPhase, 'done'>,
    Readonly<Record<keyof typeof EVENTS, readonly [RollPhase, Step['type']]>>
  >
> = {
  gate: {
    healthy: ['suspend', 'suspend'],
    suspendedView: ['gate', 'look'],
    empty: ['gate', 'look'],
    away: ['gate', 'look'],
    resumedHealthy: ['suspend', 'suspend'],
    resumedSuspended: ['gate', 'look'],
    resumedAway: ['gate', 'look'],
    suspended: ['gate', 'look'],
    serving: ['gate', 'look'],
    failed: ['gate', 'stop'],
    ran: ['gate', 'look'],
    ranBadly: ['gate', 'look'],
    unbegun: ['gate', 'look'],
    interrupted: ['gate', 'stop'],
  },
  suspend: {
    healthy: ['suspend', 'suspend'],
    suspendedView: ['suspend', 'suspend'],
    empty: ['suspend', 'suspend'],
    away: ['gate', 'look'],
    resumedHealthy: ['suspend', 'suspend'],
    resumedSuspended: ['suspend', 'suspend'],
    resumedAway: ['gate', 'look'],
    suspended: ['drain', 'look'],
    serving: ['suspend', 'look'],
    failed: ['undo', 'serve'],
    ran: ['suspend', 'look'],
    ranBadly: ['suspend', 'look'],
    unbegun: ['suspend', 'look'],
    interrupted: ['undo', 'serve'],
  },
  drain: {
    healthy: ['undo', 'serve'],
    suspendedView: ['drain', 'look'],
    empty: ['run', 'run'],
    away: ['drain', 'look'],
    resumedHealthy: ['suspend', 'suspend'],
    resumedSuspended: ['drain', 'look'],
    resumedAway: ['drain', 'look'],
    suspended: ['drain', 'look'],
    serving: ['drain', 'look'],
    failed: ['undo', 'serve'],
    ran: ['drain', 'look'],
    ranBadly: ['drain', 'look'],
    unbegun: ['drain', 'look'],
    interrupted: ['undo', 'serve'],
  },
  run: {
    healthy: ['suspend', 'suspend'],
    suspendedView: ['run', 'run'],
    empty: ['run', 'run'],
    away: ['run', 'run'],
    resumedHealthy: ['suspend', 'suspend'],
    resumedSuspended: ['run', 'run'],
    resumedAway: ['run', 'run'],
    suspended: ['run', 'look'],
    serving: ['run', 'look'],
    failed: ['run', 'stop'],
    ran: ['back', 'look'],
    ranBadly: ['run', 'stop'],
    unbegun: ['undo', 'serve'],
    interrupted: ['run', 'stop'],
  },
  back: {
    healthy: ['recover', 'look'],
    suspendedView: ['back', 'look'],
    empty: ['back', 'look'],
    away: ['back', 'look'],
    resumedHealthy: ['recover', 'look'],
    resumedSuspended: ['back', 'look'],
    resumedAway: ['back', 'look'],
    suspended: ['back', 'look'],
    serving: ['back', 'look'],
    failed: ['back', 'stop'],
    ran: ['back', 'look'],
    ranBadly: ['back', 'look'],
    unbegun: ['back', 'look'],
    interrupted: ['back', 'stop'],
  },
  serve: {
    healthy: ['serve', 'serve'],
    suspendedView: ['serve', 'serve'],
    empty: ['serve', 'serve'],
    away: ['serve', 'serve'],
    resumedHealthy: ['serve', 'serve'],
    resumedSuspended: ['serve', 'serve'],
    resumedAway: ['serve', 'serve'],
    suspended: ['serve', 'look'],
    serving: ['recover', 'look'],
    failed: ['serve', 'stop'],
    ran: ['serve', 'look'],
    ranBadly: ['serve', 'look'],
    unbegun: ['serve', 'look'],
    interrupted: ['serve', 'stop'],
  },
  recover: {
    // The turn of the node is over, and the next one's begins.
    healthy: ['gate', 'look'],
    suspendedView: ['recover', 'look'],
    empty: ['recover', 'look'],
    away: ['recover', 'look'],
    resumedHealthy: ['gate', 'look'],
    resumedSuspended: ['recover', 'look'],
    resumedAway: ['recover', 'look'],
    suspended: ['recover', 'look'],
    serving: ['recover', 'look'],
    failed: ['recover', 'stop'],
    ran: ['recover', 'look'],
    ranBadly: ['recover', 'look'],
    unbegun: ['recover', 'look'],
    interrupted: ['recover', 'stop'],
  },
  undo: {
    healthy: ['suspend', 'suspend'],
    suspendedView: ['suspend', 'suspend'],
    empty: ['suspend', 'suspend'],
    away: ['gate', 'look'],
    resumedHealthy: ['suspend', 'suspend'],
    resumedSuspended: ['suspend', 'suspend'],
    resumedAway: ['gate', 'look'],
    suspended: ['undo', 'look'],
    serving: ['gate', 'stop'],
    failed: ['undo', 'stop'],
    ran: ['undo', 'look'],
    ranBadly: ['undo', 'look'],
    unbegun: ['undo', 'look'],
    interrupted: ['undo', 'stop'],
  },
};

describe.each(Object.entries(TABLE))('in phase %s', (phase, row) => {
  it.each(Object.entries(row))('after %s it goes to %j', (event, expected) => {
    const { state, step } = run(inPhase(phase as RollPhase), EVENTS[event as keyof typeof EVENTS]);
    expect([state.phase, step.type]).toEqual(expected);
  });
});

const looked = (view: ClusterView): Happened => ({ type: 'looked', view });

describe('the gate', () => {
  it('records the listeners that accept, once, and what waits', () => {
    const { state } = run(inPhase('gate'), looked(views.healthy));
    expect(state).toMatchObject({ suspended: [MQTT], turnSince: START + 1000 });
    expect(Object.keys(state.stocks)).toEqual([A, B, C]);
    const again = run(inPhase('suspend'), { type: 'resumed', view: views.healthy });
    expect(again.state.suspended).toEqual([MQTT]);
  });

  it('waits for the pause, but not before the first node', () => {
    expect(run(inPhase('gate'), looked(views.healthy), 4999, { pause: 5000 }).step.type).toBe('look');
    expect(run(inPhase('gate'), looked(views.healthy), 5000, { pause: 5000 }).step.type).toBe('suspend');
    const first = inPhase('gate', { results: [] });
    expect(run(first, looked(views.healthy), 0, { pause: 5000 }).step.type).toBe('suspend');
  });

  it.each(['away', 'otherDead', 'oneSided', 'notListening', 'suspended'] as const)(
    'stops when the cluster stays in trouble: %s',
    (view) => {
      const first = run(inPhase('gate'), looked(views[view]));
      expect(first.step.type).toBe('look');
      const { step } = run(first.state, looked(views[view]), 1000 + TROUBLE_LASTS);
      expect(step).toMatchObject({ type: 'stop', reason: { kind: 'safety', code: 'cluster_in_trouble' } });
    },
  );

  it('undoes what an earlier run has suspended when it stops', () => {
    const state = inPhase('gate', { suspended: [MQTT] });
    expect(run(state, EVENTS.interrupted).state).toMatchObject({ phase: 'undo', suspended: [MQTT] });
  });

  it('takes no notice of other versions: they differ in an upgrade', async () => {
    const mixed = await look((b) => {
      b.version = '2.2.0';
    });
    expect(run(inPhase('gate'), looked(mixed)).step.type).toBe('suspend');
  });
});

describe('the drain', () => {
  it('ends when few enough are left, or when the time is up, and notes how many are left', () => {
    expect(run(inPhase('drain'), looked(views.suspended), GRACE - 1).step.type).toBe('look');
    const up = run(inPhase('drain'), looked(views.suspended), GRACE);
    expect(up).toMatchObject({ state: { phase: 'run', sessionsLeft: 4 }, step: { type: 'run' } });
    expect(run(inPhase('drain'), looked(views.suspended), 0, { untilSessions: 4 }).step.type).toBe('run');
    expect(run(inPhase('drain'), looked(views.suspended), 0, { grace: 0 }).step.type).toBe('run');
  });

  it.each(['otherDead', 'away'] as const)('never runs the command in trouble: %s', (view) => {
    const first = run(inPhase('drain'), looked(views[view]), GRACE);
    expect(first.step.type).toBe('look');
    const { state, step } = run(first.state, looked(views[view]), GRACE + TROUBLE_LASTS);
    expect(state).toMatchObject({ phase: 'undo', stopping: { code: 'cluster_in_trouble' } });
    expect(step.type).toBe('serve');
  });

  it('bears trouble that passes', () => {
    const first = run(inPhase('drain'), looked(views.otherDead));
    const second = run(first.state, looked(views.suspended), 2000);
    expect(second.state.troubleSince).toBeNull();
  });
});

describe('a node that is to be back', () => {
  it('is waited for as long as was said', () => {
    expect(run(inPhase('back'), looked(views.away), BACK - 1).step.type).toBe('look');
    const { state, step } = run(inPhase('back'), looked(views.away), BACK);
    expect(state.phase).toBe('back');
    expect(step).toMatchObject({ reason: { code: 'node_not_back', kind: 'failed' } });
  });

  it('that was not restarted gets its listeners back, but only once that is sure', () => {
    expect(run(inPhase('back'), looked(views.suspended), SETTLES - 1).step.type).toBe('look');
    const { state, step } = run(inPhase('back'), looked(views.suspended), SETTLES);
    expect(step.type).toBe('serve');
    expect(state).toMatchObject({ phase: 'serve', restarted: false, suspended: [MQTT] });
  });

  it('without any listener is not back', () => {
    const { step } = run(inPhase('back'), looked(views.notListening), BACK);
    expect(step).toMatchObject({ reason: { message: expect.stringContaining('has no MQTT listener') } });
  });

  it('that one member does not see, or that does not see one, is not back', () => {
    expect(run(inPhase('back'), looked(views.oneSided)).step.type).toBe('look');
  });

  it('does not hide that another has died', async () => {
    const both = await look((_b, cluster) => {
      cluster.kill(B);
      cluster.kill(C);
    });
    const first = run(inPhase('back'), looked(both));
    const { state, step } = run(first.state, looked(both), 1000 + TROUBLE_LASTS);
    expect(state.phase).toBe('back');
    expect(step).toMatchObject({ reason: { message: expect.stringContaining(`${C} is a member`) } });
  });
});

describe('the clients', () => {
  const before = { stocks: { [B]: { queueIn: 0, queued: 0 } } };

  it.each([
    ['clientsAway', '6 of 10 sessions are back'],
    ['queuesGrow', '11 messages more wait than before'],
    ['away', `${B} does not answer`],
  ] as const)('are not back while %s', (view, message) => {
    const state = inPhase('recover', before);
    expect(run(state, looked(views[view]), BACK - 1).step.type).toBe('look');
    const { step } = run(state, looked(views[view]), BACK);
    expect(step).toMatchObject({
      reason: { code: 'not_recovered', message: expect.stringContaining(message) },
    });
  });

  it('need not all be back', () => {
    const { state } = run(inPhase('recover'), looked(views.clientsAway), 0, { sessionsBack: 60 });
    expect(state.results).toHaveLength(2);
  });

  it('of the last node end the roll', () => {
    const state = inPhase('recover', { nodes: [A, B], turnSince: START - 500, sessionsLeft: 3 });
    const next = run(state, looked(views.healthy));
    expect(next.step.type).toBe('finish');
    expect(next.state.results[1]).toEqual({ node: B, took: 1500, sessionsLeft: 3, restarted: true });
  });
});

it.each([
  ['gate', 'otherDead', `(last seen: ${C} is a member and nobody reaches it`],
  ['drain', 'suspended', '(last seen: sessions left 4)'],
  ['back', 'away', `(last seen: ${B} does not answer)`],
  ['recover', 'clientsAway', '(last seen: 6 of 10 sessions are back)'],
] as const)('says what it waited for when its time is up: %s', (phase, view, message) => {
  const { state, step } = run(inPhase(phase), { type: 'interrupted', why: 'timeout', view: views[view] });
  const reason = step.type === 'stop' ? step.reason : state.stopping;
  expect(reason?.message).toContain(`the time that --timeout gives is up ${message}`);
});

it('undoes nothing where an earlier run may have begun the command', () => {
  const { state } = run(inPhase('run'), { type: 'resumed', view: views.suspended });
  expect(run(state, EVENTS.unbegun)).toMatchObject({
    state: { phase: 'run' },
    step: { type: 'stop', reason },
  });
});

it('stops for a dead neighbour before it runs a command again', () => {
  const { step } = run(inPhase('run'), { type: 'resumed', view: views.otherDead });
  expect(step).toMatchObject({ type: 'stop', reason: { kind: 'safety' } });
});

describe('whatever happens, in whatever order', () => {
  const names = Object.keys(EVENTS) as (keyof typeof EVENTS)[];
  const others: Happened[] = [looked(views.otherDead), looked(views.notListening), looked(views.clientsAway)];
  /** What goes on as it should. */
  const usual: Readonly<Record<RollPhase, Happened>> = {
    gate: EVENTS.healthy,
    suspend: EVENTS.suspended,
    drain: EVENTS.empty,
    run: EVENTS.ran,
    back: EVENTS.healthy,
    serve: EVENTS.serving,
    recover: EVENTS.healthy,
    undo: EVENTS.serving,
    done: EVENTS.healthy,
  };
  const odd = fc.oneof(
    fc.constantFrom(...names).map((name) => EVENTS[name]),
    fc.constantFrom(...others),
  );
  const happening = fc.option(odd, { freq: 1, nil: undefined });
  const course = fc.array(fc.tuple(happening, fc.integer({ min: 0, max: 40_000 })), { maxLength: 60 });
  let finished = 0;

  it('no command is run unless the others are well, and what is suspended is known until it serves again', () => {
    fc.assert(
      fc.property(course, (events) => {
        let state = inPhase('gate', { nodes: [A, B] });
        let after = 0;
        for (const [odd, time] of events) {
          after += time;
          const before = state;
          const happened = odd ?? usual[state.phase];
          const next = run(state, happened, after);
          state = next.state;
          expect(state.results.length - before.results.length).toBeGreaterThanOrEqual(0);
          expect(state.results.length).toBeLessThanOrEqual(state.nodes.length);
          if (next.step.type === 'run') {
            expect(state.phase).toBe('run');
            expect(['drain', 'run']).toContain(before.phase);
            expect(happened).not.toBe(others[0]);
          }
          if (next.step.type === 'suspend') expect(state.suspended).toEqual([MQTT]);
          if (['drain', 'run', 'undo', 'serve'].includes(state.phase))
            expect(state.suspended).toEqual([MQTT]);
          // Between two nodes nothing is left behind.
          if (state.results.length > before.results.length) expect(state.suspended).toEqual([]);
          if (next.step.type === 'finish') {
            finished += 1;
            return;
          }
        }
      }),
      { numRuns: 1000 },
    );
    expect(finished).toBeGreaterThan(0);
  });
});
