import { describe, expect, test } from 'vitest';
import type { SandboxNode } from '../../../src/lib/sandbox/handle.js';
import type { Phase } from '../../../src/lib/sandbox/node/phases.js';
import {
  client,
  command,
  get,
  KILL,
  leave,
  pause,
  refusal,
  sandbox,
  statuses,
  trio,
  until,
  view,
} from './support.js';

const NO_CONNECTION = 'Unknown error: noconnection';
const ALL = 'session/show?--client_id&--node&--offline_messages&--limit=100000';

interface Row {
  readonly client_id: string;
  readonly node: string;
  readonly offline_messages: number;
}

const rowsOf = async (node: SandboxNode) => (await command(node, ALL)) as Row[];

/** Messages in all queues of the cluster, as one member shows them. */
const messagesOf = async (node: SandboxNode) =>
  (await rowsOf(node)).reduce((sum, row) => sum + row.offline_messages, 0);

const listenersOf = async (node: SandboxNode) =>
  (await statuses(node))[node.name]?.listeners.map(({ type, status }) => `${type} ${status}`);

const OPEN = ['mqtt running', 'http running', 'vmq running'];

/** What a test sees of the leaver each time that the leave stops for it. */
async function courseOf(one: SandboxNode, three: SandboxNode): Promise<string[]> {
  const seen: string[] = [];
  const phases: Phase[] = ['listeners-deleted', 'sessions-killed', 'migrating', 'migrated', 'departing'];
  for (const phase of phases) {
    void three.at(phase, async () => {
      const { num_online, queue_out } = (await statuses(three))[three.name] ?? {};
      const members = Object.keys(await view(three)).length;
      seen.push(`${phase}: ${num_online} online, ${queue_out} messages out, ${members} members`);
    });
  }
  const stopped = three.at('stopped', () => void seen.push(`stopped: ${!three.isRunning}`));
  expect(await leave(one, three, KILL)).toBe('Done');
  await stopped;
  return seen;
}

describe('the places in a leave', () => {
  test('come in their order, and the leave waits at each', async () => {
    const [one, , three] = trio(await sandbox());
    three.fill({ queues: 2, messages: 5 });
    await three.connect({ sessions: 1, reconnect: 'never' });
    expect(await courseOf(one, three)).toEqual([
      'listeners-deleted: 1 online, 0 messages out, 3 members',
      'sessions-killed: 0 online, 0 messages out, 3 members',
      'migrating: 0 online, 5 messages out, 3 members',
      'migrated: 0 online, 10 messages out, 3 members',
      'departing: 0 online, 10 messages out, 1 members',
      'stopped: true',
    ]);
  });

  test('include the first stage', async () => {
    const [one, , three] = trio(await sandbox());
    let listeners: unknown;
    const there = three.at('suspended', async () => {
      listeners = await listenersOf(three);
    });
    await leave(one, three);
    await there;
    expect(listeners).toEqual(['mqtt suspended', 'http running', 'vmq running']);
  });

  test('an action that fails is told of, and the leave goes on', async () => {
    const [one, , three] = trio(await sandbox());
    const there = three.at('migrated', () => {
      throw new Error('no');
    });
    const failed = expect(there).rejects.toThrow('no');
    expect(await leave(one, three, KILL)).toBe('Done');
    await failed;
  });
});

