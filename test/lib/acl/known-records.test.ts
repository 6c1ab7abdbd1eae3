import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JudgedRecord, KnownRecords } from '../../../src/lib/acl/known-records.js';
import { readShownRecord } from '../../../src/lib/acl/record-json.js';
import { recordProblems } from '../../../src/lib/acl/schema.js';

const GOOD = [
  '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC',
  '$2a$10$8b8q66nnYpqzqZ5XimnLSe8QfI1GiKO17VPWeQWFyJv6FuY41fJLu',
];
const passhash = fc.constantFrom(
  ...GOOD,
  GOOD[0]?.replace('$2a$', () => '$2b$'),
  'x',
  5,
  null,
);
const pattern = fc.constantFrom<unknown>('a', '%c/#', 'a#', '', '$share/x', 'ü/+', 5, null);
const odd = fc.constantFrom<unknown>(
  0,
  1,
  2,
  3,
  1.5,
  -1,
  '1',
  true,
  false,
  null,
  [],
  {},
  268_435_456,
  268_435_457,
);
const entry = fc.oneof(
  fc.record(
    { pattern, max_qos: odd, max_payload_size: odd, allowed_retain: odd, modifiers: odd, other: odd },
    { requiredKeys: ['pattern'] },
  ),
  fc.record({ pattern }),
  odd,
);
const list = fc.oneof(fc.array(entry, { maxLength: 3 }), odd);
const record = fc.record(
  { passhash, subscribe_acl: list, publish_acl: list, other: odd },
  { requiredKeys: ['passhash'] },
);

/** The schema alone: with this depth nothing is judged at a glance. */
const judgedBySchema = (value: unknown) => recordProblems(value, 11);

/** Without what it shares with others, which must be all of it but the passhash. */
function judged(read: JudgedRecord) {
  if ('reason' in read || !read.shared) return read;
  const { shared, ...rest } = read;
  expect(rest.record).toEqual({ passhash: rest.record.passhash, ...shared });
  return rest;
}

describe('records that are read at a glance', () => {
  it('are read and judged as each by itself, whatever was read before', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(undefined, 1),
        (records, space) => {
          const known = new KnownRecords();
          for (const one of [...records, ...records]) {
            const text = JSON.stringify(one, null, space);
            const reading = readShownRecord(text);
            if (!reading.ok) throw new Error(reading.reason);
            expect(judged(known.read(text))).toEqual({
              record: reading.record,
              problems: judgedBySchema(reading.record),
            });
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['}', '{"passhash":"HASH"'],
    [',"publish_acl":[]}', '{"passhash":"HASH","publish_acl":[]}x'],
    [',"passhash":"x"}', '{"passhash":"HASH","passhash":"x"}'],
    [`,"passhash":"${GOOD[1]}"}`, `{"passhash":"HASH","passhash":"${GOOD[1]}"}`],
  ])('are no others that only begin so: %s', (rest, text) => {
    const known = new KnownRecords();
    for (const other of [GOOD[1], GOOD[0]]) {
      known.read(`{"passhash":"${other}"${rest}`);
      const own = text.replace('HASH', () => GOOD[0] ?? '');
      const reading = readShownRecord(own);
      const expected = reading.ok
        ? { record: reading.record, problems: judgedBySchema(reading.record) }
        : { reason: reading.reason };
      expect(judged(known.read(own))).toEqual(expected);
    }
  });
});
