import { describe, expect, test } from 'vitest';
import { MAX_OFFLINE_MESSAGES } from '../../../src/lib/sandbox/node/session.js';
import {
  client,
  command,
  disconnected,
  get,
  inbox,
  KILL,
  leave,
  type NodeStatus,
  offlineSession,
  pause,
  queues,
  refusal,
  sandbox,
  statuses,
  trio,
  until,
  view,
} from './support.js';

describe('the first stage', () => {
  test('refuses new clients and keeps those that are there; the membership does not change', async () => {
    const [one, two, three] = trio(await sandbox());
    const stays = await client(three, 'stays');
    await stays.subscribeAsync('t', { qos: 1 });
    expect(await leave(one, three)).toBe('Done! Use -k to teardown and migrate existing sessions!');
    expect(await refusal(client(three, 'late'))).toBe('ECONNREFUSED');
    const publisher = await client(one, 'publisher');
    await publisher.publishAsync('t', 'still here', { qos: 1 });
    await until(() => inbox(stays).includes('still here'));
    expect(await view(two)).toEqual({ [one.name]: true, [two.name]: true, [three.name]: true });
    expect((await get(three, '/health')).status).toBe(503);
  });

  test('is undone by listener restart', async () => {
    const [one, , three] = trio(await sandbox());
    await leave(one, three);
    const port = new URL(three.mqttUrl).port;
    expect(await command(three, `listener/restart?address=127.0.0.1&port=${port}`)).toBe('Done');
    await client(three, 'late');
  });
});

describe('the second stage', () => {
  test('every queued message is delivered exactly once at a survivor', async () => {
    const [one, two, three] = trio(await sandbox());
    await queues(three, one, 20, 5);
    expect(await leave(one, three, KILL)).toBe('Done');
    await until(
      async () => Object.keys(await view(one)).length === 2 && Object.keys(await view(two)).length === 2,
    );
    const survivors = [one, two];
    for (let index = 0; index < 20; index++) {
      const back = await client(survivors[index % 2] ?? one, `s${index}`);
      await until(() => inbox(back).length >= 5);
      await pause(5);
      expect(inbox(back)).toEqual(['0', '1', '2', '3', '4']);
    }
    await until(() => !three.isRunning);
    expect(await refusal(get(three, '/health'))).not.toBe('accepted');
  });

  test('what is published while queues move arrives exactly once, too', async () => {
    const [one, two, three] = trio(await sandbox({ timings: { queuesPerSecond: 300 } }));
    for (let index = 0; index < 60; index++) await offlineSession(three, `s${index}`, 'all/#');
    const publisher = await client(one, 'publisher');
    let sent = 0;
    let isLeaving = true;
    const publishing = (async () => {
      // More than an offline queue holds would be dropped, and rightly so.
      while (isLeaving && sent < MAX_OFFLINE_MESSAGES)
        await publisher.publishAsync('all/x', `${sent++}`, { qos: 1 });
    })();
    expect(await leave(two, three, KILL)).toBe('Done');
    isLeaving = false;
    await publishing;
    const expected = Array.from({ length: sent }, (_, number) => `${number}`);
    for (const index of [0, 17, 42, 59]) {
      const back = await client(one, `s${index}`);
      await until(() => inbox(back).length >= sent);
      await pause(5);
      expect(inbox(back)).toEqual(expected);
    }
  });

  test('the clients of the leaver are disconnected and find their sessions elsewhere', async () => {
    const [one, two, three] = trio(await sandbox());
    const subscriber = await client(three, 'subscriber');
    await subscriber.subscribeAsync('t', { qos: 1 });
    const closed = disconnected(subscriber);
    expect(await leave(three, three, KILL)).toBe('Done');
    await closed;
    const publisher = await client(one, 'publisher');
    await publisher.publishAsync('t', 'afterwards', { qos: 1 });
    const back = await client(two, 'subscriber');
    await until(() => inbox(back).includes('afterwards'));
  });

  test('the counters move as the queues do, and the leaver counts a queue a little longer', async () => {
    const [one, two, three] = trio(await sandbox({ timings: { queuesPerSecond: 50, teardownLag: 300 } }));
    await queues(three, one, 20, 2);
    let end: Record<string, NodeStatus> = {};
    const atTheEnd = three.at('departing', async () => {
      end = await statuses(one);
    });
    const leaving = leave(one, three, KILL);
    await until(async () => ((await statuses(one))[three.name]?.queue_out ?? 0) >= 10);
    const middle = await statuses(one);
    const moved = (middle[one.name]?.num_offline ?? 0) + (middle[two.name]?.num_offline ?? 0);
    expect(moved).toBeGreaterThanOrEqual(5);
    expect(middle[three.name]?.num_offline).toBe(20);
    expect(middle[three.name]?.listeners.map(({ type }) => type)).toEqual(['http', 'vmq']);
    expect(await leaving).toBe('Done');
    await atTheEnd;
    expect(end[three.name]).toMatchObject({ num_offline: 0, queue_out: 40 });
    expect((end[one.name]?.queue_in ?? 0) + (end[two.name]?.queue_in ?? 0)).toBe(40);
  });

  test('a client that comes back during the migration takes its queue along', async () => {
    const [one, two, three] = trio(await sandbox());
    await queues(three, one, 3, 3);
    three.pauseMigration();
    const leaving = leave(one, three, KILL);
    await until(async () => (await statuses(one))[three.name]?.listeners.length === 2);
    const back = await client(two, 's2');
    await until(() => inbox(back).length === 3);
    three.resumeMigration();
    expect(await leaving).toBe('Done');
    expect(inbox(back)).toEqual(['0', '1', '2']);
    const rows = (await command(one, 'session/show?--client_id=s2&--node')) as unknown[];
    expect(rows).toEqual([{ node: two.name }]);
  });

  test('asked again while the node stops, the broker has no process to ask', async () => {
    const [one, , three] = trio(await sandbox());
    await leave(one, three, KILL);
    expect(await leave(one, three, KILL)).toBe('Unknown error: noproc');
    await until(() => !three.isRunning);
    expect(await leave(one, three, KILL)).toBe('Done');
  });

  test('the node that left comes back alone, with its history, and cannot join again', async () => {
    const [one, , three] = trio(await sandbox());
    await queues(three, one, 2, 1);
    await leave(one, three, KILL);
    await until(() => !three.isRunning);
    await three.restart();
    expect(await view(three)).toEqual({ [three.name]: true });
    expect(await command(three, `cluster/join?discovery-node=${one.name}`)).toBe(500);
    await client(three, 'accepted');
  });
});