describe('the leaver dies', () => {
  test.each(['listeners-deleted', 'sessions-killed', 'migrated'] as const)(
    'at %s: it is a member that is down, and has its listeners and queues when it is back',
    async (phase) => {
      const [one, two, three] = trio(await sandbox());
      three.fill({ queues: 10, messages: 4 });
      const died = three.at(phase, () => three.kill());
      expect(await leave(one, three, KILL)).toBe(NO_CONNECTION);
      await died;
      expect(await view(two)).toEqual({ [one.name]: true, [two.name]: true, [three.name]: false });
      await three.restart();
      expect(await view(three)).toEqual({ [one.name]: true, [two.name]: true, [three.name]: true });
      expect(await listenersOf(three)).toEqual(OPEN);
      expect(await messagesOf(one)).toBe(40);
      const here = (await rowsOf(one)).filter(({ node }) => node === three.name);
      expect(here).toHaveLength(phase === 'migrated' ? 0 : 10);
      await client(three, 'welcome');
    },
  );

  test('while queues move: those that have moved are there, and a second leave moves the rest', async () => {
    const [one, two, three] = trio(await sandbox());
    three.fill({ queues: 30, messages: 4 });
    const died = three.at('migrating', () => three.kill(), 12);
    expect(await leave(one, three, KILL)).toBe(NO_CONNECTION);
    await died;
    const before = await statuses(one);
    expect((before[one.name]?.num_offline ?? 0) + (before[two.name]?.num_offline ?? 0)).toBe(12);
    await three.restart();
    await pause(60);
    const rows = await rowsOf(one);
    expect(rows.filter(({ node }) => node === three.name)).toHaveLength(18);
    expect(rows).toHaveLength(30);
    expect(await leave(one, three, KILL)).toBe('Done');
    expect(await messagesOf(one)).toBe(120);
  });

  test('while many queues are on their way: what they hold is lost, as on the broker', async () => {
    const [one, , three] = trio(await sandbox({ timings: { drainsAtOnce: 5 } }));
    three.fill({ queues: 30, messages: 4 });
    const died = three.at('migrating', () => three.kill(), 12);
    await leave(one, three, KILL);
    await died;
    await three.restart();
    const rows = await rowsOf(one);
    expect(rows.filter(({ node }) => node === three.name)).toHaveLength(14);
    expect(rows).toHaveLength(30);
    expect(rows.filter(({ offline_messages }) => offline_messages === 0)).toHaveLength(4);
  });

  test('and is restarted at once: nothing of the leave goes on', async () => {
    const [one, two, three] = trio(await sandbox());
    three.fill({ queues: 10, messages: 1 });
    const died = three.at(
      'migrating',
      async () => {
        await three.kill();
        await three.restart();
      },
      4,
    );
    expect(await leave(one, three, KILL)).toBe(NO_CONNECTION);
    await died;
    await pause(300);
    expect((await rowsOf(one)).filter(({ node }) => node === three.name)).toHaveLength(6);
    expect(Object.keys(await view(two))).toHaveLength(3);
    expect(three.isRunning).toBe(true);
  });

  test('once it has left: the others forget it, and it comes back alone', async () => {
    const [one, two, three] = trio(await sandbox());
    three.fill({ queues: 3, messages: 1 });
    const died = three.at('departing', () => three.kill());
    expect(await leave(one, three, KILL)).toBe(NO_CONNECTION);
    await died;
    await until(async () => Object.keys(await view(one)).length === 2);
    await until(async () => Object.keys(await view(two)).length === 2);
    await three.restart();
    await pause(200);
    expect(three.isRunning).toBe(true);
    expect(await view(three)).toEqual({ [three.name]: true });
    expect(await rowsOf(three)).toEqual([]);
    expect(await messagesOf(one)).toBe(3);
  });

  test('in the first stage: it is a member that takes clients again', async () => {
    const [one, , three] = trio(await sandbox());
    const died = three.at('suspended', () => three.kill());
    await leave(one, three);
    await died;
    await three.restart();
    expect(await listenersOf(three)).toEqual(OPEN);
  });
});

describe('the node that was asked dies', () => {
  test('the leave goes on, and waits for it where queues are to go to it', async () => {
    const [one, two, three] = trio(await sandbox());
    three.fill({ queues: 20, messages: 2 });
    const died = three.at('migrating', () => one.kill(), 5);
    const asked = refusal(leave(one, three, KILL));
    await died;
    expect(await asked).not.toBe('accepted');
    await pause(250);
    const offline = async () => (await statuses(two))[three.name]?.num_offline ?? 0;
    expect(await offline()).toBeGreaterThan(0);
    expect(three.isRunning).toBe(true);
    await one.restart();
    await until(() => !three.isRunning);
    expect(await messagesOf(two)).toBe(40);
  });

  test('while the others are not ready: nothing has begun', async () => {
    const [one, two, three] = trio(await sandbox());
    two.blindTo(three.name);
    const asked = refusal(leave(one, three, KILL));
    await pause(50);
    await one.kill();
    expect(await asked).not.toBe('accepted');
    await one.restart();
    two.blindTo(three.name, false);
    await pause(1100);
    expect(await listenersOf(three)).toEqual(OPEN);
  });
});

describe('a leaver that is frozen', () => {
  test('does nothing until it thaws', async () => {
    const [one, two, three] = trio(await sandbox());
    three.fill({ queues: 20, messages: 1 });
    const frozen = three.at('migrating', () => three.freeze(), 5);
    const asked = leave(one, three, KILL);
    await frozen;
    await pause(200);
    expect((await queuesOf(one)) + (await queuesOf(two))).toBe(5);
    three.thaw();
    expect(await asked).toBe('Done');
    expect(await messagesOf(one)).toBe(20);
  });

  test('is given up by the one that was asked when the others notice it, and goes on later', async () => {
    const [one, , three] = trio(await sandbox({ timings: { netTick: 100 } }));
    three.fill({ queues: 20, messages: 1 });
    const frozen = three.at('migrating', () => three.freeze(), 5);
    expect(await leave(one, three, KILL)).toBe(NO_CONNECTION);
    await frozen;
    three.thaw();
    await until(() => !three.isRunning);
    expect(await messagesOf(one)).toBe(20);
  });
});

/** Queues of a node, without asking the leaver, which may be frozen. */
async function queuesOf(node: SandboxNode): Promise<number> {
  const { body } = await get(node, '/metrics');
  return Number(/queue_processes\{[^}]*\} (\d+)/.exec(body)?.[1]);
}
