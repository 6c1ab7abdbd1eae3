import type { Stage } from './stage.js';

/** The sessions of the recorded state `sessions`. */
export async function recordedSessions(stage: Stage): Promise<void> {
  for (const index of [0, 1]) await stage.client(3, `gs3-${index}`, `t/gs3-/${index}`);
  for (const index of [2, 3, 4, 5]) await stage.offline(3, `gs3-${index}`, `t/gs3-/${index}`);
  await stage.client(1, 'gs1-0', 't/gs1-/0');
  for (const index of [1, 2]) await stage.offline(1, `gs1-${index}`, `t/gs1-/${index}`);
  await publishTogether(stage, 3, ['t/gs3-/2', 't/gs3-/3', 't/gs3-/4', 't/gs3-/5'], 5);
  await publishTogether(stage, 1, ['t/gs1-/1', 't/gs1-/2'], 2);
  await stage.client(2, 'odd id/ü"', 'odd/#', { qos: 2 });
  await stage.client(2, 'gs-v5', 'v5/+/x', { qos: 0 });
  const retainer = await stage.client(1, 'gs-ret', undefined, { clean: true });
  await retainer.publishAsync('ret/a', 'hello', { qos: 1, retain: true });
  await retainer.publishAsync('ret/é', 'wörld "q"', { qos: 1, retain: true });
}

/** Those of `leave-stage1`. */
export async function stageOneSessions(stage: Stage): Promise<void> {
  for (const index of [0, 1, 2]) await stage.offline(1, `gs1-${index}`, `t/gs1-/${index}`);
  await stage.offline(2, 'odd id/ü"', 'odd/#');
  await stage.offline(2, 'gs-v5', 'v5/+/x');
  for (const index of [0, 1]) await stage.client(3, `s1-${index}`, `t/s1-/${index}`);
  for (const index of [2, 3]) await stage.offline(3, `s1-${index}`, `t/s1-/${index}`);
  for (const index of [0, 1, 2, 5]) await stage.offline(3, `gs3-${index}`, `t/gs3-/${index}`);
}

/**
 * Those of `leave-k`, with the messages that the recording found in each queue afterwards.
 *
 * @param node where those live that move in the recording
 */
export async function leaveSessions(stage: Stage, node = 3): Promise<void> {
  await stage.offline(1, 'gs1-0', 't/gs1-/0');
  for (const index of [1, 2]) await stage.offline(1, `gs1-${index}`, `t/gs1-/${index}`, 2);
  await stage.offline(2, 'odd id/ü"', 'odd/#');
  await stage.offline(2, 'gs-v5', 'v5/+/x');
  for (const index of [0, 1]) await stage.offline(node, `s1-${index}`, `t/s1-/${index}`);
  for (const index of [2, 3]) await stage.offline(node, `s1-${index}`, `t/s1-/${index}`, 3);
  for (const index of [0, 1]) await stage.offline(node, `gs3-${index}`, `t/gs3-/${index}`);
  for (const index of [2, 5]) await stage.offline(node, `gs3-${index}`, `t/gs3-/${index}`, 5);
  for (let index = 0; index < 10; index++) await stage.client(node, `lk-${index}`, `t/lk-/${index}`);
  const topics: string[] = [];
  for (let index = 10; index < 40; index++) {
    topics.push(`t/lk-/${index}`);
    await stage.offline(node, `lk-${index}`, `t/lk-/${index}`);
  }
  await publishTogether(stage, node, topics, 10);
}

async function publishTogether(
  stage: Stage,
  node: number,
  topics: readonly string[],
  each: number,
): Promise<void> {
  const publisher = await stage.client(node, 'publisher', undefined, { clean: true });
  for (const topic of topics) {
    for (let sent = 0; sent < each; sent++) await publisher.publishAsync(topic, 'x'.repeat(100), { qos: 1 });
  }
  await publisher.endAsync();
}
