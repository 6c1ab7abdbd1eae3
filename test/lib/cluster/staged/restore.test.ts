import { expect, it } from 'vitest';
import { restartListeners } from '../../../../src/lib/cluster/staged/actions.js';
import { sandbox, statuses, trio } from '../../sandbox/support.js';
import { begin, contextFor, follow, takenUp } from './world.js';

it('restarts every listener that it can, and names each that it cannot', async () => {
  const [one, , three] = trio(await sandbox());
  const { fleet } = await contextFor([one]);
  const port = Number(new URL(three.mqttUrl).port);
  const gone = [1, 2].map((none) => ({ address: '127.0.0.1', port: none }));
  const [first, second] = gone;
  if (!first || !second) throw new Error('too few');
  await fetch(`${one.httpUrl}/api/v1/cluster/leave?node=${three.name}`);
  const done = await restartListeners(fleet, three.httpUrl, [first, { address: '127.0.0.1', port }, second]);
  expect(done.answer).not.toBe('done');
  expect(done.message).toMatch(/127\.0\.0\.1:1: .*127\.0\.0\.1:2: /);
  const { [three.name]: status } = await statuses(three);
  expect(status?.listeners.filter(({ type }) => type === 'mqtt')).toMatchObject([{ status: 'running' }]);
});

it('does not claim to serve clients where the listeners were suspended before it began', async () => {
  const [one, , three] = trio(await sandbox());
  await fetch(`${one.httpUrl}/api/v1/cluster/leave?node=${three.name}`);
  const context = await contextFor([one]);
  await begin(context, three, { grace: 60_000 });
  const { report } = await follow(context, await takenUp(context), { abort: true });
  expect(report).toMatchObject({ outcome: 'aborted', listeners: [] });
});
