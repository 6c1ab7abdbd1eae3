import { describe, expect, test } from 'vitest';
import type { SandboxNode } from '../../../src/lib/sandbox/handle.js';
import { client, command, KILL, leave, pause, sandbox, statuses, trio, until, view } from './support.js';

interface Row {
  readonly client_id: string;
  readonly offline_messages: number;
}

const rowsOf = async (node: SandboxNode) =>
  (await command(node, 'session/show?--client_id&--offline_messages&--limit=100000')) as Row[];

const messagesOf = async (node: SandboxNode) =>
  (await rowsOf(node)).reduce((sum, row) => sum + row.offline_messages, 0);

describe('queues that do not move well', () => {
  test('one that is held keeps the leave going round, until it is let go', async () => {
    const [one, , three] = trio(await sandbox());
    const [, held = ''] = three.fill({ queues: 5, messages: 2 });
    three.holdQueue(held);
    const leaving = leave(one, three, KILL);
    await until(async () => (await statuses(one))[three.name]?.num_offline === 1);
    await pause(150);
    expect(Object.keys(await view(one))).toHaveLength(3);
    expect(await command(one, `session/show?--client_id=${held}&--node`)).toEqual([{ node: three.name }]);
    three.holdQueue(held, false);
    expect(await leaving).toBe('Done');
    expect(await messagesOf(one)).toBe(10);
  });

  test('one that is lost is nowhere afterwards, though its messages have left', async () => {
    const [one, two, three] = trio(await sandbox());
    const [first, lost = '', last] = three.fill({ queues: 3, messages: 2 });
    three.loseQueue(lost);
    expect(await leave(one, three, KILL)).toBe('Done');
    expect((await rowsOf(one)).map(({ client_id }) => client_id).toSorted()).toEqual([first, last]);
    const end = await statuses(one);
    expect((end[one.name]?.queue_in ?? 0) + (end[two.name]?.queue_in ?? 0)).toBe(4);
    expect(end[three.name]).toMatchObject({ queue_out: 6, num_offline: 0 });
    await client(one, lost);
  });

  test('one whose messages are lost arrives empty', async () => {
    const [one, , three] = trio(await sandbox());
    const [lost = ''] = three.fill({ queues: 3, messages: 2 });
    three.loseQueue(lost, 'messages');
    expect(await leave(one, three, KILL)).toBe('Done');
    expect((await rowsOf(one)).filter(({ offline_messages }) => offline_messages === 0)).toEqual([
      { client_id: lost, offline_messages: 0 },
    ]);
  });
});

describe('a leave that dies half-way', () => {
  test.each([
    ['killed', 'Unknown error: killed'],
    [undefined, 500],
  ] as const)(
    'of %s is answered with %s; its node stays a member, and can leave again',
    async (why, said) => {
      const [one, , three] = trio(await sandbox());
      three.fill({ queues: 10, messages: 1 });
      void three.at('migrating', () => three.crashLeave(why), 4);
      expect(await leave(one, three, KILL)).toBe(said);
      expect((await view(one))[three.name]).toBe(true);
      await until(async () => (await statuses(one))[three.name]?.num_offline === 6);
      expect(await leave(one, three, KILL)).toBe('Done');
      expect(await messagesOf(one)).toBe(10);
    },
  );
});

test('two leaves of one node at once: nothing keeps the second from running, and nothing is moved twice', async () => {
  const [one, two, three] = trio(await sandbox());
  three.fill({ queues: 40, messages: 3 });
  let second: Promise<unknown> | undefined;
  await Promise.all([
    three.at(
      'migrating',
      () => {
        second = leave(two, three, KILL);
      },
      10,
    ),
    leave(one, three, KILL).then((answer) => expect(answer).toBe('Done')),
  ]);
  expect(['Done', 'Unknown error: noconnection']).toContain(await second);
  await until(() => !three.isRunning);
  expect(await rowsOf(one)).toHaveLength(40);
  expect(await messagesOf(one)).toBe(120);
});

test('a queue whose client goes offline after the migration has begun is left behind', async () => {
  const [one, , three] = trio(await sandbox());
  three.fill({ queues: 1, messages: 1 });
  three.pauseMigration();
  const leaving = leave(one, three, KILL);
  await until(async () => (await statuses(one))[three.name]?.listeners.length === 2);
  const port = new URL(three.mqttUrl).port;
  await command(three, `listener/start?address=127.0.0.1&port=${port}`);
  await (await client(three, 'late')).endAsync();
  three.resumeMigration();
  expect(await leaving).toBe('Done');
  await until(() => !three.isRunning);
  expect((await rowsOf(one)).map(({ client_id }) => client_id)).toEqual(['sim3-queue-0']);
});

test('a migration that was paused goes on at its own speed', async () => {
  const [one, , three] = trio(await sandbox({ timings: { queuesPerSecond: 100 } }));
  three.fill({ queues: 60, messages: 0 });
  three.pauseMigration();
  const leaving = leave(one, three, KILL);
  await pause(500);
  const resumed = performance.now();
  three.resumeMigration();
  expect(await leaving).toBe('Done');
  expect(performance.now() - resumed).toBeGreaterThan(400);
});
