import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../../src/lib/clock.js';
import { client, command, inbox, KILL, leave, sandbox, statuses, trio, until } from './support.js';

interface Row {
  readonly client_id: string;
  readonly node: string;
  readonly offline_messages: number;
}

const ALL = 'session/show?--client_id&--node&--offline_messages&--limit=100000';

describe('queues that are filled in', () => {
  test('are offline sessions with stored messages, which their clients receive in order', async () => {
    const [one, , three] = trio(await sandbox());
    const ids = three.fill({ queues: 3, messages: 4, prefix: 'meter-' });
    expect(ids).toEqual(['meter-0', 'meter-1', 'meter-2']);
    expect(await command(one, ALL)).toEqual(
      ids.map((client_id) => ({ client_id, node: three.name, offline_messages: 4 })),
    );
    const status = (await statuses(one))[three.name];
    expect(status).toMatchObject({ num_online: 0, num_offline: 3, queue_in: 12, msg_in: 12 });
    expect(status).toMatchObject({ num_subscriptions: 3 });
    const back = await client(one, 'meter-1');
    await until(() => inbox(back).length === 4);
    expect(inbox(back)).toEqual(['0', '1', '2', '3']);
  });

  test('go on filling by what is published to the topic of their client id', async () => {
    const [one, , three] = trio(await sandbox());
    three.fill({ queues: 1, messages: 1, prefix: 'meter-' });
    const publisher = await client(one, 'publisher');
    await publisher.publishAsync('meter-0', 'one more', { qos: 1 });
    const back = await client(one, 'meter-0');
    await until(() => inbox(back).length === 2);
    expect(inbox(back)).toEqual(['0', 'one more']);
  });

  test('hold no more than the broker lets them', async () => {
    const [, , three] = trio(await sandbox());
    three.fill({ queues: 1, messages: 1200 });
    expect((await statuses(three))[three.name]).toMatchObject({ queue_in: 1000, queue_drop: 200 });
  });

  test('do not clash between nodes, unless they are told to', async () => {
    const [one, two] = trio(await sandbox());
    one.fill({ queues: 2, messages: 0 });
    two.fill({ queues: 2, messages: 0 });
    expect(await command(one, ALL)).toHaveLength(4);
    one.fill({ queues: 1, messages: 0, prefix: 'same-' });
    expect(() => two.fill({ queues: 2, messages: 0, prefix: 'same-' })).toThrow('same-0');
  });
});

test('thousands of queues leave a node, and every message is accounted for', async () => {
  const [one, two, three] = trio(await sandbox({ timings: { queuesPerSecond: 2000 } }));
  const ids = three.fill({ queues: 2000, messages: 20 });
  expect(await leave(one, three, KILL)).toBe('Done');
  const rows = (await command(one, ALL)) as Row[];
  expect(rows.map(({ client_id }) => client_id).toSorted()).toEqual([...ids].toSorted());
  expect(rows.every(({ offline_messages }) => offline_messages === 20)).toBe(true);
  expect(new Set(rows.map(({ node }) => node))).toEqual(new Set([one.name, two.name]));
  const end = await statuses(one);
  expect((end[one.name]?.queue_in ?? 0) + (end[two.name]?.queue_in ?? 0)).toBe(40_000);
});

test('however many queues move at once, few timers run', async () => {
  let running = 0;
  let most = 0;
  const clock: Clock = {
    now: systemClock.now,
    sleep: async (milliseconds, signal) => {
      most = Math.max(most, ++running);
      await systemClock.sleep(milliseconds, signal);
      running--;
    },
  };
  const [one, , three] = trio(await sandbox({ clock, timings: { queuesPerSecond: 100_000 } }));
  three.fill({ queues: 2000, messages: 0 });
  expect(await leave(one, three, KILL)).toBe('Done');
  expect(most).toBeLessThan(100);
});
