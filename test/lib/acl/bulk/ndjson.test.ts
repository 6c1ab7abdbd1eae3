import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ndjsonReader } from '../../../../src/lib/acl/bulk/ndjson.js';
import { checkRow } from '../../../../src/lib/acl/bulk/row.js';
import { readStoredRecord } from '../../../../src/lib/acl/record-json.js';

const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const row = (more: object = {}) => ({ client_id: 'c', username: 'u', passhash: PASSHASH, ...more });
const read = (line: string, given = {}) => ndjsonReader(given)(line);
const why = (fields: unknown) => {
  const reading = read(JSON.stringify(fields));
  return reading?.ok ? 'good' : reading?.why;
};

describe('a row of NDJSON', () => {
  it('is read with its key, its hash and its lists as the broker wants them', () => {
    const line = JSON.stringify(row({ publish_acl: ['a/b'], subscribe_acl: [{ pattern: 'c', max_qos: 1 }] }));
    expect(read(line)).toEqual({
      ok: true,
      row: {
        key: '["","c","u"]',
        credential: { kind: 'passhash', passhash: PASSHASH, relabelled: false },
        lists: { publish: '[{"pattern":"a/b"}]', subscribe: '[{"pattern":"c","max_qos":1}]' },
      },
    });
  });

  it('grants what is given for all where it names no list, and nothing where nothing is given', () => {
    const given = { publish: '[{"pattern":"dev/%c/#"}]' };
    const reading = read(JSON.stringify(row()), given);
    expect(reading?.ok && reading.row.lists).toEqual({ publish: given.publish, subscribe: '[]' });
    const own = read(JSON.stringify(row({ publish_acl: [] })), given);
    expect(own?.ok && own.row.lists.publish).toBe('[]');
  });

  it('keeps all digits of a number', () => {
    const text = `{"client_id":"c","username":"u","publish_acl":[{"pattern":"a","modifiers":{"properties":{"n":12345678901234567890}}}]}`;
    const reading = read(text);
    expect(reading?.ok && reading.row.lists.publish).toContain('12345678901234567890');
  });

  it('has its hash relabelled where the broker would not read it', () => {
    const reading = read(JSON.stringify(row({ passhash: PASSHASH.replace('2a', '2y') })));
    expect(reading?.ok && reading.row.credential).toEqual({
      kind: 'passhash',
      passhash: PASSHASH,
      relabelled: true,
    });
  });

  it('is none where the line is empty', () => {
    expect([read(''), read('  \t')]).toEqual([undefined, undefined]);
  });

  it.each([
    [[], 'it is not a JSON object'],
    [{ username: 'u' }, 'client_id is missing'],
    [{ client_id: 'c' }, 'username is missing'],
    [row({ client_id: 7 }), 'client_id must be a string'],
    [row({ client_id: '' }), 'the client id is empty, and no client has an empty id'],
    [row({ username: 'a b' }), 'the username contains a space, so the broker never finds the record'],
    [row({ clientid: 'x' }), 'clientid is no field of a row; did you mean client_id?'],
    [row({ password: 'p' }), 'it has both a passhash and a password'],
    [row({ passhash: 1 }), 'passhash must be a string'],
    [
      row({ passhash: '$6$abc' }),
      'the passhash is not one that the broker accepts (label $6$, 6 characters)',
    ],
    [row({ publish_acl: 'a' }), 'publish_acl must be a list'],
    [row({ publish_acl: ['a', 'a/#/b'] }), /^publish_acl\[1\]\.pattern has a # that is not its last level/],
    [row({ publish_acl: [{ pattern: 'a', maxqos: 1 }] }), /^publish_acl\[0\]\.maxqos is no field/],
    [row({ subscribe_acl: [7] }), /^subscribe_acl\[0\] must be a JSON object/],
  ])('is refused: %j', (fields, reason) => {
    expect(why(fields)).toMatch(reason);
  });

  it.each([
    ['{"client_id":"c"', /^it is not JSON/],
    ['{"client_id":"c","client_id":"d","username":"u"}', /client_id/],
    [`${'['.repeat(100_000)}`, /^it is not JSON/],
  ])('that is broken is refused, and shows no secret: %j', (line, reason) => {
    const reading = read(line);
    expect(reading?.ok === false && reading.why).toMatch(reason);
  });

  it.each([100, 3000, 4000, 5000, 6000, 20_000])('that is nested %i deep never ends an import', (depth) => {
    const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const entry = `{"pattern":"a","modifiers":{"properties":{"x":${deep}}}}`;
    const reading = read(`{"client_id":"c","username":"u","publish_acl":[${entry}]}`);
    expect(reading?.ok || reading?.why).toSatisfy(
      (result) => result === true || /nested too deeply|it is not JSON/.test(String(result)),
    );
  });

  it('is read alike in the usual way and in the general one', () => {
    const text = fc.constantFrom(
      'a',
      'b/c',
      '%c',
      '+',
      '#',
      'a/#',
      '"',
      '\\',
      ']',
      '],"subscribe_acl":[',
      'ä',
      ' ',
      '',
    );
    const entry = fc.oneof(
      text.map((pattern) => ({ pattern })),
      fc.record({ pattern: text, max_qos: fc.integer({ min: 0, max: 3 }) }),
      text,
    );
    const anyRow = fc.record({
      mountpoint: text,
      client_id: text,
      username: text,
      passhash: fc.constantFrom(PASSHASH, PASSHASH.replace('2a', '2b'), PASSHASH.slice(1)),
      publish_acl: fc.array(entry, { maxLength: 3 }),
      subscribe_acl: fc.array(entry, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(anyRow, (fields) => {
        const line = JSON.stringify(fields);
        const general = readStoredRecord(line);
        expect(read(line)).toEqual(general.ok ? checkRow(general.record, {}) : general);
      }),
      { numRuns: 2000 },
    );
  });
});
