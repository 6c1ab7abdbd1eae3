import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from '../../../../src/lib/acl/bulk/lines.js';
import { ndjsonReader } from '../../../../src/lib/acl/bulk/ndjson.js';
import { passhashEnd, sourceOf } from '../../../../src/lib/acl/bulk/pack/bytes.js';
import { ListTable } from '../../../../src/lib/acl/bulk/pack/list-table.js';
import { Packer } from '../../../../src/lib/acl/bulk/pack/packer.js';
import { recordText } from '../../../../src/lib/acl/bulk/settle.js';
import { isUsablePasshash } from '../../../../src/lib/acl/passhash.js';
import { readArguments } from '../memory-store.js';

const HASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const row = (more: object = {}) => ({ client_id: 'c', username: 'u', passhash: HASH, ...more });
const entry = (pattern: unknown, more: object = {}) => ({ publish_acl: [{ pattern, ...more }] });

function packerOf(given = {}): Packer {
  const packer = new Packer(given);
  packer.lists = new ListTable(given);
  return packer;
}

/** Keys and texts of the records; undefined where the lines are not packed. */
function packed(lines: readonly string[], packer = packerOf()): string[] | undefined {
  const page = packer.pack([Buffer.from(lines.map((line) => `${line}\n`).join(''))]);
  const found = page && readArguments(page.asCommand('MSETNX')).slice(1);
  page?.release();
  return found;
}

/** The same by the general way; undefined where one is no good row, or has no passhash that stays as it is. */
function general(lines: readonly string[], given = {}): string[] | undefined {
  const read = ndjsonReader(given);
  const found = lines.map((line) => {
    const reading = read(line);
    if (!reading?.ok || reading.row.credential.kind !== 'passhash') return undefined;
    const { key, credential, lists } = reading.row;
    return credential.relabelled ? undefined : [key, recordText(credential.passhash, lists)];
  });
  return found.every((one) => one !== undefined) ? found.flat() : undefined;
}

/** What may stand at a value's place: mostly good, and all that a careless scanner could take for good. */
const name = fc.oneof(
  { weight: 12, arbitrary: fc.stringMatching(/^[a-z0-9:._*-]{1,8}$/) },
  fc.constantFrom('', ' ', 'a b', '"', '\\', '}', ',', 'é', '\u2028', '\u0000', '\ud800', '#'),
  fc.string(),
);
const pattern = fc.oneof(
  fc.array(fc.constantFrom('a', '+', '#', '%c', '$share', '', 'a#', 'b+', ' ', '\\', '"', ']', 'ü'), {
    minLength: 1,
    maxLength: 12,
  }),
  { weight: 4, arbitrary: fc.constantFrom(['dev', '%c', '#'], ['cmd', '+', '%u'], ['a']) },
);
const list = fc.array(
  fc.oneof(
    fc.record(
      {
        pattern: pattern.map((levels) => levels.join('/')),
        max_qos: fc.constantFrom(0, 1, 2, 0, 1, 2, 3, '1', null),
        allowed_retain: fc.boolean(),
      },
      { requiredKeys: ['pattern'] },
    ),
    pattern.map((levels) => levels.join('/')),
  ),
  { maxLength: 3 },
);
const passhash = fc.oneof(
  { weight: 20, arbitrary: fc.constant(HASH) },
  fc
    .tuple(fc.nat(59), fc.constantFrom('$', 'z', '"', '0', '9', ' '))
    .map(([at, with_]) => HASH.slice(0, at) + with_ + HASH.slice(at + 1)),
  fc.constantFrom(HASH.replace('2a', '2y'), `${HASH}x`, HASH.slice(1), ''),
);
const fields = fc.record(
  {
    mountpoint: name,
    client_id: name,
    username: name,
    passhash,
    publish_acl: fc.oneof({ weight: 20, arbitrary: list }, fc.constantFrom('x', null, 7, {}, [[]])),
    subscribe_acl: list,
    password: fc.constant('p'),
    more: fc.constant(1),
  },
  { requiredKeys: ['client_id', 'username', 'passhash'] },
);
/** The same members, in any order, spaced and broken in any way. */
const line = fc
  .tuple(
    fields,
    fc.infiniteStream(fc.nat(99)),
    fc.constantFrom(0, 0, 1, 2),
    fc.constantFrom('', '', '', '', '\r', ' ', 'x', '}'),
  )
  .map(([members, dice, spaces, end]) => {
    const { more: _, password: __, ...usual } = members;
    const kept = (dice.next().value ?? 0) < 80 ? usual : members;
    const shuffled = Object.entries(kept).map((one) => [dice.next().value ?? 0, one] as const);
    const sorted = shuffled.sort(([first], [second]) => first - second).map(([, one]) => one);
    const text = JSON.stringify(Object.fromEntries(sorted), null, spaces).replace(
      /\n */g,
      spaces === 1 ? ' ' : '',
    );
    const cut = (dice.next().value ?? 0) < 3 ? text.slice(0, 2 * (dice.next().value ?? 0)) : text;
    return cut + end;
  });

