import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidePublish, decideSubscribe, type QoS } from '../../../../src/lib/acl/authorize/action.js';
import { BROKER_VERSIONS, DEFAULT_BROKER } from '../../../../src/lib/acl/authorize/broker.js';
import { forClient } from '../../../../src/lib/acl/authorize/client-acl.js';
import { decide } from '../../../../src/lib/acl/authorize/decision.js';
import { why } from '../../../../src/lib/acl/authorize/explain.js';
import { readLists } from '../../../../src/lib/acl/authorize/record.js';
import { recordKey } from '../../../../src/lib/acl/key.js';
import { mayPublish, maySubscribe } from './reference.js';

const level = fc.constantFrom(
  'a',
  'b',
  '',
  '+',
  '#',
  '%c',
  '%u',
  '%m',
  'x%c',
  '$SYS',
  '$share',
  'null',
  'é',
  'a+',
  '.*',
);
const filter = fc.array(level, { minLength: 1, maxLength: 11 }).map((levels) => levels.join('/'));
const topic = fc
  .array(fc.constantFrom('a', 'b', '', 'x', '$SYS', 'c', '.*', 'é'), { minLength: 1, maxLength: 11 })
  .map((levels) => levels.join('/'));
const name = fc.constantFrom('c', 'a', '+', '#', 'a/b', '%u', '', '.*');
const client = fc.record({ mountpoint: name, clientId: name, username: name });
const value = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, -1, -0.5, 1.5, 10, true, false, null, '0', 'false'),
  fc.double(),
);
const qos = fc.constantFrom<QoS>(0, 1, 2);

const entry = fc.record(
  {
    pattern: fc.oneof({ arbitrary: filter, weight: 9 }, { arbitrary: fc.jsonValue(), weight: 1 }),
    max_qos: value,
    max_payload_size: value,
    allowed_retain: value,
    comment: value,
  },
  { requiredKeys: [] },
);
const list = fc.oneof(
  { arbitrary: fc.array(entry, { maxLength: 5 }), weight: 9 },
  { arbitrary: fc.array(fc.oneof(entry, fc.jsonValue()), { maxLength: 3 }), weight: 1 },
);

const aclOf = (record: unknown, who: { mountpoint: string; clientId: string; username: string }) => {
  const reading = readLists(record, DEFAULT_BROKER);
  return reading.ok ? forClient(reading.lists, who) : { publish: [], subscribe: [] };
};

describe('what is decided', () => {
  it('about a message is what the other reading of the rules says', () => {
    const message = fc.record({ topic, qos, retain: fc.boolean(), payloadBytes: fc.nat(12) });
    fc.assert(
      fc.property(list, client, message, (entries, who, given) => {
        const action = { type: 'publish', ...given } as const;
        const { allowed } = decidePublish(aclOf({ publish_acl: entries }, who), action, DEFAULT_BROKER);
        expect(allowed).toBe(mayPublish(entries, who, given));
      }),
      { numRuns: 3000 },
    );
  });

  it('about a subscription is what the other reading of the rules says', () => {
    fc.assert(
      fc.property(list, client, fc.oneof(filter, topic), qos, (entries, who, wanted, level) => {
        const action = { type: 'subscribe', filters: [{ filter: wanted, qos: level }] } as const;
        const { allowed } = decideSubscribe(
          aclOf({ subscribe_acl: entries }, who),
          action,
          4,
          DEFAULT_BROKER,
        );
        expect(allowed).toBe(maySubscribe(entries, who, wanted, level));
      }),
      { numRuns: 3000 },
    );
  });

  it('about several filters is what is decided about each of them, while there are no modifiers', () => {
    fc.assert(
      fc.property(
        list,
        client,
        fc.array(fc.tuple(filter, qos), { minLength: 1, maxLength: 4 }),
        (entries, who, asked) => {
          const filters = asked.map(([one, level]) => ({ filter: one, qos: level }));
          const acl = aclOf({ subscribe_acl: entries }, who);
          const each = filters.map((one) =>
            decideSubscribe(acl, { type: 'subscribe', filters: [one] }, 4, DEFAULT_BROKER),
          );
          const { allowed } = decideSubscribe(acl, { type: 'subscribe', filters }, 4, DEFAULT_BROKER);
          expect(allowed).toBe(each.every((one) => one.allowed));
        },
      ),
    );
  });
});

describe('a malformed record', () => {
  const anything = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false, 0, 1, 1.5, -1, 1e9, '', 'a', '#', 'a#', 'properties'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          'pattern',
          'modifiers',
          'max_qos',
          'topic',
          'qos',
          'properties',
          'p_user_property',
          '__proto__',
          'x',
        ),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  })).value;
  const record = fc.record(
    { passhash: fc.oneof(fc.constant('hash'), anything), publish_acl: anything, subscribe_acl: anything },
    { requiredKeys: [] },
  );
  const text = fc.oneof(
    record.map((one) => JSON.stringify(one)),
    fc.tuple(record, fc.nat(), fc.string({ maxLength: 3 })).map(([one, at, noise]) => {
      const json = JSON.stringify(one);
      const place = at % (json.length + 1);
      return json.slice(0, place) + noise + json.slice(place + 1);
    }),
    fc.string(),
  );
  const action = fc.oneof(
    fc.constant({ type: 'connect' } as const),
    fc.record({
      type: fc.constant('publish' as const),
      topic: fc.oneof(topic, fc.string()),
      qos,
      retain: fc.boolean(),
      payloadBytes: fc.nat(),
    }),
    fc.record({
      type: fc.constant('subscribe' as const),
      filters: fc.array(fc.record({ filter: fc.oneof(filter, fc.string()), qos }), { maxLength: 3 }),
    }),
  );

  it('is decided on and explained without an exception, and lets nobody in unless it says a passhash', async () => {
    await fc.assert(
      fc.asyncProperty(
        text,
        action,
        fc.constantFrom(...BROKER_VERSIONS),
        fc.constantFrom(3, 4, 5),
        async (stored, wanted, version, protocol) => {
          const who = { mountpoint: '', clientId: 'c', username: 'u' };
          const sources = {
            find: async (key: string) =>
              key === recordKey(who)
                ? ({ kind: 'text', text: stored } as const)
                : ({ kind: 'missing' } as const),
            verify: async () => true,
            isUsable: (passhash: string) => passhash === 'hash',
          };
          const asked = {
            ...who,
            password: { kind: 'assumed-right' },
            protocol,
            cleanSession: true,
          } as const;
          const decision = await decide(asked, wanted, sources, { ...DEFAULT_BROKER, version });
          expect(why(decision)).not.toBe('');
          if (decision.allowed) expect(stored).toContain('hash');
        },
      ),
      { numRuns: 2000 },
    );
  });
});
