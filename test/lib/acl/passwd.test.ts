import { describe, expect, it } from 'vitest';
import { changePasshash, requireExisting } from '../../../src/lib/acl/passwd.js';
import { MemoryStore } from './memory-store.js';

const OLD = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const NEW = '$2a$04$8b8q66nnYpqzqZ5XimnLSe8QfI1GiKO17VPWeQWFyJv6FuY41fJLu';
const NAME = { mountpoint: '', clientId: 'c', username: 'u' };
const KEY = '["","c","u"]';
const record = (passhash: string) =>
  `{ "n": 1.50, "publish_acl":[ {"max_qos":1,"pattern":"a"} ],\n "passhash" : "${passhash}", "x": {"passhash":"in"}}`;
const change = (store: MemoryStore, more = {}) =>
  changePasshash(store, { name: NAME, passhash: NEW, dryRun: false, ...more });

describe('changing the password of a record', () => {
  it('leaves every other byte as it is', async () => {
    const store = new MemoryStore({ [KEY]: record(OLD) });
    expect((await change(store)).outcome).toBe('changed');
    expect(await store.get(KEY)).toBe(record(NEW));
  });

  it('writes nothing where it is that hash already, or to try it out', async () => {
    const same = new MemoryStore({ [KEY]: record(NEW) });
    expect((await change(same)).outcome).toBe('unchanged');
    const tried = new MemoryStore({ [KEY]: record(OLD) });
    expect(await change(tried, { dryRun: true })).toMatchObject({ outcome: 'changed', dryRun: true });
    expect([...same.written, ...tried.written]).toEqual([]);
  });

  it('loses nothing that another writer changes meanwhile', async () => {
    const store = new MemoryStore({ [KEY]: record(OLD) });
    store.interfere = (key) => {
      store.interfere = undefined;
      store.values.set(key, { kind: 'text', text: record(OLD).replace('1.50', () => '2.5') });
    };
    await change(store);
    expect(await store.get(KEY)).toBe(record(NEW).replace('1.50', () => '2.5'));
  });

  it('makes no record, and says how one is made', async () => {
    const hint = expect.stringContaining('vmqctl acl set makes a record');
    const missing = { kind: 'failed', code: 'no_such_record', hint };
    await expect(change(new MemoryStore())).rejects.toMatchObject(missing);
    await expect(requireExisting(new MemoryStore(), NAME)).rejects.toMatchObject(missing);
    const anyClient = new MemoryStore({ '["","*","u"]': record(OLD) });
    await expect(change(anyClient)).rejects.toMatchObject({
      hint: expect.stringContaining("--client-id '*'"),
    });
    expect(anyClient.written).toEqual([]);
  });

  it('does not touch a broken record', async () => {
    const store = new MemoryStore({ [KEY]: '{"passhash":"S3CRET"' });
    await expect(change(store)).rejects.toMatchObject({
      kind: 'data',
      code: 'broken_record',
      message: expect.not.stringContaining('S3CRET'),
    });
    expect(store.written).toEqual([]);
  });
});
