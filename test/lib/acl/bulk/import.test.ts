import { beforeEach, describe, expect, it } from 'vitest';
import { type ImportStep, importRows } from '../../../../src/lib/acl/bulk/import.js';
import { readLines } from '../../../../src/lib/acl/bulk/lines.js';
import { ndjsonReader } from '../../../../src/lib/acl/bulk/ndjson.js';
import { ListTable } from '../../../../src/lib/acl/bulk/pack/list-table.js';
import { Packer } from '../../../../src/lib/acl/bulk/pack/packer.js';
import type { RowReport } from '../../../../src/lib/acl/bulk/report.js';
import type { Hashing } from '../../../../src/lib/acl/bulk/settle.js';
import { Failure } from '../../../../src/lib/failure.js';
import { MemoryStore } from '../memory-store.js';

const HASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const row = (id: string, more: object = {}) =>
  JSON.stringify({ client_id: id, username: 'u', passhash: HASH, publish_acl: [id], ...more });
const keyOf = (id: string) => `["","${id}","u"]`;
const textOf = (id: string, passhash = HASH) =>
  `{"passhash":"${passhash}","subscribe_acl":[],"publish_acl":[{"pattern":"${id}"}]}`;

/** Hashes that tell their passwords, so that a test can see which was hashed. */
const hashing: Hashing = {
  hash: async (password) => `hash of ${password.reveal()}`,
  verify: async (password, passhash) => passhash === `hash of ${password.reveal()}`,
};

/** Whether lines are packed where they can be. What comes of it is the same. */
let packs = false;

function packerOf() {
  const packer = new Packer({});
  packer.lists = new ListTable({});
  return (pieces: readonly Buffer[]) => (packs ? packer.pack(pieces) : undefined);
}

interface Wish {
  readonly keepExisting?: boolean;
  readonly dryRun?: boolean;
  readonly strict?: boolean;
  readonly pieces?: number;
  readonly firstLine?: number;
  readonly signal?: AbortSignal;
}

async function* inPieces(text: string, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += length) yield Buffer.from(text.slice(at, at + length));
}

function steps(lines: readonly string[], store: MemoryStore, wish: Wish = {}) {
  const { keepExisting = false, dryRun = false, strict = false, pieces = 10_000, firstLine = 1 } = wish;
  return importRows({
    store,
    batches: readLines(
      inPieces(lines.map((line) => `${line}\n`).join(''), pieces),
      undefined,
      undefined,
      packerOf(),
    ),
    reader: async () => ndjsonReader({}),
    firstLine,
    hashing,
    options: { keepExisting, dryRun, strict },
    signal: wish.signal ?? new AbortController().signal,
  });
}

async function run(lines: readonly string[], store: MemoryStore, wish: Wish = {}) {
  const taken: ImportStep[] = [];
  for await (const step of steps(lines, store, wish)) taken.push(step);
  const told = ({ line, outcome, why }: RowReport) => `${line} ${outcome}: ${why}`;
  const sum = (name: keyof ImportStep['totals']) =>
    taken.reduce((total, { totals }) => total + totals[name], 0);
  return {
    taken,
    told: taken.flatMap(({ reports }) => reports.map(told)),
    counts: {
      written: sum('written'),
      unchanged: sum('unchanged'),
      skipped: sum('skipped'),
      failed: sum('failed'),
    },
  };
}

