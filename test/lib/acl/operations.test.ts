import { describe, expect, it } from 'vitest';
import { getRecord } from '../../../src/lib/acl/get.js';
import { listRecords } from '../../../src/lib/acl/list.js';
import { removeRecord } from '../../../src/lib/acl/remove.js';
import { type SetRequest, setRecord } from '../../../src/lib/acl/set.js';
import { MemoryStore } from './memory-store.js';

async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const NAME = { mountpoint: '', clientId: '1528361231', username: '101' };
const KEY = '["","1528361231","101"]';
const ANY_KEY = '["","*","101"]';
const text = (patterns: string[] = ['#'], more = {}) =>
  JSON.stringify({
    passhash: PASSHASH,
    subscribe_acl: patterns.map((pattern) => ({ pattern })),
    publish_acl: patterns.map((pattern) => ({ pattern })),
    ...more,
  });

const request = (change: SetRequest['change'], more: Partial<SetRequest> = {}): SetRequest => ({
  name: NAME,
  change,
  replace: false,
  dryRun: false,
  ...more,
});
const whole = (...patterns: string[]) => ({
  how: 'replace' as const,
  entries: patterns.map((pattern) => ({ pattern })),
});
const add = (pattern: string) => ({ how: 'add' as const, entries: [{ pattern }] });
const everything = { passhash: PASSHASH, publish: whole('#'), subscribe: whole('#') };

describe('setting a record', () => {
  it('writes the record of the story, then narrows it', async () => {
    const store = new MemoryStore();
    expect(await setRecord(store, request(everything))).toMatchObject({
      key: KEY,
      outcome: 'created',
      problems: [],
    });
    expect(await store.get(KEY)).toBe(text());
    const narrow = request({ publish: whole('hello'), subscribe: whole('say') });
    expect(await setRecord(store, narrow)).toMatchObject({ outcome: 'changed' });
    expect(await store.get(KEY)).toBe(
      `{"passhash":"${PASSHASH}","subscribe_acl":[{"pattern":"say"}],"publish_acl":[{"pattern":"hello"}]}`,
    );
  });

  it('keeps what it does not know, to the last digit', async () => {
    const store = new MemoryStore({
      [KEY]: `{"n":12345678901234567890,"passhash":"${PASSHASH}","z":{"y":1.50}}`,
    });
    await setRecord(store, request({ publish: whole('a') }));
    expect(await store.get(KEY)).toBe(
      `{"n":12345678901234567890,"passhash":"${PASSHASH}","z":{"y":1.50},"publish_acl":[{"pattern":"a"}]}`,
    );
  });

  it('writes nothing when nothing changes, however the record is spelt', async () => {
    const spaced = text().replaceAll(',', ', ');
    const store = new MemoryStore({ [KEY]: spaced });
    expect(await setRecord(store, request({ publish: whole('#') }))).toMatchObject({ outcome: 'unchanged' });
    expect(store.written).toEqual([]);
    expect(await store.get(KEY)).toBe(spaced);
  });

  it('writes nothing in a dry run, and says what it would', async () => {
    const store = new MemoryStore();
    const report = await setRecord(store, request(everything, { dryRun: true }));
    expect(report).toMatchObject({
      outcome: 'created',
      dryRun: true,
      record: { publish_acl: [{ pattern: '#' }] },
    });
    expect(store.written).toEqual([]);
  });

  it.each([true, false])('that replaces one says whether there was one (dry run: %s)', async (dryRun) => {
    const replacing = request(everything, { dryRun, replace: true });
    expect(await setRecord(new MemoryStore(), replacing)).toMatchObject({ outcome: 'created' });
    const store = new MemoryStore({ [KEY]: text() });
    expect(await setRecord(store, replacing)).toMatchObject({ outcome: 'replaced' });
  });

  it('takes in what another writer wrote meanwhile', async () => {
    const store = new MemoryStore({ [KEY]: text(['a']) });
    let others = ['b', 'c'];
    store.interfere = (key) => {
      const [pattern, ...rest] = others;
      others = rest;
      if (pattern) store.values.set(key, { kind: 'text', text: text(['a', pattern]) });
    };
    const report = await setRecord(store, request({ publish: add('mine') }));
    expect(report.record.publish_acl).toEqual([{ pattern: 'a' }, { pattern: 'c' }, { pattern: 'mine' }]);
  });

  it('creates nothing without a password, also when the record goes while it is at work', async () => {
    const store = new MemoryStore({ [KEY]: text() });
    store.interfere = (key) => store.values.delete(key);
    await expect(setRecord(store, request({ publish: add('a') }))).rejects.toMatchObject({
      code: 'password_needed',
    });
    expect(store.written).toEqual([]);
  });

  it.each(['{"passhash":"x"', '[]', 'null'])('leaves a broken record alone: %s', async (broken) => {
    const store = new MemoryStore({ [KEY]: broken });
    await expect(setRecord(store, request(everything))).rejects.toMatchObject({
      kind: 'data',
      code: 'broken_record',
    });
    expect(await store.get(KEY)).toBe(broken);
    expect(await setRecord(store, request(everything, { replace: true }))).toMatchObject({
      outcome: 'replaced',
    });
    expect(await store.get(KEY)).toBe(text());
  });

  it('tells of problems in what it left alone', async () => {
    const store = new MemoryStore({
      [KEY]: text(['a'], { subscribe_acl: [{ pattern: 'a', max_qos: '1' }] }),
    });
    const report = await setRecord(store, request({ publish: add('b') }));
    expect(report.problems).toEqual(['subscribe_acl[0].max_qos must be 0, 1 or 2']);
  });
});

