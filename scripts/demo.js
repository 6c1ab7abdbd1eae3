// Sets up all that it needs and plays the main job in front of the reader, with real output.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureNode, ensurePackages, ensureSystem, run } from './setup.js';

ensureNode();
ensurePackages();
ensureSystem({ 'redis-server': 'redis-server' });
if (!process.env.VMQCTL_BUILT) run(process.execPath, ['scripts/build.js']);

const { Stage } = await import('./demo/stage.js');
const { startRedis } = await import('./demo/redis.js');
const acts = await import('./demo/acts.js');

/** Thrown away with the demo. It reaches the commands through the environment, never through an argument. */
const secret = `demo-${process.pid}-${Date.now()}`;
const password = 'env:DEMO_PASSWORD';
const folder = mkdtempSync(join(tmpdir(), 'vmqctl-demo-'));
const stage = new Stage({ VMQCTL_STATE_DIR: folder, VMQCTL_CONFIG_DIR: folder, DEMO_PASSWORD: secret });
let redis;
try {
  redis = await startRedis(folder);
  const nodes = await acts.startSandbox(stage, redis.url);
  await acts.joinTwo(stage, nodes);
  await acts.seedRecords(stage, redis.url, password);
  await acts.talkAcrossNodes(stage, nodes, secret);
  await acts.narrowRecords(stage, nodes, redis.url, secret);
  await acts.joinThird(stage, nodes);
  const device = await acts.fillOfflineQueues(stage, nodes, redis.url, { password, secret });
  await acts.leaveInStages(stage, nodes, device);
  stage.title('9. Done');
  await stage.show(['sandbox', 'down']);
  stage.say(`\ndemo passed: ${stage.checks} checks`);
} catch (error) {
  process.stderr.write(`\ndemo failed after ${stage.checks} checks: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await stage.run(['sandbox', 'down']);
  redis?.stop();
  rmSync(folder, { recursive: true, force: true });
}
