import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayPublish, maySubscribe } from '../../../src/lib/acl/authorize.js';
import { BROKER_VERSIONS } from '../../support/golden.js';
import { type GoldenCase, goldenCases, nameOf, parsedValue, recordsOf } from './golden.js';

/** Cases that are not put to the functions: they take one record that is strict JSON, and one filter. */
const NOT_ASKED = [/^multi /, /^mod\.sub mixed with plain$/, /^default\.specific wins over \*/];

/** Cases in which the version of the broker or of MQTT decides, which the functions do not know. */
const DIFFERS = { '2.1.2': [] as string[], '2.2.0': ['mod.pub properties v4 v4'] };

const actions = (cases: GoldenCase[]) => cases.filter(({ action }) => action.type !== 'connect');

describe.each(BROKER_VERSIONS)('the decisions that VerneMQ %s was seen to take', (version) => {
  const cases = actions(goldenCases(version));

  it('are asked for all but the listed ones', () => {
    const silent = cases.filter((one) => decide(one) === undefined).map(({ id }) => id);
    expect(silent.filter((id) => !NOT_ASKED.some((listed) => listed.test(id)))).toEqual([]);
    expect(cases.length - silent.length).toBeGreaterThan(900);
  });

  it('are the decisions of mayPublish and maySubscribe', () => {
    const wrong = cases.filter((one) => decide(one) !== undefined && decide(one) !== one.decision);
    expect(wrong.map(({ id }) => id)).toEqual(DIFFERS[version]);
  });
});

/** What we would decide, or undefined where the case cannot be asked. */
function decide(one: GoldenCase): 'allow' | 'deny' | undefined {
  const records = recordsOf(one);
  const record = parsedValue(records[0]);
  const { type, topic, qos = 0, retain = false, payloadBytes = 0 } = one.action;
  if (records.length !== 1 || record === undefined || topic === undefined) return undefined;
  const allowed =
    type === 'publish'
      ? mayPublish(record, nameOf(one), { topic, qos, retain, payloadBytes })
      : maySubscribe(record, nameOf(one), { filter: topic, qos });
  return allowed ? 'allow' : 'deny';
}

const who = { mountpoint: 'm', clientId: 'c', username: 'u' };
const record = (...publish: unknown[]) => ({ passhash: 'x', publish_acl: publish, subscribe_acl: publish });
const publish = (topic: string) => ({ topic, qos: 0, retain: false, payloadBytes: 0 }) as const;

describe('a record', () => {
  it('that is none grants nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, topic) => {
        const notARecord = typeof value === 'object' && value !== null && 'passhash' in value ? null : value;
        expect(mayPublish(notARecord, who, publish(topic))).toBe(false);
        expect(maySubscribe(notARecord, who, { filter: topic, qos: 0 })).toBe(false);
      }),
    );
  });

  it('is decided for any JSON in it, without an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.string(), (list, field, topic) => {
        const odd = {
          passhash: 'x',
          publish_acl: list,
          subscribe_acl: [{ pattern: '#', max_qos: field, modifiers: field }],
        };
        expect(typeof mayPublish(odd, who, publish(topic))).toBe('boolean');
        expect(typeof maySubscribe(odd, who, { filter: topic, qos: 2 })).toBe('boolean');
      }),
    );
  });
});

describe('a pattern', () => {
  const level = fc.stringMatching(/^[a-z]{0,3}$/);
  const topic = fc
    .array(level, { minLength: 1, maxLength: 10 })
    .map((levels) => levels.join('/'))
    .filter((text) => text !== '');

  it('without wildcards matches itself and nothing else', () => {
    fc.assert(
      fc.property(topic, topic, (pattern, other) => {
        expect(mayPublish(record({ pattern }), who, publish(pattern))).toBe(true);
        expect(mayPublish(record({ pattern }), who, publish(other))).toBe(pattern === other);
      }),
    );
  });

  it('matches whatever an entry before it does not', () => {
    const entries = [{ pattern: 'a', max_qos: 0 }, { pattern: '+' }];
    expect(maySubscribe(record(...entries), who, { filter: 'a', qos: 2 })).toBe(true);
  });

  it('of # grants every topic that does not begin with $', () => {
    fc.assert(
      fc.property(topic, (text) => {
        expect(mayPublish(record({ pattern: '#' }), who, publish(text))).toBe(true);
      }),
    );
  });
});
