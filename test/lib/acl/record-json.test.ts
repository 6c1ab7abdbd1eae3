import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatRecord,
  readShownRecord,
  readStoredRecord,
  requireRecord,
  toPlain,
} from '../../../src/lib/acl/record-json.js';

const rewritten = (text: string) => formatRecord(requireRecord('key', readStoredRecord(text)));

describe('the text of a record', () => {
  it.each([
    '{"n":12345678901234567890,"f":1.10,"e":1e400,"z":-0}',
    '{"__proto__":{"a":1},"constructor":2,"toString":null}',
    '{"passhash":"\\u2028","nested":[[{"a":[]}],{}]}',
    '{}',
  ])('survives being read and written: %s', (text) => {
    expect(rewritten(text)).toBe(text.replace('\\u2028', '\u2028'));
  });

  it('survives with any JSON object in it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        const text = JSON.stringify(record);
        expect(JSON.parse(rewritten(text))).toEqual(JSON.parse(text));
        const shown = readShownRecord(text);
        expect(shown.ok).toBe(true);
        // Very long numbers may be shown as strings.
        if (shown.ok && !/[\d.]{16}|\de/.test(text)) expect(shown.record).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each(['', '{', '[]', 'null', '"x"', '5', '{"a":1}x', '\ufeff{}', "{'a':1}", '{"a":1,}'])(
    'is broken when it is %j',
    (text) => {
      expect(readStoredRecord(text)).toMatchObject({ ok: false });
      expect(readShownRecord(text)).toMatchObject({ ok: false });
      expect(() => requireRecord('["","a","b"]', readStoredRecord(text))).toThrow(
        expect.objectContaining({
          kind: 'data',
          code: 'broken_record',
          message: expect.stringMatching(/^the record \["","a","b"\] is broken: it is not /),
        }),
      );
    },
  );

  it('with a member twice is not written again, and read as the broker reads it', () => {
    expect(readStoredRecord('{"a":1,"a":2}')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('Duplicate key'),
    });
    expect(readShownRecord('{"a":1,"a":2}')).toEqual({ ok: true, record: { a: 2 } });
    expect(readShownRecord('{"a":1,"a":12345678901234567890}')).toEqual({
      ok: true,
      record: { a: '12345678901234567890' },
    });
  });

  it('is never quoted when it is broken', () => {
    for (const read of [readStoredRecord, readShownRecord]) {
      expect(JSON.stringify(read('{"passhash":"S3CRET",,}'))).not.toContain('S3CRET');
      expect(JSON.stringify(read('S3CRET'))).not.toContain('S3CRET');
    }
  });

  it('nested deeper than the stack is broken, not fatal', () => {
    expect(readStoredRecord('['.repeat(200_000)).ok).toBe(false);
  });
});

describe('ordinary numbers', () => {
  it('take the place of exact ones where they say the same', () => {
    const reading = readStoredRecord('{"a":1.10,"b":[1e2,{"c":-5}],"d":12345678901234567890}');
    expect(reading.ok && toPlain(reading.record)).toEqual({
      a: 1.1,
      b: [100, { c: -5 }],
      d: '12345678901234567890',
    });
  });
});
