import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportRecords } from '../../../../src/lib/acl/bulk/export.js';
import { EXPORT_FORMATS, type ExportFormat, rowWriter } from '../../../../src/lib/acl/bulk/formats/write.js';
import { importRows } from '../../../../src/lib/acl/bulk/import.js';
import { BEGINNING } from '../../../../src/lib/acl/bulk/lines.js';
import { recordKey } from '../../../../src/lib/acl/key.js';
import { writeExport } from '../../../../src/lib/cli/acl-export-output.js';
import { MemoryStore } from '../memory-store.js';
import { formatOf, inputOf } from './formats/input.js';

const HASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const never = new AbortController().signal;

/** The text of an export, and why records are not in it. */
async function exported(store: MemoryStore, format: ExportFormat) {
  const pages = exportRecords(store, {}, {}, never);
  const texts: string[] = [];
  const told: string[] = [];
  const out = {
    once: () => out,
    write: (text: string, done: () => void) => {
      texts.push(text);
      done();
    },
  } as unknown as NodeJS.WritableStream;
  const left = await writeExport(pages, rowWriter(format), { out }, async (text) => void told.push(text));
  return { text: texts.join(''), told, left };
}

/** What an import makes of a text. */
async function imported(text: string, name: ExportFormat) {
  const store = new MemoryStore();
  const format = await formatOf(name);
  const whys: string[] = [];
  for await (const { reports } of importRows({
    store,
    batches: format.open(inputOf(text, [7, 1, 1000]), BEGINNING),
    reader: format.reader,
    firstLine: 1,
    hashing: { hash: async () => '', verify: async () => false },
    options: { keepExisting: false, dryRun: false, strict: false },
    signal: never,
  }))
    whys.push(...reports.map(({ line, why }) => `${line}: ${why}`));
  return { store, whys };
}

const textOf = (record: unknown) => JSON.stringify(record);
const good = (more: object = {}) => textOf({ passhash: HASH, subscribe_acl: [], publish_acl: [], ...more });
const keyOf = (clientId: string) => recordKey({ mountpoint: '', clientId, username: 'u' });

describe.each(EXPORT_FORMATS)('an export to %s', (format) => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
    fc
      .array(
        fc.constantFrom(
          'a',
          '"',
          ',',
          '\n',
          '\r',
          '\t',
          "'",
          '- ',
          '#',
          ':',
          '=',
          '\\',
          '{',
          '\u2028',
          '\x7f',
          '\ufeff',
          '*',
        ),
        {
          minLength: 1,
          maxLength: 5,
        },
      )
      .map((parts) => parts.join('')),
  );
  const pattern = fc.oneof(name, fc.constantFrom('a/#', '+/b', 'a;b', '[', '%c/x', ' a ', '-'));
  const json = fc.jsonValue({ maxDepth: 3 });
  const entry = fc.oneof(
    fc.record({ pattern }),
    fc.record({ pattern, max_qos: fc.constantFrom<unknown>(0, 1, 2, 3, '1') }),
    fc.record({ pattern, modifiers: fc.record({ properties: fc.dictionary(name, json) }) }),
  );
  const record = fc.record(
    {
      passhash: fc.constantFrom<unknown>(HASH, HASH, HASH, HASH.replace('2a', '2b'), 'x', 7),
      publish_acl: fc.array(entry, { maxLength: 3 }),
      subscribe_acl: fc.array(fc.record({ pattern }), { maxLength: 2 }),
      extra: json,
    },
    { requiredKeys: [] },
  );
  const mostly = fc.record({
    passhash: fc.constant(HASH),
    publish_acl: fc.array(entry),
    subscribe_acl: fc.constant([]),
  });
  const anyText = fc.oneof(
    { weight: 3, arbitrary: mostly.map(textOf) },
    record.map(textOf),
    fc.constantFrom('', '[]', '{'),
  );
  const anyKey = fc
    .tuple(name, name, name)
    .map(([mountpoint, clientId, username]) => recordKey({ mountpoint, clientId, username }));
  const records = fc.dictionary(anyKey, anyText, { maxKeys: 8 });

  it('is what an import gives back, and tells of all else', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(records, async (texts) => {
        const store = new MemoryStore(texts);
        const { text, told, left } = await exported(store, format);
        const back = await imported(text, format);
        expect(back.whys).toEqual([]);
        expect(back.store.values.size).toBe(store.values.size - left);
        expect(told.filter((line) => line.includes(' is not exported: ')).length).toBe(left);
        for (const [key, value] of back.store.values) {
          if (value.kind !== 'text') throw new Error('no text');
          const read: unknown = JSON.parse(value.text);
          expect(read).toEqual({ publish_acl: [], subscribe_acl: [], ...JSON.parse(texts[key] ?? '') });
          count += 1;
        }
        expect((await exported(back.store, format)).text.length).toBe(text.length);
      }),
      { numRuns: 120 },
    );
    expect(count).toBeGreaterThan(50);
  });

  it('keeps all digits of a number, and what an object has under any name', async () => {
    const list =
      '[{"pattern":"a","modifiers":{"properties":{"n":12345678901234567890,"m":1.50,"__proto__":{}}}}]';
    const store = new MemoryStore({ [keyOf('c')]: `{"passhash":"${HASH}","publish_acl":${list}}` });
    const { store: back } = await imported((await exported(store, format)).text, format);
    expect(await back.get(keyOf('c'))).toContain(`"publish_acl":${list}`);
  });

  it('leaves out what an import would take for too long', async () => {
    const patterns = Array.from({ length: 20_000 }, (_, index) => ({
      pattern: `${index}/${'x'.repeat(50)}`,
    }));
    const store = new MemoryStore({ [keyOf('c')]: good({ publish_acl: patterns }), [keyOf('d')]: good() });
    const { text, told } = await exported(store, format);
    expect(told[0]).toBe(
      `warning: ${keyOf('c')} is not exported: its row would be longer than an import takes`,
    );
    expect((await imported(text, format)).store.values.size).toBe(1);
  });
});

