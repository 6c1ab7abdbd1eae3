import { leaveSessions } from './clients.js';
import type { Scenario } from './replay.js';
import { Stage } from './stage.js';
import { addRecordedKeys, LEAVE } from './steps.js';

export const dead: Scenario = {
  name: 'killed, dead-left: a dead member, its removal, and its return',
  covers: /^(killed|dead-left|dead-left-restarted|dead-leave-cli)\./,
  counters: 'none',
  stage: async () => {
    const stage = await Stage.start({});
    await leaveSessions(stage, 1);
    for (let index = 0; index < 10; index++) {
      await stage.call(1, `/api/v1/session/disconnect?client-id=lk-${index}`);
    }
    for (let index = 1; index < 5; index++) await stage.offline(3, `kd-${index}`, `t/kd-/${index}`, 1);
    await stage.client(3, 'kd-0', 't/kd-/0');
    await stage.node(3).kill();
    return stage;
  },
  before: {
    'killed.noticed.api-key': (stage) => addRecordedKeys(stage, 'killed.noticed.api-key'),
    'dead-left-restarted.cluster-show@1': (stage) => stage.node(3).restart(),
    'dead-leave-cli.cluster-show@1': async (stage) => {
      await stage.node(3).kill();
      await stage.call(1, LEAVE);
    },
  },
};
