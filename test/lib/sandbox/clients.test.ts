import { describe, expect, test } from 'vitest';
import type { SandboxNode } from '../../../src/lib/sandbox/handle.js';
import {
  client,
  command,
  disconnected,
  KILL,
  leave,
  pause,
  sandbox,
  statuses,
  trio,
  until,
} from './support.js';

/** They come back at once, or as good as. */
const SOON = { reconnect: 'anywhere', delay: 10 } as const;
const NEVER = { reconnect: 'never' } as const;

const online = async (of: SandboxNode, seenFrom = of) => (await statuses(seenFrom))[of.name]?.num_online;

describe('simulated clients', () => {
  test('are sessions that are online, on a listener that counts them', async () => {
    const [one, , three] = trio(await sandbox());
    const clients = await three.connect({ sessions: 3, prefix: 'c', ...NEVER });
    expect(clients.clientIds).toEqual(['c0', 'c1', 'c2']);
    expect([clients.online, clients.nodeOf('c1')]).toEqual([3, three.name]);
    const rows = await command(one, 'session/show?--client_id&--is_online&--clean_session&--node');
    expect(rows).toEqual(
      clients.clientIds.map((client_id) => ({
        clean_session: false,
        client_id,
        is_online: true,
        node: three.name,
      })),
    );
    expect(await online(three)).toBe(3);
    const listeners = (await command(three, 'listener/show')) as { type: string; active_conns: number }[];
    expect(listeners.find(({ type }) => type === 'mqtt')?.active_conns).toBe(3);
  });

  test('get what is published to them, and what has waited for them', async () => {
    const [one, , three] = trio(await sandbox());
    const [id = ''] = three.fill({ queues: 1, messages: 2, prefix: 'c' });
    const clients = await three.connect({ sessions: 1, prefix: 'c', ...NEVER });
    const publisher = await client(one, 'publisher');
    await publisher.publishAsync(id, 'live', { qos: 1 });
    await until(() => clients.received(id).length === 3);
    expect(clients.received(id)).toEqual(['0', '1', 'live']);
    expect((await statuses(three))[three.name]).toMatchObject({ queue_in: 3, queue_out: 3, num_offline: 0 });
  });

  test('leave offline sessions behind, or none where they are clean', async () => {
    const [, , three] = trio(await sandbox());
    const lasting = await three.connect({ sessions: 2, prefix: 'lasting-', ...NEVER });
    const clean = await three.connect({ sessions: 2, prefix: 'clean-', clean: true, ...NEVER });
    await Promise.all([lasting.end(), clean.end()]);
    const rows = await command(three, 'session/show?--client_id');
    expect(rows).toEqual([{ client_id: 'lasting-0' }, { client_id: 'lasting-1' }]);
    expect((await statuses(three))[three.name]).toMatchObject({ num_online: 0, num_offline: 2 });
  });

  test('cannot connect where no listener takes them', async () => {
    const [one, , three] = trio(await sandbox());
    await leave(one, three);
    await expect(three.connect({ sessions: 1, ...NEVER })).rejects.toThrow(three.name);
  });
});

describe('simulated clients that are kicked', () => {
  test.each([
    ['session disconnect', 'session/disconnect?client-id=c0'],
    ['session disconnect clients', 'session/disconnect/clients?client-ids=c0,nobody'],
    ['session disconnect batch', 'session/disconnect/batch?count=1'],
  ])('by %s come back after a while', async (_what, path) => {
    const [one, , three] = trio(await sandbox());
    const clients = await three.connect({ sessions: 2, prefix: 'c', reconnect: 'home', delay: 50 });
    expect(await command(one, path)).toBe('Done');
    expect([clients.nodeOf('c0'), clients.nodeOf('c1')]).toEqual([null, three.name]);
    await until(() => clients.nodeOf('c0') === three.name);
  });

  test('by the second stage find their sessions elsewhere', async () => {
    const [one, , three] = trio(await sandbox());
    const clients = await three.connect({ sessions: 20, ...SOON });
    expect(await leave(one, three, KILL)).toBe('Done');
    await until(() => clients.online === 20);
    expect(clients.clientIds.map((id) => clients.nodeOf(id))).not.toContain(three.name);
    expect(await command(one, 'session/show?--client_id&--is_offline=true')).toEqual([]);
  });

  test('and never come back leave their queues to the migration', async () => {
    const [one, two, three] = trio(await sandbox());
    const clients = await three.connect({ sessions: 4, ...NEVER });
    expect(await leave(one, three, KILL)).toBe('Done');
    await pause(60);
    expect(clients.online).toBe(0);
    const status = await statuses(one);
    expect((status[one.name]?.num_offline ?? 0) + (status[two.name]?.num_offline ?? 0)).toBe(4);
  });

  test('by the death of their node wait until the cluster takes clients again', async () => {
    const [, , three] = trio(await sandbox());
    const clients = await three.connect({ sessions: 3, ...SOON });
    await three.kill();
    await pause(60);
    expect(clients.online).toBe(0);
    await three.restart();
    await until(() => clients.online === 3);
  });

  test('come back to no listener that is suspended', async () => {
    const [one, , three] = trio(await sandbox());
    const clients = await three.connect({ sessions: 5, reconnect: 'home', delay: 10, leaveRate: 100 });
    await leave(one, three);
    await until(async () => (await online(three)) === 0);
    await until(() => clients.online > 0);
    expect(clients.clientIds.map((id) => clients.nodeOf(id))).not.toContain(three.name);
  });
});