describe('getting a record', () => {
  it('gives all of it', async () => {
    const store = new MemoryStore({ [KEY]: text(['a'], { n: 1 }) });
    expect(await getRecord(store, NAME)).toEqual({
      name: NAME,
      key: KEY,
      record: JSON.parse(text(['a'], { n: 1 })),
      problems: [],
    });
  });

  it('that is not there says where to look', async () => {
    await expect(getRecord(new MemoryStore(), NAME)).rejects.toMatchObject({
      kind: 'failed',
      code: 'no_such_record',
      hint: 'vmqctl acl list shows the records.',
    });
    const store = new MemoryStore({ [ANY_KEY]: text() });
    await expect(getRecord(store, NAME)).rejects.toMatchObject({
      hint: expect.stringContaining("--client-id '*'"),
    });
  });
});

describe('removing a record', () => {
  it('says whether the user still gets in by the record for any client', async () => {
    const store = new MemoryStore({ [KEY]: text(), [ANY_KEY]: text() });
    expect(await removeRecord(store, NAME, false)).toMatchObject({ key: KEY, fallback: true });
    expect([...store.values.keys()]).toEqual([ANY_KEY]);
    expect(await removeRecord(store, { ...NAME, clientId: '*' }, false)).toMatchObject({ fallback: false });
  });

  it('removes a broken one too, and nothing in a dry run', async () => {
    const store = new MemoryStore({ [KEY]: '{' });
    expect(await removeRecord(store, NAME, true)).toMatchObject({ dryRun: true });
    expect(store.values.size).toBe(1);
    await removeRecord(store, NAME, false);
    expect(store.values.size).toBe(0);
  });

  it.each([true, false])('that is not there fails (dry run: %s)', async (dryRun) => {
    await expect(removeRecord(new MemoryStore(), NAME, dryRun)).rejects.toMatchObject({
      code: 'no_such_record',
    });
  });
});

describe('listing records', () => {
  const signal = new AbortController().signal;
  const store = () =>
    new MemoryStore({
      [KEY]: text(['b']),
      '["m","x","101"]': text(['a']),
      '["","broken","1"]': '{',
      '["","spaced", "1"]': text(),
      '["two","parts"]': text(),
      '["","\ufffd","u"]': text(),
      other: 'not ours',
    });
  const all = async (filter = {}) => {
    const pages = await collect(listRecords(store(), filter, signal));
    return {
      records: pages.flatMap(({ records }) => records),
      strays: pages.flatMap(({ strays }) => strays),
      pages: pages.length,
    };
  };

  it('has every record, page by page, broken ones with their problem', async () => {
    const { records, pages } = await all();
    expect(pages).toBe(3);
    expect(records.map(({ key, problems }) => [key, problems])).toEqual([
      [KEY, []],
      ['["m","x","101"]', []],
      ['["","broken","1"]', [expect.stringMatching(/^broken: it is not JSON: /)]],
    ]);
  });

  it('tells of keys that no broker asks for', async () => {
    expect((await all()).strays).toEqual([
      { key: '["","spaced", "1"]', reason: 'the broker asks for ["","spaced","1"]' },
      { key: '["","\ufffd","u"]', reason: 'it is not UTF-8' },
      { key: '["two","parts"]', reason: 'it is no list of mountpoint, client id and username' },
    ]);
  });

  it.each([
    [{ username: '101' }, [KEY, '["m","x","101"]']],
    [{ username: '101', mountpoint: '' }, [KEY]],
    [{ clientId: 'x' }, ['["m","x","101"]']],
    [{ clientId: 'y' }, []],
  ])('keeps to the filter %j', async (filter, keys) => {
    expect((await all(filter)).records.map(({ key }) => key)).toEqual(keys);
  });

  it('has values that are no text', async () => {
    const odd = new MemoryStore();
    odd.values.set('["","a","1"]', { kind: 'wrong-type', type: 'hash' });
    odd.values.set('["","b","1"]', { kind: 'not-utf8' });
    const [page] = await collect(listRecords(odd, {}, signal));
    expect(page?.records.map(({ problems }) => problems)).toEqual([
      ['broken: it is a Redis hash, not a string'],
      ['broken: it is not UTF-8'],
    ]);
  });

  it('leaves out what goes while it is at work', async () => {
    const going = new MemoryStore({ [KEY]: text() });
    going.read = async (keys) => keys.map(() => undefined);
    expect(await collect(listRecords(going, {}, signal))).toEqual([{ records: [], strays: [] }]);
  });

  it('ends when it is interrupted', async () => {
    await expect(collect(listRecords(store(), {}, AbortSignal.abort()))).rejects.toMatchObject({
      kind: 'interrupted',
    });
  });
});