describe.each([true, false])('an import, its lines packed: %s', (isPacked) => {
  beforeEach(() => {
    packs = isPacked;
  });

  it('writes records as acl set does, and a second time leaves them as they are', async () => {
    const store = new MemoryStore();
    const lines = [row('a'), row('b', { password: 'p', passhash: undefined })];
    expect((await run(lines, store)).counts).toMatchObject({ written: 2 });
    expect(await store.get(keyOf('a'))).toBe(textOf('a'));
    expect(await store.get(keyOf('b'))).toBe(textOf('b', 'hash of p'));
    store.written.length = 0;
    expect((await run(lines, store)).counts).toMatchObject({ written: 0, unchanged: 2 });
    expect(store.written).toEqual([]);
  });

  it('asks for what is there as soon as something is there', async () => {
    const store = new MemoryStore({ [keyOf('c')]: textOf('c') });
    const { counts } = await run(
      ['a', 'b', 'c', 'd'].map((id) => row(id)),
      store,
      { pieces: 60 },
    );
    expect(counts).toMatchObject({ written: 3, unchanged: 1 });
    expect(store.values.size).toBe(4);
  });

  it('takes what says the same for unchanged, however it is spelled', async () => {
    const store = new MemoryStore({
      [keyOf('a')]: `{ "publish_acl": [{"pattern":"a"}], "passhash": "${HASH}", "subscribe_acl": [] }`,
    });
    expect((await run([row('a')], store)).counts).toMatchObject({ unchanged: 1 });
  });

  it('keeps the hash of a record where the row names none, and fails where there is no record', async () => {
    const store = new MemoryStore({ [keyOf('a')]: textOf('x', 'its hash') });
    const without = { passhash: undefined };
    const { told } = await run([row('a', without), row('b', without)], store);
    expect(await store.get(keyOf('a'))).toBe(textOf('a', 'its hash'));
    expect(told).toEqual([expect.stringContaining('2 failed: it has neither passhash nor password')]);
  });

  it('writes a new hash only where the password is another one', async () => {
    const store = new MemoryStore({
      [keyOf('a')]: textOf('a', 'hash of p'),
      [keyOf('b')]: textOf('x', 'hash of p'),
      [keyOf('c')]: textOf('c', 'hash of q'),
    });
    const withPassword = { passhash: undefined, password: 'p' };
    const lines = ['a', 'b', 'c'].map((id) => row(id, withPassword));
    expect((await run(lines, store)).counts).toMatchObject({ unchanged: 1, written: 2 });
    expect(store.written).toEqual([keyOf('b'), keyOf('c')]);
  });

  it('leaves records alone that are there, where it is told to', async () => {
    const store = new MemoryStore({ [keyOf('a')]: 'whatever' });
    const { told, counts } = await run([row('a'), row('b')], store, { keepExisting: true });
    expect(counts).toMatchObject({ written: 1, skipped: 1 });
    expect(told).toEqual(['1 skipped: there is a record already']);
    expect(await store.get(keyOf('a'))).toBe('whatever');
  });

  it('says of every bad row why, and writes the good ones', async () => {
    const store = new MemoryStore();
    const { told, counts } = await run([row('a'), 'nonsense', '', row('b c'), row('d')], store);
    expect(counts).toEqual({ written: 2, unchanged: 0, skipped: 0, failed: 2 });
    expect(told).toEqual([
      expect.stringMatching(/^2 failed: it is not JSON/),
      expect.stringMatching(/^4 failed: the client id contains a space/),
    ]);
  });

  it('ends at the first bad row where it is told to, with what stands before it in place', async () => {
    const store = new MemoryStore();
    const lines = [row('a'), 'nonsense', row('b')];
    await expect(run(lines, store, { strict: true })).rejects.toMatchObject({
      kind: 'data',
      code: 'row_failed',
      message: expect.stringContaining('line 2: it is not JSON'),
    });
    expect(store.written).toEqual([keyOf('a')]);
  });

  it('writes nothing in a dry run, and says the same', async () => {
    const store = new MemoryStore();
    expect((await run([row('a'), 'x'], store, { dryRun: true })).counts).toMatchObject({
      written: 1,
      failed: 1,
    });
    expect(store.written).toEqual([]);
  });

  it.each([10_000, 7])(
    'has the last of several rows of one record count, in pieces of %i',
    async (pieces) => {
      const store = new MemoryStore();
      const lines = [row('a'), row('b'), row('a', { publish_acl: ['second'] }), row('a')];
      const { told } = await run(lines, store, { pieces });
      expect(await store.get(keyOf('a'))).toBe(textOf('a'));
      expect(told.map((text) => text.split(':')[0])).toEqual(['3 written', '4 written']);
    },
  );

  it('has the store wait for what it found in place as for what it wrote', async () => {
    const store = new MemoryStore({ [keyOf('a')]: textOf('a'), [keyOf('b')]: textOf('other') });
    const waited: unknown[] = [];
    store.putAll = async (records, inPlace) => void waited.push([records.map(({ key }) => key), inPlace]);
    await run([row('a'), row('b')], store);
    expect(waited).toEqual([[[keyOf('b')], [keyOf('a')]]]);
  });

  it('never decides about a row before the one of the same record is in place', async () => {
    const store = new MemoryStore({ [keyOf('a')]: textOf('a') });
    const read = store.read.bind(store);
    // A store that is slow to write: whoever reads too soon sees what was there before.
    store.putAll = async (records) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      for (const { key, text } of records) await store.put(key, text);
    };
    store.read = read;
    await run([row('a', { publish_acl: ['other'] }), row('a')], store, { pieces: 5 });
    expect(await store.get(keyOf('a'))).toBe(textOf('a'));
  });

  it('settles its steps in order, and can go on at any of them', async () => {
    const lines = Array.from({ length: 200 }, (_, index) =>
      index % 7 === 0 ? `bad ${index}` : row(`c${index % 150}`),
    );
    const whole = new MemoryStore();
    const { taken } = await run(lines, whole, { pieces: 300 });
    const ends = taken.map(({ settled }) => settled.line);
    expect(ends).toEqual([...ends].sort((one, other) => one - other));
    expect(ends.at(-1)).toBe(201);
    for (const { settled } of taken.filter((_, index) => index % 9 === 0)) {
      const store = new MemoryStore();
      await run(lines.slice(0, settled.line - 1), store);
      await run(lines, store, { firstLine: settled.line, pieces: 300 });
      expect(store.values).toEqual(whole.values);
    }
  });

  it('ends when it is interrupted, with all that it has told in place', async () => {
    const store = new MemoryStore();
    const controller = new AbortController();
    const lines = Array.from({ length: 1000 }, (_, index) => row(`c${index}`));
    const events = steps(lines, store, { pieces: 500, signal: controller.signal });
    await events.next();
    controller.abort();
    let last = 0;
    const rest = async () => {
      for await (const step of events) last = step.settled.line;
    };
    await expect(rest()).rejects.toMatchObject({ kind: 'interrupted' });
    expect(last).toBeGreaterThan(1);
    expect(last).toBeLessThan(100);
    expect(store.values.size).toBeGreaterThanOrEqual(last - 1);
  });

  it('ends with the failure of the store, and has told no row that it did not see written', async () => {
    const store = new MemoryStore();
    const down = new Failure('unreachable', 'redis_unreachable', 'Redis is not reachable');
    let calls = 0;
    const create = store.createAll.bind(store);
    store.createAll = async (records) => {
      calls += 1;
      if (calls > 3) throw down;
      return await create(records);
    };
    const lines = Array.from({ length: 100 }, (_, index) => row(`c${index}`));
    const events = steps(lines, store, { pieces: 500 });
    let settled = 1;
    const all = async () => {
      for await (const step of events) settled = step.settled.line;
    };
    await expect(all()).rejects.toBe(down);
    for (let line = 1; line < settled; line += 1) expect(store.values.has(keyOf(`c${line - 1}`))).toBe(true);
    expect(settled).toBeGreaterThan(1);
  });
});

it('a row is no repetition of one that came to nothing', async () => {
  const store = new MemoryStore();
  const lines = [
    JSON.stringify({ client_id: 'a', username: 'u', publish_acl: ['a'] }),
    row('a'),
    row('a', { publish_acl: ['b'] }),
  ];
  const { told, counts } = await run(lines, store);
  expect(counts).toMatchObject({ written: 2, failed: 1 });
  expect(told.filter((one) => one.includes('earlier line'))).toEqual([
    expect.stringMatching(/^3 written: the same record/),
  ]);
});
