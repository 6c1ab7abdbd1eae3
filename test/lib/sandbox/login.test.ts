import { describe, expect, test } from 'vitest';
import { recordKey } from '../../../src/lib/acl/key.js';
import { hashPassword } from '../../../src/lib/acl/password.js';
import { type RecordSource, recordsFrom } from '../../../src/lib/sandbox/records.js';
import { client, disconnected, inbox, pause, refusal, sandbox, trio, until } from './support.js';

const passhash = await hashPassword('secret', 4);

const key = (clientId: string, username: string) => recordKey({ mountpoint: '', clientId, username });

const record = (members: object = {}) =>
  JSON.stringify({
    passhash,
    publish_acl: [{ pattern: 'out/#' }],
    subscribe_acl: [{ pattern: 'in/#', max_qos: 1 }],
    ...members,
  });

const entries = new Map([
  [key('c1', 'u1'), record()],
  [key('*', 'shared'), record({ publish_acl: [{ pattern: '%c/#' }] })],
  [key('c2', 'u2'), '{not json'],
  [key('c3', 'u3'), record({ passhash: passhash.replace('$2a$', '$2b$') })],
  [key('c4', 'u4'), record({ publish_acl: null })],
  [key('c 5', 'u5'), record()],
  [key('c6', 'u6'), record({ passhash: await hashPassword('other', 4) })],
  [key('*', 'u6'), record()],
]);

const credentials = (username: string, password = 'secret') => ({ username, password });

const start = (records: RecordSource = recordsFrom(entries)) => sandbox({ nodes: 3, records });

describe('a login', () => {
  test.each([
    ['its own record', 'c1', credentials('u1'), 'accepted'],
    ['the record for any client', 'whoever', credentials('shared'), 'accepted'],
    ['a wrong password', 'c1', credentials('u1', 'wrong'), 4],
    ['no record', 'c9', credentials('u1'), 4],
    ['a record of its own with another password beside one for any client', 'c6', credentials('u6'), 4],
    ['no credentials', 'c1', {}, 5],
    ['no password', 'c1', { username: 'u1' }, 5],
    ['a record that is no JSON', 'c2', credentials('u2'), 5],
    ['a hash of a kind that the broker cannot read', 'c3', credentials('u3'), 5],
    ['an ACL that is null', 'c4', credentials('u4'), 5],
    ['a space in the client id, which no key can have', 'c 5', credentials('u5'), 4],
  ])('with %s', async (_what, clientId, options, result) => {
    const [one] = trio(await start());
    expect(await refusal(client(one, clientId, options))).toBe(result);
  });

  test('is refused like a wrong password while the source of the records does not answer', async () => {
    const broken: RecordSource = { get: () => Promise.reject(new Error('down')), close: async () => {} };
    const [one] = trio(await start(broken));
    expect(await refusal(client(one, 'c1', credentials('u1')))).toBe(4);
  });
});

describe('an ACL', () => {
  test('permits what it names, and substitutes the client id', async () => {
    const [one, two] = trio(await start());
    const subscriber = await client(one, 'c1', credentials('u1'));
    expect(await subscriber.subscribeAsync('in/x', { qos: 1 })).toEqual([{ topic: 'in/x', qos: 1 }]);
    const publisher = await client(two, 'in', credentials('shared'));
    await publisher.publishAsync('in/x', 'allowed', { qos: 1 });
    await until(() => inbox(subscriber).includes('allowed'));
  });

  test('a publish that it denies ends the connection, and nobody gets the message', async () => {
    const [one] = trio(await start());
    const subscriber = await client(one, 'c1', credentials('u1'));
    await subscriber.subscribeAsync('in/#', { qos: 1 });
    const publisher = await client(one, 'someone', credentials('shared'));
    const closed = disconnected(publisher);
    publisher.publish('in/x', 'denied', { qos: 1 });
    await closed;
    await pause(30);
    expect(inbox(subscriber)).toEqual([]);
  });

  test('a subscription that it denies gets the failure code, and so do the others in the same packet', async () => {
    const [one] = trio(await start());
    const subscriber = await client(one, 'c1', credentials('u1'));
    await expect(subscriber.subscribeAsync('elsewhere', { qos: 1 })).rejects.toThrow(/Unspecified error|128/);
    await expect(subscriber.subscribeAsync(['in/a', 'elsewhere'], { qos: 1 })).rejects.toThrow();
    await expect(subscriber.subscribeAsync('in/a', { qos: 2 })).rejects.toThrow();
    expect(await subscriber.subscribeAsync('in/a', { qos: 1 })).toEqual([{ topic: 'in/a', qos: 1 }]);
    expect(subscriber.connected).toBe(true);
  });

  test('a changed record counts from the next login on', async () => {
    const changing = new Map(entries);
    const [one] = trio(await start(recordsFrom(changing)));
    const before = await client(one, 'c1', credentials('u1'));
    changing.set(key('c1', 'u1'), record({ publish_acl: [], subscribe_acl: [] }));
    await before.publishAsync('out/x', 'still allowed', { qos: 1 });
    await before.subscribeAsync('in/kept', { qos: 1 });
    await before.endAsync();
    const after = await client(one, 'c1', credentials('u1'));
    await expect(after.subscribeAsync('in/new', { qos: 1 })).rejects.toThrow();
    const closed = disconnected(after);
    after.publish('out/x', 'denied now', { qos: 1 });
    await closed;
  });

  test('a persistent session keeps the subscriptions that its record no longer grants', async () => {
    const changing = new Map([...entries, [key('p', 'u7'), record({ publish_acl: [{ pattern: 'in/#' }] })]]);
    const [one, two] = trio(await start(recordsFrom(changing)));
    const before = await client(one, 'c1', credentials('u1'));
    await before.subscribeAsync('in/kept', { qos: 1 });
    await before.endAsync();
    changing.set(key('c1', 'u1'), record({ subscribe_acl: [] }));
    const after = await client(two, 'c1', credentials('u1'));
    const publisher = await client(one, 'p', credentials('u7'));
    await publisher.publishAsync('in/kept', 'still delivered', { qos: 1 });
    await until(() => inbox(after).includes('still delivered'));
  });
});
