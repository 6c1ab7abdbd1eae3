import { describe, expect, test } from 'vitest';
import { client, command, inbox, offlineSession, pause, sandbox, statuses, trio, until } from './support.js';

describe('delivery', () => {
  test('a message reaches subscribers on every member once, also with overlapping filters', async () => {
    const [one, two, three] = trio(await sandbox());
    const near = await client(one, 'near');
    const far = await client(three, 'far');
    await near.subscribeAsync('t/#', { qos: 1 });
    await far.subscribeAsync(['t/#', 't/+'], { qos: 1 });
    const received = [inbox(near), inbox(far)];
    const publisher = await client(two, 'publisher');
    for (const text of ['a', 'b', 'c']) await publisher.publishAsync('t/x', text, { qos: 1 });
    await until(() => received.every((messages) => messages.length >= 3));
    await pause(50);
    expect(received).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
  });

  test('messages of different QoS that are published at once all arrive', async () => {
    const [one] = trio(await sandbox());
    const both = await client(one, 'both', { clean: true });
    await both.subscribeAsync('t/#', { qos: 2 });
    const qos = [0, 1, 2, 1, 2] as const;
    await Promise.all(qos.map((level, index) => both.publishAsync(`t/${index}`, `${index}`, { qos: level })));
    await until(() => inbox(both).length >= 5);
    expect(inbox(both).sort()).toEqual(['0', '1', '2', '3', '4']);
  });

  test('of a shared subscription with a member on each node, one gets each message', async () => {
    const nodes = trio(await sandbox());
    const members = await Promise.all(
      nodes.map((node, index) => client(node, `member${index}`, { clean: true })),
    );
    for (const member of members) await member.subscribeAsync('$share/group/t/#', { qos: 1 });
    const outside = await client(nodes[0], 'outside');
    await outside.subscribeAsync('t/#', { qos: 1 });
    const publisher = await client(nodes[1], 'publisher');
    const texts = Array.from({ length: 9 }, (_, number) => `${number}`);
    for (const text of texts) await publisher.publishAsync('t/x', text, { qos: 1 });
    const received = () => members.flatMap((member) => inbox(member));
    await until(() => received().length >= 9);
    await pause(50);
    expect(received().sort()).toEqual(texts);
    expect(inbox(outside)).toEqual(texts);
    await Promise.all(members.slice(1).map((member) => member.unsubscribeAsync('$share/group/t/#')));
    await publisher.publishAsync('t/x', 'last', { qos: 1 });
    await until(() => members[0] !== undefined && inbox(members[0]).includes('last'));
    expect(received().filter((text) => text === 'last')).toHaveLength(1);
  });

  test('nodes that are not joined do not hear each other', async () => {
    const [one, two] = trio(await sandbox({ joined: false }));
    const subscriber = await client(two, 'subscriber');
    await subscriber.subscribeAsync('t', { qos: 1 });
    const received = inbox(subscriber);
    const publisher = await client(one, 'publisher');
    await publisher.publishAsync('t', 'a', { qos: 1 });
    await pause(100);
    expect(received).toEqual([]);
  });

  test('an offline queue keeps what is published on other members, and is delivered in order', async () => {
    const [one, , three] = trio(await sandbox());
    await offlineSession(three, 'sleeper', 't/#');
    const publisher = await client(one, 'publisher');
    for (let number = 0; number < 50; number++) await publisher.publishAsync('t/x', `${number}`, { qos: 1 });
    expect(await command(one, 'session/show?--client_id=sleeper&--node&--offline_messages')).toEqual([
      { node: three.name, offline_messages: 50 },
    ]);
    const back = await client(three, 'sleeper');
    const received = inbox(back);
    await until(() => received.length >= 50);
    await pause(50);
    expect(received).toEqual(Array.from({ length: 50 }, (_, number) => `${number}`));
    await until(async () => (await statuses(one))[three.name]?.queue_out === 50);
  });

  test('messages of QoS 0 and subscriptions with QoS 0 fill no queue', async () => {
    const [one] = trio(await sandbox());
    await offlineSession(one, 'sleeper', 'a');
    const zero = await client(one, 'zero');
    await zero.subscribeAsync('b', { qos: 0 });
    await zero.endAsync();
    const publisher = await client(one, 'publisher');
    await publisher.publishAsync('a', 'x', { qos: 0 });
    await publisher.publishAsync('b', 'x', { qos: 1 });
    expect(await command(one, 'session/show?--is_offline=true&--offline_messages')).toEqual([
      { offline_messages: 0 },
      { offline_messages: 0 },
    ]);
  });

  test('an offline queue takes 1000 messages and drops the rest', async () => {
    const [one] = trio(await sandbox({ nodes: 3 }));
    await offlineSession(one, 'sleeper', 't');
    const publisher = await client(one, 'publisher');
    await Promise.all(Array.from({ length: 1010 }, () => publisher.publishAsync('t', 'x', { qos: 1 })));
    await until(async () => (await statuses(one))[one.name]?.msg_in === 1010);
    expect((await statuses(one))[one.name]?.queue_drop).toBe(10);
  });

  test('QoS 2 arrives once, on another member', async () => {
    const [one, two] = trio(await sandbox());
    const subscriber = await client(two, 'subscriber');
    await subscriber.subscribeAsync('t', { qos: 2 });
    const received = inbox(subscriber);
    const publisher = await client(one, 'publisher');
    await publisher.publishAsync('t', 'exactly once', { qos: 2 });
    await until(() => received.length > 0);
    await pause(50);
    expect(received).toEqual(['exactly once']);
    await until(
      async () =>
        ((await command(two, 'session/show?--client_id=subscriber&--msg_ref')) as unknown[]).length === 0,
    );
  });

  test('a retained message is there on every member, and gone everywhere when it is deleted', async () => {
    const [one, two, three] = trio(await sandbox());
    const publisher = await client(one, 'publisher');
    await publisher.publishAsync('r/1', 'kept', { qos: 1, retain: true });
    const late = await client(three, 'late');
    const received = inbox(late);
    await late.subscribeAsync('r/#', { qos: 1 });
    await until(() => received.length === 1);
    await publisher.publishAsync('r/1', '', { qos: 1, retain: true });
    await until(async () => ((await command(two, 'retain/show')) as unknown[]).length === 0);
  });

  test('a will is published on all members when the connection breaks', async () => {
    const [one, two] = trio(await sandbox());
    const watcher = await client(two, 'watcher');
    await watcher.subscribeAsync('wills', { qos: 1 });
    const received = inbox(watcher);
    const mortal = await client(one, 'mortal', {
      will: { topic: 'wills', payload: Buffer.from('farewell'), qos: 1 },
    });
    mortal.stream.destroy();
    await until(() => received.includes('farewell'));
  });

  test('a message to a topic that begins with $ is ignored without an acknowledgement', async () => {
    const [one] = trio(await sandbox());
    const publisher = await client(one, 'publisher');
    const acknowledged = publisher.publishAsync('$SYS/x', 'x', { qos: 1 }).then(() => 'yes');
    expect(await Promise.race([acknowledged, pause(150).then(() => 'no')])).toBe('no');
    expect(publisher.connected).toBe(true);
    acknowledged.catch(() => undefined);
  });
});