describe('an export to CSV', () => {
  const ids = ['=cmd()', '+1', '-1', '@x', '\t=1', 'a=1'];
  const texts = Object.fromEntries(
    ids.map((id) => [recordKey({ mountpoint: '', clientId: id, username: 'u' }), good()]),
  );

  it('tells of names that a spreadsheet computes, and has them to the byte all the same', async () => {
    const { text, told } = await exported(new MemoryStore(texts), 'csv');
    expect(told[0]).toMatch(/^warning: 5 rows have names that a spreadsheet would take for formulas/);
    expect((await imported(text, 'csv')).store.values).toEqual(new MemoryStore(texts).values);
    expect((await exported(new MemoryStore(texts), 'yaml')).told).toHaveLength(1);
  });
});

/** An object of so many levels. */
function deep(levels: number): object {
  let value = {};
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
}

describe('a record that no row can be', () => {
  it.each([
    ['{"passhash"', /^it is not JSON/],
    ['[]', /^it is not a JSON object/],
    [good({ note: 'x' }), /^it has a member that no row has: "note"$/],
    [good({ client_id: 'x' }), /^it has a member that no row has/],
    [good({ passhash: HASH.replace('2a', '2b') }), /^its passhash would become \$2a\$/],
    [good({ passhash: 'secret' }), /^the passhash is not one that the broker accepts/],
    ['{"publish_acl":[]}', /^it has no passhash$/],
    [good({ publish_acl: ['a'] }), /^an import would change it$/],
    [good({ publish_acl: [{ pattern: 'a', note: 1 }] }), /^publish_acl\[0\]\.note is no field/],
    [good({ publish_acl: 'a' }), /^publish_acl must be a list/],
    [good({ publish_acl: [deep(3000)] }), /^publish_acl\[0\] is nested too deeply$/],
    [`{"passhash":"","passhash":"${HASH}"}`, /^it is not JSON: Duplicate key/],
  ])('is told: %s', async (text, why) => {
    const pages = exportRecords(new MemoryStore({ [keyOf('c')]: text }), {}, {}, never);
    for await (const { rows, leftOut } of pages) {
      expect(rows).toEqual([]);
      expect(leftOut).toEqual([{ key: keyOf('c'), why: expect.stringMatching(why) }]);
    }
  });

  it('is told of keys that no broker asks for, and of what is no text', async () => {
    const store = new MemoryStore({ '["", "c", "u"]': good() });
    store.values.set(keyOf('a'), { kind: 'wrong-type', type: 'list' });
    store.values.set(keyOf('b'), { kind: 'not-utf8' });
    const { told, left } = await exported(store, 'ndjson');
    expect(left).toBe(3);
    expect(told.map((line) => line.split(': ').at(-1))).toEqual(
      expect.arrayContaining([
        'it is a Redis list, not a string',
        'it is not UTF-8',
        '0 records exported, 3 left out',
      ]),
    );
  });
});
