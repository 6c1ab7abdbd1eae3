import { describe, expect, test } from 'vitest';
import {
  client,
  command,
  FAST,
  get,
  inbox,
  KILL,
  leave,
  queues,
  refusal,
  sandbox,
  statuses,
  trio,
  until,
  view,
} from './support.js';

describe('a leave that does not go well', () => {
  test('sessions that stay online: it gives up, with the listeners gone', async () => {
    const [one, , three] = trio(await sandbox());
    await client(three, 'stubborn');
    three.keepSessionsOnline();
    const flags = '&--kill_sessions&--timeout=1&--summary-interval=1';
    expect(await leave(one, three, flags)).toBe('error, still online queues, check the logs, and retry!');
    expect((await view(one))[three.name]).toBe(true);
    expect(await refusal(client(three, 'late'))).toBe('ECONNREFUSED');
    const port = new URL(three.mqttUrl).port;
    expect(await command(three, `listener/restart?address=127.0.0.1&port=${port}`)).toBe(500);
    expect(await command(three, `listener/start?address=127.0.0.1&port=${port}`)).toBe('Done');
    await client(three, 'late');
  });

  test('the last member has nowhere to go, and has lost its listeners', async () => {
    const only = trio(await sandbox({ joined: false }))[2];
    expect(await leave(only, only, KILL)).toBe('Unknown error: no_target_available');
    expect(await refusal(client(only, 'late'))).toBe('ECONNREFUSED');
    expect((await get(only, '/health')).status).toBe(200);
  });

  test('a name that nobody knows is "Done"', async () => {
    const [one] = trio(await sandbox());
    expect(await leave(one, 'nobody@127.0.0.1', KILL)).toBe('Done');
    expect(Object.keys(await view(one))).toHaveLength(3);
  });

  test('the socket is closed without an answer after the idle timeout, and the leave goes on', async () => {
    const [one, two, three] = trio(await sandbox({ timings: { idleTimeout: 200, queuesPerSecond: 40 } }));
    await queues(three, one, 20, 1);
    await expect(leave(one, three, KILL)).rejects.toThrow();
    await until(async () => Object.keys(await view(two)).length === 2);
    const rows = (await command(one, 'session/show?--is_offline=true&--offline_messages')) as unknown[];
    expect(rows).toHaveLength(20);
  });

  test('another member is down: the broker breaks on the question whether it is ready', async () => {
    const [one, two, three] = trio(await sandbox());
    await two.kill();
    expect(await leave(one, three, KILL)).toBe(500);
    expect((await statuses(one))[three.name]?.listeners.map(({ type }) => type)).toContain('mqtt');
  });

  test('one-sided view: a living node is expelled while it serves', async () => {
    const [one, two, three] = trio(await sandbox());
    one.blindTo(three.name);
    expect(await view(one)).toMatchObject({ [three.name]: false });
    expect(await view(three)).toMatchObject({ [one.name]: true });
    expect(await leave(one, three)).toBe('Done');
    expect(Object.keys(await view(two))).toHaveLength(2);
    expect(Object.keys(await view(three))).toHaveLength(3);
    expect(three.isRunning).toBe(true);
  });
});

describe('a dead member', () => {
  test('is false everywhere, and its queues come back empty after the leave', async () => {
    const [one, two, three] = trio(await sandbox());
    await queues(three, one, 4, 3);
    await three.kill();
    expect(await view(two)).toEqual({ [one.name]: true, [two.name]: true, [three.name]: false });
    expect(await leave(one, three)).toBe('Done');
    const rows = (await command(two, 'session/show?--is_offline=true&--client_id&--offline_messages')) as {
      client_id: string;
      offline_messages: number;
    }[];
    expect(rows.map(({ client_id }) => client_id).toSorted()).toEqual(['s0', 's1', 's2', 's3']);
    expect(rows.every(({ offline_messages }) => offline_messages === 0)).toBe(true);
    const publisher = await client(two, 'another publisher');
    await publisher.publishAsync('t/1', 'new', { qos: 1 });
    const back = await client(one, 's1');
    await until(() => inbox(back).includes('new'));
  });

  test('taken out twice at once has each of its queues once', async () => {
    const [one, two, three] = trio(await sandbox({ timings: { ...FAST, deadLeave: 200 } }));
    await queues(three, one, 8, 1);
    await three.kill();
    expect(await Promise.all([leave(one, three), leave(two, three)])).toEqual(['Done', 'Done']);
    const held = Object.values(await statuses(one)).reduce((sum, { num_offline }) => sum + num_offline, 0);
    expect(held).toBe(8);
  });

  test('with two of them, the first leave removes the membership and breaks', async () => {
    const [one, two, three] = trio(await sandbox());
    await queues(three, one, 2, 1);
    await two.kill();
    await three.kill();
    expect(await leave(one, three)).toBe(500);
    expect(Object.keys(await view(one))).toEqual([one.name, two.name]);
    expect(await leave(one, two)).toBe('Done');
    expect(await leave(one, three)).toBe('Done');
    expect((await statuses(one))[one.name]?.num_offline).toBe(2);
  });

  test('an expelled node that starts again lists all, while the others do not list it', async () => {
    const [one, two, three] = trio(await sandbox());
    await three.kill();
    await leave(one, three);
    await three.restart();
    expect(Object.keys(await view(three))).toHaveLength(3);
    expect(Object.keys(await view(two))).toHaveLength(2);
    expect(Object.keys(await statuses(one))).toHaveLength(3);
  });
});
