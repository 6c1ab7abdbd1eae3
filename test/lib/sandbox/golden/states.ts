import { recordedSessions } from './clients.js';
import type { Scenario } from './replay.js';
import { STAGE_KEY, Stage } from './stage.js';
import { ADD_KEY, addListener, DROP_STAGE_KEY, noRecords, poisonNode3, withStageKey } from './steps.js';

const fresh: Scenario = {
  name: 'fresh: nodes that are alone',
  covers: /^fresh\./,
  counters: 'all',
  stage: () => withStageKey(false, noRecords),
  before: {
    'fresh.cluster-show@1': async (stage) => {
      for (const node of [1, 3]) {
        await stage.call(node, ADD_KEY, STAGE_KEY);
        await stage.call(node, DROP_STAGE_KEY);
      }
    },
    'fresh.listener.start': async (stage) => void (await addListener(stage, 1931)),
  },
};

const healthy: Scenario = {
  name: 'join, healthy: three members, one with a stale list of API keys',
  covers: /^(join|healthy)\./,
  counters: 'all',
  stage: async () => {
    const stage = await withStageKey(true, noRecords);
    await poisonNode3(stage);
    return stage;
  },
  before: { 'healthy.listener.start': async (stage) => void (await addListener(stage, 1931)) },
};

const sessions: Scenario = {
  name: 'sessions: online and offline, with messages',
  covers: /^sessions\./,
  counters: 'all',
  stage: async () => {
    const stage = await Stage.start({});
    await recordedSessions(stage);
    return stage;
  },
  before: {
    // The recorded CLI did this.
    'sessions.session.end': async (stage) =>
      void (await stage.call(1, '/api/v1/session/disconnect?client-id=gs3-4&--cleanup')),
  },
};

const joinHttp: Scenario = {
  name: 'join-http: a cluster is formed',
  covers: /^join-http\./,
  counters: 'all',
  stage: () => Stage.start({ joined: false, apiMode: 'noauth', timings: { gossip: 700, joinerSees: 700 } }),
  before: {
    'join-http.join.good3': (stage) => stage.until(() => stage.lists(1, 2)),
    'join-http.formed@1': (stage) =>
      stage.until(async () => (await stage.lists(1, 3)) && (await stage.lists(3, 3))),
  },
};

export const STATES: readonly Scenario[] = [fresh, healthy, sessions, joinHttp];
