import { expect, test } from 'vitest';
import { SandboxCli } from './cli.js';

const RUN = ['--joined', '--offline-queues', '300', '--messages', '20', '--sessions', '50'];

test('sandbox up fills the last node with offline queues and clients', async () => {
  const cli = new SandboxCli();
  const { nodes } = await cli.up(RUN);
  const [views] = (await (await fetch(`${nodes[0]?.httpUrl}/status.json`)).json()) as Record<
    string,
    unknown
  >[];
  expect(views?.['sim3@127.0.0.1']).toMatchObject({ num_offline: 300, num_online: 50, queue_in: 6000 });
  expect(views?.['sim1@127.0.0.1']).toMatchObject({ num_offline: 0, num_online: 0 });
});

test.each([
  [['--offline-queues', '-1'], 'offline-queues'],
  [['--offline-queues', '1', '--messages', '1001'], '1000'],
  [['--sessions', '100001'], '100000'],
])('sandbox up %j is refused', async (args, said) => {
  const { exitCode, stderr } = await new SandboxCli().run('up', args);
  expect(exitCode).toBe(64);
  expect(stderr).toContain(said);
});
