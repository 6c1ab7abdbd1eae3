import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openConnector } from '../../../../src/lib/admin/connect.js';
import { type Clock, systemClock } from '../../../../src/lib/clock.js';
import type { CommandRunner, RollContext } from '../../../../src/lib/cluster/roll/context.js';
import type { RollEvent, RollReport } from '../../../../src/lib/cluster/roll/events.js';
import { rollCluster } from '../../../../src/lib/cluster/roll/operation.js';
import type { RollOptions } from '../../../../src/lib/cluster/roll/options.js';
import type { Failure } from '../../../../src/lib/failure.js';
import type { Sandbox } from '../../../../src/lib/sandbox/cluster.js';
import type { SandboxNode } from '../../../../src/lib/sandbox/handle.js';
import { freePorts } from '../../../support/ports.js';
import { sandbox as startSandbox } from '../../sandbox/support.js';
import { memoryStore } from '../staged/world.js';

/** How many times faster the roll's time goes than that of the sandbox. */
const SPEED = 20;
const quick: Clock = {
  now: () => Date.now() * SPEED,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / SPEED, signal),
};

const OPTIONS: RollOptions = {
  grace: 60_000,
  untilSessions: 0,
  backWithin: 30_000,
  sessionsBack: 100,
  maxQueueGrowth: 0,
  allowMissingListener: false,
  pause: 0,
  timeout: undefined,
};

let sandbox: Sandbox;
let store: ReturnType<typeof memoryStore>;
let restarted: string[];
beforeEach(async () => {
  sandbox = await startSandbox({ basePort: await freePorts(30) });
  store = memoryStore();
  restarted = [];
});

const node = (number: number): SandboxNode => {
  const found = sandbox.nodes[number - 1];
  if (!found) throw new Error(`no node ${number}`);
  return found;
};
const name = (number: number) => node(number).name;

const restart: CommandRunner = async (_line, name) => {
  restarted.push(name);
  const one = sandbox.nodes.find((one) => one.name === name);
  await one?.stop();
  await one?.restart();
  return { exitCode: 0, why: undefined };
};

interface Wish extends Partial<Omit<RollContext, 'options'>> {
  readonly options?: Partial<RollOptions>;
}

/** @param tell given each event */
async function roll(wish: Wish, tell: (event: RollEvent) => void = () => {}): Promise<RollReport> {
  const connector = await openConnector({ apiKeyHeader: 'basic' });
  onTestFinished(() => connector.close());
  const events = rollCluster({
    fleet: { ...connector, seeds: [node(1).httpUrl], deadline: 1500, clock: quick },
    store,
    lock: async () => ({ release: async () => {} }),
    run: restart,
    command: 'restart {node}',
    nodes: [],
    resume: false,
    ...wish,
    options: { ...OPTIONS, ...wish.options },
  });
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
    tell(next.value);
  }
}

const stopped = (wish: Wish, tell?: (event: RollEvent) => void): Promise<Failure> =>
  roll(wish, tell).then(
    () => Promise.reject(new Error('it should have failed')),
    (thrown) => thrown,
  );

const once = (phase: string, act: () => void) => (event: RollEvent) => {
  if (event.type === 'entered' && event.phase === phase) act();
};

async function statusOf(number: number): Promise<string | undefined> {
  const answer = await fetch(`${node(number).httpUrl}/status.json`);
  const [status] = (await answer.json()) as Record<
    string,
    { listeners: { type: string; status: string }[] }
  >[];
  return status?.[name(number)]?.listeners.find(({ type }) => type === 'mqtt')?.status;
}

describe('a roll of simulated brokers', () => {
  it('undoes what it has done to a node that drains while another one dies', async () => {
    await node(2).connect({ sessions: 5, reconnect: 'never' });
    const failure = await stopped(
      { nodes: [name(2)] },
      once('drain', () => void node(3).kill()),
    );
    expect(failure).toMatchObject({
      kind: 'failed',
      code: 'cluster_in_trouble',
      message: expect.stringContaining(name(3)),
      hint: expect.stringContaining(`Nothing is suspended on ${name(2)}`),
    });
    expect(await statusOf(2)).toBe('running');
    expect(restarted).toEqual([]);
  });

  it('goes on while the node that was named is cut off from here, and another answers late', async () => {
    await node(2).connect({ sessions: 5, reconnect: 'never' });
    node(3).delay('cluster leave', 300);
    const nodes = [name(2), name(3)];
    await roll(
      { nodes, options: { sessionsBack: 0, grace: 5000 } },
      once('drain', () => node(1).cut()),
    );
    expect(restarted).toEqual(nodes);
  });

  it('does not take a node for back that one of the others does not see, and goes on when it does', async () => {
    const run: CommandRunner = async (...given) => {
      const end = await restart(...given);
      node(3).blindTo(name(2));
      return end;
    };
    const failure = await stopped({ nodes: [name(2), name(1)], run });
    expect(failure).toMatchObject({
      code: 'node_not_back',
      message: expect.stringContaining(`${name(3)} does not see ${name(2)} running`),
    });
    node(3).blindTo(name(2), false);
    await roll({ resume: true });
    expect(restarted).toEqual([name(2), name(1)]);
  });

  it('takes thousands of offline queues and clients that come back elsewhere for no growth', async () => {
    for (const number of [1, 2, 3]) {
      node(number).fill({ queues: 1000, messages: 3 });
      await node(number).connect({ sessions: 50, reconnect: 'anywhere', delay: 50 });
    }
    const { sessions, nodes } = await roll({ options: { grace: 0 } });
    expect(nodes).toHaveLength(3);
    expect(sessions).toEqual({ before: 150, after: 150 });
  });

  it('stops when clients do not come back, and goes on with fewer', async () => {
    await node(2).connect({ sessions: 5, reconnect: 'never' });
    const failure = await stopped({ nodes: [name(2)], options: { grace: 0 } });
    expect(failure).toMatchObject({
      code: 'not_recovered',
      message: expect.stringContaining('0 of 5 sessions are back'),
    });
    await roll({ resume: true, options: { sessionsBack: 0 } });
    expect(restarted).toEqual([name(2)]);
  });
});
