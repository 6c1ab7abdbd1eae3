import type { Scenario } from './replay.js';
import { STAGE_KEY, Stage } from './stage.js';
import { ADD_KEY, withStageKey } from './steps.js';

const keySpread = (round: string): Scenario => ({
  name: `apikey-spread, round ${round}: keys added on different nodes`,
  covers: new RegExp(`^apikey-spread\\.${round}\\.`),
  counters: 'all',
  stage: () => Stage.start({}),
  before: {
    [`apikey-spread.${round}.second+1s.http@1`]: async (stage) =>
      void (await stage.call(1, '/api/v1/api-key/add?key=second')),
    [`apikey-spread.${round}.after-dup-add@3.http@1`]: async (stage) => void (await stage.call(3, ADD_KEY)),
    [`apikey-spread.${round}.after-third@3.http@1`]: async (stage) =>
      void (await stage.call(3, '/api/v1/api-key/add?key=third')),
    [`apikey-spread.${round}.after-restart-3.http@1`]: async (stage) => {
      await stage.node(3).stop();
      await stage.node(3).restart();
    },
  },
});

const keyPoison: Scenario = {
  name: 'apikey-poison: asked too early, a node never learns of a key',
  covers: /^apikey-poison\./,
  counters: 'all',
  stage: () => withStageKey(true),
  before: {
    'apikey-poison.key+1s.http@1': async (stage) => void (await stage.call(1, ADD_KEY, STAGE_KEY)),
    'apikey-poison.restarted.http@3': async (stage) => {
      await stage.node(3).stop();
      await stage.node(3).restart();
    },
  },
};

export const KEYS: readonly Scenario[] = [keySpread('r1'), keySpread('r2'), keyPoison];
