import { describe, expect, it } from 'vitest';
import { type FormatName, openFormat } from '../../../../src/lib/acl/bulk/formats/format.js';
import { importRows } from '../../../../src/lib/acl/bulk/import.js';
import { BEGINNING } from '../../../../src/lib/acl/bulk/lines.js';
import type { RowReport } from '../../../../src/lib/acl/bulk/report.js';
import { MemoryStore } from '../memory-store.js';
import { inputOf } from './formats/input.js';

const HASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const HUGE = 'x'.repeat(10 * 1_048_576);
const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const NOT_UTF8 = '\u{ff}';
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** What stands between two good rows, and what is said of it. */
type Fault = readonly [what: string, text: string, why: RegExp];

interface Kind {
  readonly heading: string;
  readonly good: (id: string) => string;
  readonly keyOf: (id: string) => string;
  readonly faults: readonly Fault[];
}

const keyOf = (id: string) => `["","${id}","u"]`;
const json = (more: string) => `{"username":"u","passhash":"${HASH}",${more}}`;
const acl = (list: string) => json(`"client_id":"c","publish_acl":${list}`);
const csv = (id: string, list = '') => `${id},u,${HASH},${list}`;
const yaml = (more: string) => `- username: u\n  passhash: ${HASH}\n  ${more}`;
const password = (user: string) => `${user}:${HASH}`;
const passwordFaults: readonly Fault[] = [
  ['not UTF-8', password(`a${NOT_UTF8}`), /not UTF-8/],
  ['UTF-16', Buffer.from('bob:x', 'utf16le').toString('latin1'), /NUL/],
  ['NUL', password('a\0b'), /contains NUL/],
  ['10 MB', password(HUGE), /longer than/],
  ['a line end of its own', `${password('a')}\r${password('b')}`, /passhash/],
  ['no password', 'someone', /not username:password/],
  ['no user', ':x', /not username:password/],
];