/** The pieces stand one behind the other, as in what was read at once. */
async function* cutAt(bytes: Buffer, places: readonly number[]): AsyncGenerator<Buffer> {
  const ends = [...places, bytes.length].sort((one, other) => one - other);
  for (const [index, end] of ends.entries()) yield bytes.subarray(ends[index - 1] ?? 0, end);
}

describe('lines that are packed', () => {
  it('come to what the general way makes of them, and none that it refuses is packed', () => {
    let count = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), (lines) => {
        const found = packed(lines);
        if (!found) return;
        count += 1;
        expect(found).toEqual(general(lines));
      }),
      { numRuns: 1500 },
    );
    // A packer that takes nothing would be right, too.
    expect(count).toBeGreaterThan(20);
  });

  it('come to the same whatever bytes they have, and wherever the input is cut', async () => {
    const good = [row(entry('dev/%c/#', { max_qos: 1 })), row(entry('a/+', { allowed_retain: true })), row()];
    const text = good.map((one) => `${JSON.stringify(one)}\n`).join('');
    // Mostly what means something to a reader of JSON, of patterns or of UTF-8.
    const byte = fc.constantFrom(...'\0\n\r "\\[]{},#+/$0\x7f\xc3\xff');
    const changes = fc.array(fc.tuple(fc.nat(text.length - 1), byte), { maxLength: 2 });
    const cuts = fc.array(fc.nat(text.length), { maxLength: 3 });
    let count = 0;
    const isAlike = async (changed: [number, string][], places: number[]) => {
      const bytes = Buffer.from(text);
      for (const [at, code] of changed) bytes.write(code, at, 'latin1');
      const packer = packerOf();
      const pack = (pieces: readonly Buffer[]) => packer.pack(pieces);
      for await (const { packed, texts } of readLines(cutAt(bytes, places), undefined, undefined, pack)) {
        if (!packed) continue;
        count += 1;
        expect(readArguments(packed.asCommand('MSETNX')).slice(1)).toEqual(general(texts));
        packed.release();
      }
    };
    await fc.assert(fc.asyncProperty(changes, cuts, isAlike), { numRuns: 500 });
    expect(count).toBeGreaterThan(20);
  });

  it.each([
    ['with all members', row({ mountpoint: 'm', ...entry('dev/%c/#', { max_qos: 1 }), subscribe_acl: [] })],
    ['without lists', row()],
    ['in another order', { subscribe_acl: ['a/b'], passhash: HASH, username: 'u', client_id: 'c' }],
    ['with a list that is not usual', row(entry('a', { allowed_retain: false, max_payload_size: 5 }))],
    ['with several entries', row({ publish_acl: [{ pattern: 'a/+/b' }, { pattern: '+', max_qos: 2 }] })],
  ])('are those %s, spaced as any program does it', (_, fields) => {
    for (const text of [JSON.stringify(fields), JSON.stringify(fields, null, 1).replace(/\n */g, ' ')])
      for (const end of ['', '\r']) {
        expect(packed([`${text}${end}`, `${text}${end}`])).toEqual(general([text, text]));
      }
  });

  it('may have several layouts in one file', () => {
    const lines = [row(), row({ mountpoint: 'm' }), row(entry('a')), row()].map((one) => JSON.stringify(one));
    expect(packed(lines)).toEqual(general(lines));
  });

  it('have the lists that are given where they name none', () => {
    const given = { publish: '[{"pattern":"dev/%c/#"}]', subscribe: '[{"pattern":"cmd/%c/#"}]' };
    const lines = [row(entry('own')), row(), row({ subscribe_acl: [] })].map((one) => JSON.stringify(one));
    expect(packed(lines, packerOf(given))).toEqual(general(lines, given));
  });

  it('keep to the depth of topics that the brokers have', () => {
    const lines = [JSON.stringify(row(entry('a/b/c')))];
    expect(packed(lines, packerOf({ topicMaxDepth: 3 }))).toEqual(general(lines));
    expect(packed(lines, packerOf({ topicMaxDepth: 2 }))).toBeUndefined();
  });

  it.each(['a#', '#a', '+a', 'a+', 'a/b#', 'a/#/b', '+/b+/c', '#/', '$share/g', '', '\0', 'a/'.repeat(10)])(
    'are none with the pattern %j, which the broker rejects, in either list',
    (pattern) => {
      const usual = row({ publish_acl: [{ pattern: 'a/+/#' }], subscribe_acl: [{ pattern: '+' }] });
      expect(packed([JSON.stringify(usual)])).toHaveLength(2);
      for (const list of ['publish_acl', 'subscribe_acl'])
        expect(packed([JSON.stringify({ ...usual, [list]: [{ pattern }] })])).toBeUndefined();
    },
  );

  it.each([
    ['a member twice', `{"client_id":"c","client_id":"d","username":"u","passhash":"${HASH}"}`],
    ['an unknown member', JSON.stringify(row({ more: 1 }))],
    ['a password', JSON.stringify({ client_id: 'c', username: 'u', password: 'p' })],
    ['no client id', JSON.stringify(row({ client_id: '' }))],
    ['a space in a name', JSON.stringify(row({ username: 'a b' }))],
    ['a name that is longer than MQTT allows', JSON.stringify(row({ username: 'x'.repeat(65_536) }))],
    ['another label of its hash', JSON.stringify(row({ passhash: HASH.replace('2a', '2b') }))],
    ['a cost that no hash has', JSON.stringify(row({ passhash: HASH.replace('$04$', '$03$') }))],
    ['an end that is missing', JSON.stringify(row()).slice(0, -1)],
    ['nothing', ''],
  ])('are none with %s', (_, text) => {
    expect(packed([JSON.stringify(row()), text])).toBeUndefined();
  });

  it.each([HASH, HASH.replace('$04$', '$31$')])(
    'have a hash that the broker can use, to the byte',
    (hash) => {
      for (let at = 0; at < hash.length; at += 1)
        for (let code = 0; code < 128; code += 1) {
          const other = hash.slice(0, at) + String.fromCharCode(code) + hash.slice(at + 1);
          const isTaken = passhashEnd(sourceOf(Buffer.from(`${other}"`)), 0) === hash.length;
          if (isTaken !== isUsablePasshash(other)) expect.fail(`byte ${code} at ${at}: taken: ${isTaken}`);
        }
    },
  );

  it('leave room for lists that are much longer than the lines', () => {
    const publish = `[${Array.from({ length: 9000 }, (_, at) => `{"pattern":"a/${at}"}`).join(',')}]`;
    const lines = Array.from({ length: 20 }, (_, at) => JSON.stringify(row({ client_id: `c${at}` })));
    expect(packed(lines, packerOf({ publish }))).toEqual(general(lines, { publish }));
  });

  it('are read anew on every page, whatever stood in the same place of the page before', () => {
    const packer = packerOf();
    const [good, bad] = ['a/b', 'a#b'].map((one) => JSON.stringify(row(entry(one))));
    expect(packed([good ?? '', good ?? ''], packer)).toHaveLength(4);
    expect(packed([bad ?? '', bad ?? ''], packer)).toBeUndefined();
    expect(packed([good ?? '', bad ?? ''], packer)).toBeUndefined();
  });

  it('are read where they stand, also at the very end of what there is', () => {
    const text = `${JSON.stringify(row(entry('a')))}\n`;
    const tight = Buffer.from(new ArrayBuffer(text.length));
    tight.write(text);
    const page = packerOf().pack([tight]);
    expect(page?.count).toBe(1);
  });
});
