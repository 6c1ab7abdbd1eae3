import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../src/lib/clock.js';
import type { StagedContext } from '../../../../src/lib/cluster/staged/context.js';
import { Failure } from '../../../../src/lib/failure.js';
import type { SandboxNode } from '../../../../src/lib/sandbox/handle.js';
import { get, sandbox, trio } from '../../sandbox/support.js';
import { begin, contextFor, follow, type Outcome, takenUp } from './world.js';

/** Ten times as fast as any other, so that the patience of minutes takes seconds. */
const SPEED = 10;
const fastClock: Clock = {
  now: () => Date.now() * SPEED,
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(resolve, milliseconds / SPEED);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

interface Trio {
  readonly coordinator: SandboxNode;
  readonly other: SandboxNode;
  readonly leaver: SandboxNode;
}

class Killed extends Error {}

interface Fault {
  strike(nodes: Trio): unknown;
  /** What an operator does about it. */
  heal?(nodes: Trio): unknown;
}

const each = async (nodes: Trio, act: (node: SandboxNode) => unknown) => {
  for (const node of Object.values(nodes) as SandboxNode[]) await act(node);
};

const FAULTS: Readonly<Record<string, Fault>> = {
  'the process is killed': {
    strike: () => {
      throw new Killed();
    },
  },
  'the leaver is killed': {
    strike: ({ leaver }) => leaver.kill(),
    heal: ({ leaver }) => (leaver.isRunning ? undefined : leaver.restart()),
  },
  'the coordinator is killed': {
    strike: ({ coordinator }) => coordinator.kill(),
    heal: ({ coordinator }) => (coordinator.isRunning ? undefined : coordinator.restart()),
  },
  'the network is cut': {
    strike: (nodes) => each(nodes, (node) => node.cut('reset')),
    heal: (nodes) => each(nodes, (node) => node.mend()),
  },
  'the brokers answer late': {
    strike: (nodes) => each(nodes, (node) => node.delay('', 700)),
    heal: (nodes) => each(nodes, (node) => node.delay('', 0)),
  },
  'the brokers refuse': {
    strike: (nodes) => each(nodes, (node) => node.refuse('', 'crash', 3)),
    heal: (nodes) => each(nodes, (node) => node.accept('')),
  },
  'a second operator sends the -k': {
    strike: ({ other, leaver }) => {
      void get(
        other,
        `/api/v1/cluster/leave?node=${leaver.name}&--kill_sessions&--timeout=5&--summary-interval=1`,
      );
    },
  },
};

const PHASES = ['suspend', 'drain', 'disconnect', 'migrate', 'depart', 'verify'] as const;

/** When the leave has come so far, the fault strikes, once. */
async function runInto(context: StagedContext, nodes: Trio, phase: string, fault: Fault): Promise<Outcome> {
  let struck = false;
  let killed = false;
  const strike = async () => {
    if (struck) return;
    struck = true;
    try {
      await fault.strike(nodes);
    } catch (thrown) {
      if (!(thrown instanceof Killed)) throw thrown;
      killed = true;
    }
  };
  if (phase === 'migrate') void nodes.leaver.at('migrating', strike, 10);
  if (phase === 'depart') void nodes.leaver.at('departing', strike);
  const record = await begin(context, nodes.leaver, { grace: 10_000, rate: 20 });
  return follow(context, record, { abort: false }, async (event) => {
    if (event.type === 'phase' && event.phase === phase && !['migrate', 'depart'].includes(phase))
      await strike();
    if (killed) throw new Killed();
  });
}

/** As an operator does: mends what is broken and runs it again, until it is done. */
async function untilDone(
  context: StagedContext,
  nodes: Trio,
  fault: Fault,
  first: Outcome,
): Promise<Outcome> {
  let outcome = first;
  for (let attempt = 0; attempt < 8 && !outcome.report; attempt += 1) {
    await fault.heal?.(nodes);
    outcome = await follow(context, await takenUp(context));
  }
  return outcome;
}

async function expectNothingLost(phase: string, name: string, fault: Fault): Promise<void> {
  const where = `${name} in ${phase}`;
  const [coordinator, other, leaver] = trio(await sandbox({ timings: { queuesPerSecond: 100 } }));
  const nodes = { coordinator, other, leaver };
  leaver.fill({ queues: 40, messages: 3 });
  await leaver.connect({ sessions: 20, clean: true, reconnect: 'never' });
  const base = await contextFor([coordinator, other]);
  const context = { ...base, fleet: { ...base.fleet, clock: fastClock }, timeout: 20_000 };

  const first = await runInto(context, nodes, phase, fault);
  const isExplained =
    first.report !== undefined ||
    first.thrown instanceof Killed ||
    (first.thrown instanceof Failure && first.thrown.hint !== undefined);
  expect(isExplained, `${where}: ${first.thrown}`).toBe(true);

  const { report, thrown } = await untilDone(context, nodes, fault, first);
  expect(thrown, where).toBeUndefined();
  expect(report, where).toMatchObject({
    outcome: 'done',
    account: {
      before: { queues: 40, messages: 120 },
      after: { queues: 40, messages: 120 },
      missing: [],
      fewer: [],
    },
  });
}

describe('no queued message is lost and no state is unexplained', () => {
  // Most of each cell is waiting: the cells of a phase run side by side.
  it.each(PHASES)('when in %s a fault strikes: each of them', { timeout: 120_000 }, async (phase) => {
    await Promise.all(Object.entries(FAULTS).map(([name, fault]) => expectNothingLost(phase, name, fault)));
  });
});