const KINDS: Readonly<Record<FormatName, Kind>> = {
  ndjson: {
    heading: '',
    good: (id) => json(`"client_id":"${id}"`),
    keyOf,
    faults: [
      ['not UTF-8', json(`"client_id":"${NOT_UTF8}"`), /not UTF-8/],
      ['UTF-16', Buffer.from('{}', 'utf16le').toString('latin1'), /not JSON/],
      ['a byte order mark', `\u{ef}\u{bb}\u{bf}${json('"client_id":"c"')}`, /not JSON/],
      ['NUL', json('"client_id":"a\0b"'), /not JSON/],
      ['NUL, escaped', json('"client_id":"a\\u0000b"'), /contains NUL/],
      ['half a character, escaped', json('"client_id":"a\\ud800b"'), /half of a character/],
      ['half a character in a pattern', acl('["\\udc00"]'), /half of a character/],
      [
        'half a character in a password',
        '{"client_id":"c","username":"u","password":"\\ud800"}',
        /half of a character/,
      ],
      ['10 MB', json(`"client_id":"${HUGE}"`), /longer than/],
      ['deep nesting', acl(DEEP), /nested too deeply/],
      [
        'deep nesting of objects',
        acl(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
        /nested too deeply/,
      ],
      [
        'nesting that can just be read',
        acl(`[{"pattern":"a","modifiers":{"properties":${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}}}]`),
        /publish_acl\[0\] is nested too deeply/,
      ],
      ['a key twice', json('"client_id":"a","client_id":"b"'), /Duplicate key 'client_id'/],
      ['a key twice in an entry', acl('[{"pattern":"a","pattern":"b"}]'), /Duplicate key 'pattern'/],
      ['a prototype', json('"client_id":"c","__proto__":{}'), /__proto__ is no field/],
      ['a line end of its own', `${json('"client_id":"a"')}\r${json('"client_id":"b"')}`, /not JSON/],
      ['an unclosed quote', '{"client_id":"c', /not JSON/],
      ['no object', '[1]', /not a JSON object/],
    ],
  },
  csv: {
    heading: 'client_id,username,passhash,publish_acl\n',
    good: csv,
    keyOf,
    faults: [
      ['not UTF-8', csv(NOT_UTF8), /not UTF-8/],
      ['UTF-16', Buffer.from('c,u', 'utf16le').toString('latin1'), /it has 2 cells/],
      ['NUL', csv('a\0b'), /contains NUL/],
      ['10 MB', csv(HUGE), /longer than/],
      ['10 MB in quotes', csv(`"${HUGE}"`), /longer than/],
      ['deep nesting', csv('c', DEEP), /nested too deeply/],
      [
        'a key twice in an entry',
        csv('c', quoted('[{"pattern":"a","pattern":"b"}]')),
        /Duplicate key 'pattern'/,
      ],
      ['half a character, escaped', csv('c', quoted('["\\ud800"]')), /half of a character/],
      ['a line end of its own', `${csv('a')}\r${csv('b')}`, /it has 7 cells/],
      ['an unclosed quote', csv('"c'), /does not end/],
      ['a quote in a cell', csv('c"c'), /quote where none may be/],
      ['a cell too few', 'c,u', /it has 2 cells/],
      ['an unknown formula', csv('=cmd()', '=1+1'), /\+ within a level/],
    ],
  },
  yaml: {
    heading: '---\n',
    good: (id) => yaml(`client_id: ${id}`),
    keyOf,
    faults: [
      ['not UTF-8', yaml(`client_id: ${NOT_UTF8}`), /not UTF-8/],
      ['not UTF-8 at its beginning', `- client_id: ${NOT_UTF8}\n  username: u`, /not UTF-8/],
      ['UTF-16', Buffer.from('- a', 'utf16le').toString('latin1'), /belongs to no item/],
      ['NUL', yaml('client_id: "a\0b"'), /not YAML/],
      ['NUL, escaped', yaml('client_id: "a\\0b"'), /contains NUL/],
      ['half a character, escaped', yaml('client_id: "a\\ud800"'), /half of a character/],
      ['10 MB', yaml(`client_id: ${HUGE}`), /too long/],
      ['10 MB at its beginning', `- client_id: ${HUGE}\n  username: u\n  password: p`, /longer than/],
      ['deep nesting', yaml(`client_id: c\n  publish_acl: ${DEEP}`), /nested too deeply|not YAML/],
      ['deep nesting of maps', yaml(`client_id: c\n  publish_acl: ${'{a: '.repeat(100_000)}`), /not YAML/],
      ['deep nesting of lists', `- ${'- '.repeat(100_000)}a`, /not YAML/],
      [
        'aliases of aliases',
        yaml(`client_id: c\n  publish_acl:\n  - &a [x,x]\n${'  - &a [*a,*a]\n'.repeat(50)}`.trimEnd()),
        /has an alias/,
      ],
      ['a key twice', yaml('client_id: a\n  client_id: b'), /duplicated mapping key/],
      ['a prototype', yaml('client_id: c\n  __proto__: {}'), /__proto__ is no field/],
      ['an unclosed quote', yaml('client_id: "c'), /not YAML/],
      ['an unclosed list', yaml('client_id: [c'), /not YAML/],
      ['a tab', yaml('\tclient_id: c'), /not YAML/],
      ['a foreign tag', yaml('client_id: !!js/function a'), /not YAML/],
      ['what is no item', 'client_id: c', /belongs to no item/],
    ],
  },
  mosquitto: {
    heading: '# users\n',
    good: password,
    keyOf: (id) => `["","*","${id}"]`,
    faults: passwordFaults,
  },
  vmq: { heading: '', good: password, keyOf: (id) => `["","*","${id}"]`, faults: passwordFaults },
};

const bytesOf = (text: string) =>
  text.includes(NOT_UTF8) || text.includes('\u{ef}\u{bb}') || text.includes('\0')
    ? Buffer.from(text, 'latin1')
    : Buffer.from(text);

async function imported(name: FormatName, content: Buffer, strict = false) {
  const store = new MemoryStore();
  const format = await openFormat('-', { name }, {});
  const input = inputOf(content, Array(Math.ceil(content.length / 65_536)).fill(65_536));
  const reports: RowReport[] = [];
  const steps = importRows({
    store,
    batches: format.open(input, BEGINNING),
    reader: format.reader,
    firstLine: 1,
    hashing: { hash: async () => HASH, verify: async () => true },
    options: { keepExisting: false, dryRun: false, strict },
    signal: new AbortController().signal,
  });
  let failure: unknown;
  try {
    for await (const step of steps) reports.push(...step.reports);
  } catch (thrown) {
    failure = thrown;
  }
  return { keys: [...store.values.keys()], told: reports.map(({ line, why }) => `${line}: ${why}`), failure };
}

const CASES = Object.entries(KINDS).flatMap(([name, { faults }]) =>
  faults.map(([what, text, why]) => ({ name: name as FormatName, what, text, why })),
);

describe.each(CASES)('$what in $name', ({ name, text, why }) => {
  const { heading, good, keyOf } = KINDS[name];
  const content = Buffer.concat([
    bytesOf(`${heading}${good('before')}\n`),
    bytesOf(text),
    bytesOf(`\n${good('after')}\n`),
  ]);
  const line = `${heading}${good('before')}`.split('\n').length + 1;

  it('is told by its line, and the good rows before and after it are written', async () => {
    const { keys, told, failure } = await imported(name, content);
    expect(failure).toBeUndefined();
    expect(told).toEqual([expect.stringMatching(why)]);
    expect(told[0]).toMatch(new RegExp(`^${line}: `));
    expect(keys).toEqual([keyOf('before'), keyOf('after')]);
  });

  it('is the end where that is asked for', async () => {
    const { keys, failure } = await imported(name, content, true);
    expect(failure).toMatchObject({ kind: 'data', code: 'row_failed', details: { line } });
    expect(keys).toEqual([keyOf('before')]);
  });
});

describe.each(Object.entries(KINDS) as [FormatName, Kind][])(
  'an input of %s',
  (name, { heading, good, keyOf }) => {
    const both = [keyOf('a'), keyOf('b')];

    it.each([
      ['begins with a byte order mark', `\u{feff}${heading}${good('a')}\n${good('b')}\n`],
      ['has returns in its line ends', `${heading}${good('a')}\n${good('b')}\n`.replaceAll('\n', '\r\n')],
      ['does not end its last line', `${heading}${good('a')}\n${good('b')}`],
      ['has empty lines', `${heading}\n${good('a')}\n\n\n${good('b')}\n\n`],
    ])('that %s is read', async (_what, text) => {
      expect(await imported(name, Buffer.from(text))).toEqual({ keys: both, told: [], failure: undefined });
    });

    it('that has a record twice tells so, and the last counts', async () => {
      const { keys, told } = await imported(name, Buffer.from(`${heading}${good('a')}\n${good('a')}\n`));
      expect(keys).toEqual([keyOf('a')]);
      expect(told).toEqual([expect.stringMatching(/^\d+: the same record came in an earlier line/)]);
    });

    it('of UTF-16 is refused as a whole', async () => {
      const { keys, failure } = await imported(name, Buffer.from(`\u{feff}${good('a')}\n`, 'utf16le'));
      expect(keys).toEqual([]);
      expect(failure).toMatchObject({ kind: 'data', code: 'utf16' });
    });

    it('that is empty has no rows', async () => {
      const { keys, told, failure } = await imported(name, Buffer.alloc(0));
      expect({ keys, told }).toEqual({ keys: [], told: [] });
      expect(failure).toEqual(name === 'csv' ? expect.objectContaining({ code: 'bad_header' }) : undefined);
    });

    it('takes what looks like a formula for text', async () => {
      const names = ['=cmd()', '+1', '-1', '@x', '\t=1'];
      const rows = names.map((id) =>
        good(name === 'yaml' || name === 'ndjson' ? JSON.stringify(id).slice(1, -1) : id),
      );
      const text = `${heading}${rows.map((row) => `${row}\n`).join('')}`;
      const quoted = name === 'yaml' ? text.replaceAll(/client_id: (.*)/g, 'client_id: "$1"') : text;
      const { keys, told } = await imported(name, Buffer.from(quoted));
      expect({ keys, told }).toEqual({
        keys: names.map((id) => keyOf(JSON.stringify(id).slice(1, -1))),
        told: [],
      });
    });
  },
);
