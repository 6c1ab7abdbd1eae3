import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withMember } from '../../../src/lib/acl/member-text.js';

describe('a member of a JSON text', () => {
  it.each([
    ['{"passhash":"old","a":1}', '{"passhash":"new","a":1}'],
    ['{"a":1,"passhash":"old"}', '{"a":1,"passhash":"new"}'],
    [
      ' { "a" : 1.50 , "passhash" :\n "old" , "b" : [ ] } ',
      ' { "a" : 1.50 , "passhash" :\n "new" , "b" : [ ] } ',
    ],
    ['{"passhash":null}', '{"passhash":"new"}'],
    ['{"passhash":{"x":[1,"}"]},"a":1}', '{"passhash":"new","a":1}'],
    ['{"\\u0070asshash":"old"}', '{"\\u0070asshash":"new"}'],
    [
      '{"a":{"passhash":"inner"},"b":["passhash"],"passhash":"o\\"ld"}',
      '{"a":{"passhash":"inner"},"b":["passhash"],"passhash":"new"}',
    ],
    ['{"a":"\\"passhash\\":1","passhash":"old"}', '{"a":"\\"passhash\\":1","passhash":"new"}'],
    ['{"a":"passhash"}', '{"passhash":"new","a":"passhash"}'],
    ['{ }', '{"passhash":"new" }'],
    [
      '{"n":123456789012345678901234567890.10,"passhash":"old"}',
      '{"n":123456789012345678901234567890.10,"passhash":"new"}',
    ],
  ])('in %s gets another value, and nothing else changes', (text, changed) => {
    expect(withMember(text, 'passhash', 'new')).toBe(changed);
  });

  it('gets another value in any object, however it is spaced', () => {
    const record = fc.dictionary(
      fc.oneof(fc.constantFrom('passhash', 'a', '', '"', '\\'), fc.string()),
      fc.jsonValue(),
      { maxKeys: 5 },
    );
    fc.assert(
      fc.property(record, fc.constantFrom(undefined, 1, '\t'), fc.string(), (object, space, value) => {
        const text = JSON.stringify(object, null, space);
        const changed = withMember(text, 'passhash', value);
        expect(JSON.parse(changed)).toEqual({ ...JSON.parse(text), passhash: value });
        const back = object.passhash;
        if (typeof back === 'string') expect(withMember(changed, 'passhash', back)).toBe(text);
      }),
    );
  });
});
