import { describe, expect, test } from 'vitest';
import {
  client,
  command,
  disconnected,
  get,
  inbox,
  offlineSession,
  pause,
  refusal,
  sandbox,
  trio,
  until,
} from './support.js';

describe('sessions', () => {
  test('a client that connects elsewhere is disconnected here, and its queue goes with it', async () => {
    const [one, two] = trio(await sandbox());
    const first = await client(one, 'mover');
    await first.subscribeAsync('t', { qos: 1 });
    const kicked = disconnected(first);
    const second = await client(two, 'mover');
    await kicked;
    await second.endAsync();
    const publisher = await client(one, 'publisher');
    await publisher.publishAsync('t', 'after the move', { qos: 1 });
    expect(await command(one, 'session/show?--client_id=mover&--node&--offline_messages')).toEqual([
      { node: two.name, offline_messages: 1 },
    ]);
    const third = await client(one, 'mover');
    await until(() => inbox(third).length === 1);
  });

  test('a clean start elsewhere forgets the old session', async () => {
    const [one, two] = trio(await sandbox());
    await offlineSession(one, 'forgetful', 't');
    const again = await client(two, 'forgetful', { clean: true });
    expect(await command(one, 'session/show?--client_id=forgetful&--node')).toEqual([{ node: two.name }]);
    await again.endAsync();
    await until(
      async () => ((await command(one, 'session/show?--client_id=forgetful')) as unknown[]).length === 0,
    );
  });

  test('session disconnect keeps the session, with --cleanup it does not', async () => {
    const [one, two] = trio(await sandbox());
    const victim = await client(two, 'victim');
    await victim.subscribeAsync('t', { qos: 1 });
    const closed = disconnected(victim);
    expect(await command(one, 'session/disconnect?client-id=victim')).toBe('Done');
    await closed;
    expect(await command(one, 'session/show?--client_id=victim&--is_online')).toEqual([{ is_online: false }]);
    expect(await command(one, 'session/disconnect?client-id=victim&--cleanup')).toBe('Done');
    expect(await command(one, 'session/show?--client_id=victim&--is_online')).toEqual([]);
  });

  test('what a stopped node has stored is there when it starts again', async () => {
    const [one, two] = trio(await sandbox());
    await offlineSession(two, 'sleeper', 't');
    const publisher = await client(one, 'publisher');
    await publisher.publishAsync('t', 'kept', { qos: 1 });
    await two.stop();
    await two.restart();
    const back = await client(two, 'sleeper');
    const received = inbox(back);
    await until(() => received.includes('kept'));
  });
});

describe('a cluster with a member down', () => {
  test('refuses clients with "server unavailable" and acknowledges no message', async () => {
    const [one, two] = trio(await sandbox());
    const publisher = await client(one, 'publisher');
    await two.kill();
    expect(await refusal(client(one, 'late'))).toBe(3);
    const acknowledged = publisher.publishAsync('t', 'x', { qos: 1 }).then(() => 'yes');
    acknowledged.catch(() => undefined);
    expect(await Promise.race([acknowledged, pause(150).then(() => 'no')])).toBe('no');
  });

  test('accepts them again when the member is back', async () => {
    const [one, two] = trio(await sandbox());
    await two.kill();
    await two.restart();
    await client(one, 'late');
    expect((await get(one, '/health/listeners_full_cluster')).status).toBe(200);
  });
});

test('a client of MQTT 5 is told that its version is not supported', async () => {
  const [one] = trio(await sandbox());
  expect(await refusal(client(one, 'modern', { protocolVersion: 5 }))).toBe(1);
});
