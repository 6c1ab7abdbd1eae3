import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertUsableName,
  canonicalKey,
  parseRecordKey,
  type RecordName,
  recordKey,
} from '../../../src/lib/acl/key.js';
import { goldenCases, nameOf, recordsOf } from './golden.js';

const name = (clientId: string, username = 'u', mountpoint = ''): RecordName => ({
  mountpoint,
  clientId,
  username,
});
const anyName = fc.record({
  mountpoint: fc.string({ unit: 'binary' }),
  clientId: fc.string({ unit: 'binary' }),
  username: fc.string({ unit: 'binary' }),
});

describe('a record key', () => {
  it('is byte for byte the key under which the broker found each recorded client', () => {
    const found = goldenCases('2.1.2').filter(
      ({ id, decision }) => id.includes('specific record, jsx key') && decision === 'allow',
    );
    expect(found.length).toBeGreaterThan(30);
    expect(found.map((one) => recordKey(nameOf(one)))).toEqual(found.map((one) => recordsOf(one)[0]?.rawKey));
  });

  it.each([
    [name('1528361231', '101'), '["","1528361231","101"]'],
    [name('a"b\\c/d', 'é😀'), '["","a\\"b\\\\c/d","é😀"]'],
    [name('\b\f\n\r\t\u0001\u001f\u007f'), '["","\\b\\f\\n\\r\\t\\u0001\\u001f\u007f","u"]'],
    [name('\u2028', '\u2029', 'm'), '["m","\\u2028","\\u2029"]'],
    [name('a\ud800b', '\udc00'), '["","a\ufffdb","\ufffd"]'],
  ])('of %j is %s', (given, key) => {
    expect(recordKey(given)).toBe(key);
  });

  it('names what it was made of', () => {
    fc.assert(
      fc.property(anyName, (given) => {
        expect(parseRecordKey(recordKey(given))).toEqual(given);
      }),
    );
  });

  it.each([
    '["", "a","b"]',
    '["","a","b"] ',
    '["","a"]',
    '["","a",1]',
    '["","a","b","c"]',
    '["","\\u0061","b"]',
    '["","\\/","b"]',
    '["","\u2028","b"]',
    '{}',
    '[',
    '',
  ])('is not %j', (key) => {
    expect(parseRecordKey(key)).toBeUndefined();
  });

  it('has a right spelling when it is spelt wrong', () => {
    expect(canonicalKey('["", "a\\/b", "\u2028"]')).toBe('["","a/b","\\u2028"]');
    expect(canonicalKey('["a","b"]')).toBeUndefined();
  });
});

describe('a name', () => {
  it.each([name('*'), name('a', ''), name('a\tb'), name('%c'), name('+'), name('é\u00a0')])(
    'like %j can be used',
    (given) => {
      expect(() => assertUsableName(given)).not.toThrow();
    },
  );

  it.each([
    [name('a b'), 'client id'],
    [name(''), 'client id'],
    [name('a\0'), 'client id'],
    [name('x'.repeat(65_536)), 'client id'],
    [name('a', 'b c'), 'username'],
    [name('a', 'b', ' '), 'mountpoint'],
  ])('that the broker never finds is refused', (given, part) => {
    expect(() => assertUsableName(given)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'unusable_name',
        message: expect.stringContaining(`the ${part} `),
      }),
    );
  });

  it('was found by the broker where it is accepted, and not where it is refused', () => {
    const specific = goldenCases('2.1.2').filter(
      ({ id }) => id.includes('specific record, jsx key') && !/c{100}/.test(id),
    );
    for (const one of specific) {
      const check = expect(() => assertUsableName(nameOf(one)));
      if (one.decision === 'allow') check.not.toThrow();
      else check.toThrow();
    }
  });
});
