import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBrokerJson, readLeniently } from '../../../../src/lib/acl/authorize/broker-json.js';

const remarksOf = (text: string) => {
  const remarks: string[] = [];
  const reading = readLeniently(text, (what) => remarks.push(what));
  return { reading, remarks };
};

describe("the broker's JSON", () => {
  it('is JSON, read alike quickly and a character at a time', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        expect(readBrokerJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
        expect(remarksOf(text)).toEqual({ reading: { ok: true, value: JSON.parse(text) }, remarks: [] });
      }),
    );
  });

  it.each([
    ['\uFEFF{"a":1}', { a: 1 }, 'a byte-order mark'],
    ['{"a":[1,2,],}', { a: [1, 2] }, 'a comma after the last item'],
    ["{'a':'\"b'}", { a: '"b' }, 'single quotes'],
    ['/*x*/{"a"/**/:1}//y', { a: 1 }, 'a comment'],
    ['/* /* nested */ */{"a":1}', { a: 1 }, 'a comment'],
    ['{"a":1}/* not closed', { a: 1 }, 'a comment'],
    ['{"a":"x\\qy\\u12"}', { a: 'x\\qy\\u12' }, 'an unknown escape'],
    ['{"a":1,"a":2}', { a: 2 }, 'the member "a" twice'],
  ])('may be %j', (text, value, remark) => {
    expect(readBrokerJson(text)).toEqual({ ok: true, value });
    expect(remarksOf(text).remarks).toContain(remark);
  });

  it.each([
    ['{"a":"x\ny"}', { a: 'x\ny' }],
    ['{"a":"\\ud83d\\ude00"}', { a: '😀' }],
    ['{"a":"\\ud83dx\\udc00"}', { a: '\uFFFDx\uFFFD' }],
    ['{"a":"\\ud83d\\u0041"}', { a: '\uFFFD\uFFFD' }],
    ['{"__proto__":1}', Object.fromEntries([['__proto__', 1]])],
  ])('reads %j as %j', (text, value) => {
    expect(readBrokerJson(text)).toEqual({ ok: true, value });
  });

  it.each([
    '',
    ' ',
    '{',
    '{"a"',
    '{"a":}',
    '{a:1}',
    '[,1]',
    '[1,,2]',
    '{"a":1}{"a":1}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":1e400}',
    '{"a":-}',
    '{"a":"\\ud83d\\n"}',
    '{"a":"x',
    '// /* */\n{"a":1}',
    '{"a":1 // x',
    '/* not closed {"a":1}',
    '/x{"a":1}',
    '['.repeat(100_000),
    "{'a':1}".repeat(2),
  ])('is not %.30j', (text) => {
    const reading = readBrokerJson(text);
    expect(reading.ok).toBe(false);
    expect(reading).toEqual(remarksOf(text).reading);
  });

  it('says where it breaks, and nothing of what it holds', () => {
    expect(readBrokerJson('{"passhash":"$2a$secret"!')).toEqual({
      ok: false,
      reason: 'it is not JSON: unexpected at character 25',
    });
  });
});