test('two clients of one id: the old session is ended and its queue moves', async () => {
  const [one, two, three] = trio(await sandbox());
  const clients = await three.connect({ sessions: 1, prefix: 'c', ...NEVER });
  const real = await client(two, 'c0');
  expect(clients.online).toBe(0);
  expect(await command(one, 'session/show?--client_id=c0&--node')).toEqual([{ node: two.name }]);
  const ended = disconnected(real);
  await two.connect({ sessions: 1, prefix: 'c', ...NEVER });
  await ended;
  expect(await command(one, 'session/show?--client_id=c0&--node&--is_online')).toEqual([
    { is_online: true, node: two.name },
  ]);
});

test('clients that go by themselves go over time', async () => {
  const [, , three] = trio(await sandbox());
  const clients = await three.connect({ sessions: 50, ...NEVER, leaveRate: 100 });
  await until(() => clients.online < 45);
  expect(clients.online).toBeGreaterThan(0);
  await until(() => clients.online === 0);
});

test('a node takes no more logins in a second than it has time for', async () => {
  const [one, , three] = trio(await sandbox({ timings: { loginsPerSecond: 50 } }));
  const clients = await three.connect({ sessions: 80, reconnect: 'anywhere', delay: 0 });
  const simulated = await took(async () => {
    expect(await leave(one, three, KILL)).toBe('Done');
    await until(() => clients.online === 80);
  });
  // One of the two has taken 40 at least.
  expect(simulated).toBeGreaterThan(500);
  await clients.end();
  const real = await took(() => Promise.all(clientNames(20).map((name) => client(one, name))));
  expect(real).toBeGreaterThan(300);
});

const clientNames = (count: number) => Array.from({ length: count }, (_, index) => `real-${index}`);

async function took(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

describe('session disconnect batch', () => {
  const away = async (node: SandboxNode, path: string) => {
    const clients = await node.connect({ sessions: 4, prefix: 'c', ...NEVER });
    expect(await command(node, `session/disconnect/batch?${path}`)).toBe('Done');
    return clients.clientIds.filter((id) => clients.nodeOf(id) === null);
  };

  test('takes the first queues of a node, also those that are offline, and again the same ones', async () => {
    const [, , three] = trio(await sandbox());
    three.fill({ queues: 2, messages: 0 });
    expect(await away(three, 'count=3')).toEqual(['c0']);
    await command(three, 'session/disconnect/batch?count=3');
    expect(await online(three)).toBe(3);
  });

  test('takes so many of every node', async () => {
    const [one, , three] = trio(await sandbox());
    await one.connect({ sessions: 4, ...NEVER });
    expect(await away(three, 'count=1')).toEqual(['c0']);
    expect(await online(one)).toBe(3);
  });

  test('is limited to one node, and to none when it is given two', async () => {
    const [one, two, three] = trio(await sandbox());
    await one.connect({ sessions: 1, ...NEVER });
    expect(await away(three, `count=2&--node=${three.name}`)).toEqual(['c0', 'c1']);
    await command(one, `session/disconnect/batch?count=2&--node=${three.name},${two.name}`);
    expect([await online(one), await online(three, one)]).toEqual([1, 2]);
  });

  test('spares the clients that it is told to', async () => {
    const [, , three] = trio(await sandbox());
    expect(await away(three, 'count=2&--filter-client-ids=c0,c2')).toEqual(['c1', 'c3']);
  });

  test('says "Done" to a count that is no number', async () => {
    const [, , three] = trio(await sandbox());
    expect(await away(three, 'count=many')).toEqual([]);
  });
});
