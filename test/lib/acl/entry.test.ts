import { describe, expect, it } from 'vitest';
import { readEntries } from '../../../src/lib/acl/entry.js';
import { formatRecord } from '../../../src/lib/acl/record-json.js';
import { recordProblems } from '../../../src/lib/acl/schema.js';
import type { Failure } from '../../../src/lib/failure.js';

const publish = (...texts: string[]) =>
  readEntries(texts, { flag: '--publish', list: 'publish_acl', action: 'publish', maxDepth: 10 });
const subscribe = (...texts: string[]) =>
  readEntries(texts, { flag: '--subscribe', list: 'subscribe_acl', action: 'subscribe', maxDepth: 10 });

describe('an entry', () => {
  it('is a pattern, or a JSON object', () => {
    expect(publish('a/#', '{"pattern":"b"}')).toEqual([{ pattern: 'a/#' }, { pattern: 'b' }]);
  });

  it('keeps every field and digit that it was given', () => {
    const text =
      '{"pattern":"a","max_qos":1,"max_payload_size":0,"allowed_retain":false,"modifiers":{"topic":"b","payload":"x","qos":0,"retain":true,"mountpoint":"m","throttle":50,"properties":{"p":12345678901234567890}}}';
    expect(publish(text).map(formatRecord)).toEqual([text]);
    const pairs = '{"pattern":"a","modifiers":[["b/+",2],["c",0]]}';
    expect(subscribe(pairs).map(formatRecord)).toEqual([pairs]);
  });

  it.each([
    [publish, '{"pattern":"a","max_qos":3}', 'publish_acl[0].max_qos must be 0, 1 or 2'],
    [publish, '{"pattern":"a","max_qos":"1"}', 'publish_acl[0].max_qos must be 0, 1 or 2'],
    [publish, '{"pattern":"a","max_qos":1.5}', 'publish_acl[0].max_qos must be 0, 1 or 2'],
    [publish, '{"max_qos":1}', 'publish_acl[0].pattern is missing'],
    [publish, '{"pattern":5}', 'publish_acl[0].pattern must be a string'],
    [publish, '{"pattern":"a#"}', 'publish_acl[0].pattern has a # within a level: "a#"'],
    [publish, 'a+', 'publish_acl[0].pattern has a + within a level: "a+"'],
    [publish, '', 'publish_acl[0].pattern is empty: ""'],
    [
      publish,
      '{"pattern":"a","allowed_retain":"false"}',
      'publish_acl[0].allowed_retain must be true or false',
    ],
    [
      publish,
      '{"pattern":"a","max_payload_size":268435457}',
      'publish_acl[0].max_payload_size must not be over 268435456',
    ],
    [
      publish,
      '{"pattern":"a","max_payload_size":-1}',
      'publish_acl[0].max_payload_size must not be negative',
    ],
    [
      publish,
      '{"pattern":"a","max_payload_size":1.5}',
      'publish_acl[0].max_payload_size must be a whole number',
    ],
    [
      publish,
      '{"pattern":"a","maxqos":0}',
      'publish_acl[0].maxqos is no field of entries to publish; did you mean max_qos?',
    ],
    [
      publish,
      '{"pattern":"a","modifiers":{"topic":"a/+"}}',
      'publish_acl[0].modifiers.topic has a wildcard: "a/+"',
    ],
    [
      publish,
      '{"pattern":"a","modifiers":{"retian":true}}',
      'publish_acl[0].modifiers.retian is no field of modifiers; did you mean retain?',
    ],
    [publish, '{"pattern":"a","modifiers":[["b",1]]}', 'publish_acl[0].modifiers must be a JSON object'],
    [
      subscribe,
      '{"pattern":"a","max_payload_size":1}',
      'subscribe_acl[0].max_payload_size is no field of entries to subscribe',
    ],
    [
      subscribe,
      '{"pattern":"a","modifiers":{"topic":"b"}}',
      'subscribe_acl[0].modifiers must be a list of pairs [topic, qos]',
    ],
    [subscribe, '{"pattern":"a","modifiers":[]}', 'subscribe_acl[0].modifiers must not be empty'],
    [
      subscribe,
      '{"pattern":"a","modifiers":[["b",7]]}',
      'subscribe_acl[0].modifiers[0][1] must be 0, 1 or 2',
    ],
    [
      subscribe,
      '{"pattern":"a","modifiers":["b"]}',
      'subscribe_acl[0].modifiers[0] must be a pair [topic, qos]',
    ],
    [
      subscribe,
      '{"pattern":"a","modifiers":[["b#",1]]}',
      'subscribe_acl[0].modifiers[0][0] has a # within a level: "b#"',
    ],
    [subscribe, '{"pattern":', "subscribe_acl[0]: not JSON: Object value expected after ':' at position 11"],
  ])('that is wrong names its field: %#', (read, text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ kind: 'usage', code: 'bad_entry', message }));
  });

  it('that is wrong in several ways says all, for the place it has in the list', () => {
    const message = (() => {
      try {
        publish('good', '{"pattern":"#a","max_qos":9}');
      } catch (error) {
        return (error as Failure).message;
      }
    })();
    expect(message).toBe(
      'publish_acl[1].pattern has a # within a level: "#a"; publish_acl[1].max_qos must be 0, 1 or 2',
    );
  });
});

const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';

describe('a stored record', () => {
  it.each([
    { passhash: PASSHASH },
    {
      passhash: PASSHASH,
      publish_acl: [],
      subscribe_acl: [{ pattern: '#', comment: 'x' }],
      note: { any: ['thing'] },
    },
  ])('has no problem when the broker reads it as it is meant: %#', (record) => {
    expect(recordProblems(record)).toEqual([]);
  });

  it.each([
    [{}, 'passhash is missing'],
    [{ passhash: 5 }, 'passhash must be a string'],
    [{ passhash: PASSHASH.replace('2a', '2b') }, 'passhash is not a bcrypt hash that the broker accepts'],
    [{ passhash: PASSHASH, publish_acl: 'x' }, 'publish_acl must be a list'],
    [{ passhash: PASSHASH, publish_acl: null }, 'publish_acl must be a list'],
    [{ passhash: PASSHASH, subscribe_acl: [null] }, 'subscribe_acl[0] must be a JSON object'],
    [{ passhash: PASSHASH, subscribe_acl: [{}, { pattern: 'a' }] }, 'subscribe_acl[0].pattern is missing'],
    [
      { passhash: PASSHASH, publish_acl: [{ pattern: 'a', max_qos: '1' }] },
      'publish_acl[0].max_qos must be 0, 1 or 2',
    ],
    [
      { passhash: PASSHASH, publish_acl: [{ pattern: 'a', x: [1] }] },
      'publish_acl[0].x must not be a list or an object: the broker would refuse the client',
    ],
    [7, 'the record is not a JSON object'],
  ])('has the problem that the broker has with it: %#', (record, problem) => {
    expect(recordProblems(record)).toEqual([problem]);
  });

  it('may be as deep as the brokers permit', () => {
    const record = { passhash: PASSHASH, publish_acl: [{ pattern: 'a/b/c' }] };
    expect(recordProblems(record, 2)).toEqual([
      'publish_acl[0].pattern has 3 levels, more than topic_max_depth permits (2): "a/b/c"',
    ]);
    expect(recordProblems(record, 3)).toEqual([]);
  });
});
