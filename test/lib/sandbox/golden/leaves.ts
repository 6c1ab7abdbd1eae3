import { leaveSessions, stageOneSessions } from './clients.js';
import type { Scenario } from './replay.js';
import { Stage } from './stage.js';
import { addListener, LEAVE, poisonNode3, withStageKey } from './steps.js';

const stageOne: Scenario = {
  name: 'leave-stage1: listeners suspended, and started again',
  covers: /^leave-stage1\./,
  counters: 'sessions',
  stage: async () => {
    const stage = await Stage.start({});
    await stageOneSessions(stage);
    return stage;
  },
};

const leave: Scenario = {
  name: 'leave-k, left-restarted: the leave with its migration, and the node alone afterwards',
  covers: /^(leave-k|left-restarted)[./]/,
  counters: {
    'leave-k.before.cluster-show@1': 'sessions',
    'leave-k/during.t+4ms@2.api.v1.cluster.show': 'none',
  },
  stage: async () => {
    const stage = await Stage.start({});
    await leaveSessions(stage);
    return stage;
  },
  before: {
    'leave-k/during.t+20ms@3.status.json': async (stage) => {
      stage.node(3).pauseMigration();
      const answer = stage.send(1, `${LEAVE}&--kill_sessions&--timeout=10&--summary-interval=1`);
      stage.answers.set('leave-k.leave.kill', answer);
      await stage.until(async () => (await stage.listenersOf(3)).every((type) => type !== 'mqtt'));
    },
    'leave-k.leave.kill': (stage) => stage.node(3).resumeMigration(),
    // The recorded node stopped before the others had heard that it left.
    'leave-k/during.t+1983ms@3.api.v1.cluster.show': (stage) => stage.until(() => !stage.node(3).isRunning),
    'leave-k/during.t+3089ms@1.api.v1.cluster.show': (stage) => stage.until(() => stage.lists(1, 2)),
    'left-restarted.cluster-show@1': (stage) => stage.node(3).restart(),
  },
};

const lastMember: Scenario = {
  name: 'last-member: a leave with nowhere to go',
  covers: /^last-member\./,
  counters: 'all',
  stage: () => Stage.start({ joined: false }),
};

const leave600: Scenario = {
  name: 'leave-k-600: a leave that a node with a stale list of API keys watches',
  covers: /^leave-k-600[./]/,
  counters: 'none',
  stage: async () => {
    const stage = await withStageKey(true);
    await poisonNode3(stage);
    for (let index = 0; index < 10; index++) await stage.offline(3, `q-${index}`, `t/q/${index}`, 2);
    return stage;
  },
  before: {
    'leave-k-600/during.t+455ms@3.status.json': async (stage) => {
      stage.node(3).pauseMigration();
      stage.answers.set('the leave', stage.send(1, `${LEAVE}&--kill_sessions`));
      await stage.until(async () => (await stage.listenersOf(3)).every((type) => type !== 'mqtt'));
    },
    'leave-k-600/during.t+4642ms@3.status.json': async (stage) => {
      stage.node(3).resumeMigration();
      await stage.until(() => !stage.node(3).isRunning);
      // The recorded node 2 heard of it before node 1 did.
      await stage.until(() => stage.lists(2, 2));
    },
    'leave-k-600.after.cluster-show@1': (stage) => stage.until(() => stage.lists(1, 2)),
  },
};

const lateReconnect: Scenario = {
  name: 'leave-late-reconnect: clients that come back during the migration are not noticed',
  covers: /^leave-late-reconnect[./]/,
  counters: 'none',
  stage: async () => {
    const stage = await Stage.start({});
    for (let index = 0; index < 5; index++) await stage.client(3, `late-${index}`, `t/late/${index}`);
    return stage;
  },
  before: {
    'leave-late-reconnect/during.t+526ms@1.status.json': async (stage) => {
      stage.node(3).pauseMigration();
      stage.answers.set('the leave', stage.send(1, `${LEAVE}&--kill_sessions`));
      await stage.until(async () => (await stage.listenersOf(3)).every((type) => type !== 'mqtt'));
      const port = await addListener(stage, 1950);
      await stage.call(3, `/api/v1/listener/start?address=127.0.0.1&port=${port}`);
      await stage.client(3, 'late-0', undefined, { port });
    },
    'leave-late-reconnect.after.cluster-show@1': async (stage) => {
      stage.node(3).resumeMigration();
      await stage.until(() => !stage.node(3).isRunning);
      await stage.until(() => stage.lists(2, 2));
    },
  },
};

/** Sessions that a leave finds online for ever; afterwards a client sits on a listener of its own. */
const leaveNever = (state: string, listener: number): Scenario => ({
  name: `${state}: a leave that gives up`,
  covers: new RegExp(`^${state}\\.`),
  counters: 'none',
  stage: async () => {
    const stage = await Stage.start({ clock: fastClock });
    stage.node(3).keepSessionsOnline();
    await stage.client(3, 'stays', 't/stays');
    // The recorded CLI did this; over HTTP it is a row.
    if (state.endsWith('cli'))
      await stage.call(3, `${LEAVE}&--kill_sessions&--timeout=6&--summary-interval=2`);
    return stage;
  },
  before: {
    [`${state}.after.cluster-show@1`]: async (stage) => {
      const port = await addListener(stage, listener);
      await stage.call(3, `/api/v1/listener/start?address=127.0.0.1&port=${port}`);
    },
  },
});

/** Waits a hundredth of what it is asked for. */
const fastClock = {
  now: () => Date.now(),
  sleep: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds / 100)),
};

export const LEAVES: readonly Scenario[] = [
  stageOne,
  leave,
  lastMember,
  leave600,
  lateReconnect,
  leaveNever('leave-never-cli', 1951),
  leaveNever('leave-never-http', 1952),
];
