import { describe, expect, it } from 'vitest';
import { decideSubscribe, type Filter } from '../../../../src/lib/acl/authorize/action.js';
import { DEFAULT_BROKER } from '../../../../src/lib/acl/authorize/broker.js';
import { forClient } from '../../../../src/lib/acl/authorize/client-acl.js';
import { readLists } from '../../../../src/lib/acl/authorize/record.js';

const who = { mountpoint: '', clientId: 'c', username: 'u' };
const OLD = { ...DEFAULT_BROKER, version: '2.1.2' } as const;

const publish = (modifiers: unknown, broker: typeof DEFAULT_BROKER = DEFAULT_BROKER) => {
  const reading = readLists({ publish_acl: [{ pattern: 'a', modifiers }] }, broker);
  if (!reading.ok) return `${reading.field} ${reading.problem}`;
  const [entry] = reading.lists.publish;
  return entry?.changes ? Object.keys(entry.changes) : 'dropped';
};

describe('modifiers of an entry to publish', () => {
  it.each([
    { topic: 'b/c', payload: 'p', qos: 1.5, retain: true, mountpoint: 'm', throttle: 1.5 },
    { topic: null },
    { qos: 0 },
  ])('like %j are used', (modifiers) => {
    expect(publish(modifiers)).toEqual(Object.keys(modifiers));
  });

  it.each([
    [{}],
    [[]],
    [[['a', 1]]],
    [{ topic: 'a/+' }],
    [{ qos: 3 }],
    [{ retain: 'true' }],
    [{ bogus: 1 }],
    [{ topic: {} }],
  ])('like %j are dropped, and the entry grants as if it had none', (modifiers) => {
    expect(publish(modifiers)).toBe('dropped');
  });

  it('with properties are dropped by 2.1.2, whatever they are', () => {
    for (const properties of [{}, { p_content_type: 'x' }, 'x'])
      expect(publish({ properties }, OLD)).toBe('dropped');
  });

  it.each([
    [{ p_content_type: 'x', p_message_expiry_interval: 5 }, ['properties']],
    [{ p_user_property: [{ k: 'v' }] }, ['properties']],
    [{ p_user_property: ['v'] }, 'dropped'],
    [{ p_topic_alias: 1 }, 'dropped'],
    [{ p_response_topic: 'a/#' }, 'dropped'],
    [{}, 'publish_acl[0].modifiers.properties must not be empty'],
    ['x', 'publish_acl[0].modifiers.properties must be an object'],
    [{ content_type: 'x' }, 'publish_acl[0].modifiers.properties.content_type is no property'],
  ])('with the properties %j are %j to 2.2.0', (properties, result) => {
    expect(publish({ properties })).toEqual(result);
  });

  it('that are wrong before their properties are looked at are dropped', () => {
    expect(publish({ payload: 5, properties: {} })).toBe('dropped');
    expect(publish({ topic: 5, properties: {} })).toContain('must not be empty');
  });
});

const subscribe = (modifiers: unknown) => {
  const reading = readLists({ subscribe_acl: [{ pattern: 'a', modifiers }] }, DEFAULT_BROKER);
  if (!reading.ok) return `${reading.field} ${reading.problem}`;
  return reading.lists.subscribe[0]?.rewrites ?? 'dropped';
};

describe('modifiers of an entry to subscribe', () => {
  it.each([
    [[], []],
    [[['b', 1]], [{ topic: 'b', qos: 1, hasOptions: false }]],
    [[['b', [2, { no_local: true }]]], [{ topic: 'b', qos: 2, hasOptions: true }]],
    [[['a#', 0]], 'dropped'],
    [[['b', '1']], 'dropped'],
    [[[5, 1]], 'dropped'],
    [{ b: 1 }, 'subscribe_acl[0].modifiers must be a list of pairs'],
    [['b'], 'subscribe_acl[0].modifiers[0] must be a pair [topic, qos]'],
    [[['b', 1.5]], 'subscribe_acl[0].modifiers[0][1] must be a whole number'],
    [[['b', [1, 5]]], 'subscribe_acl[0].modifiers[0][1][1] must be an object of options'],
    [[['a#', 1.5]], 'dropped'],
  ])('of %j are read as %j', (modifiers, result) => {
    expect(subscribe(modifiers)).toEqual(result);
  });
});

describe('a SUBSCRIBE with modifiers', () => {
  const acl = (() => {
    const subscribe_acl = [
      { pattern: 'm', modifiers: [['to', 1]] },
      { pattern: 'bad', modifiers: [['to', 7]] },
      { pattern: 'options', modifiers: [['to', [1, {}]]] },
      { pattern: 'p' },
    ];
    const reading = readLists({ subscribe_acl }, DEFAULT_BROKER);
    if (!reading.ok) throw new Error(reading.problem);
    return forClient(reading.lists, who);
  })();
  const asked = (filters: string[], protocol: 4 | 5 = 4) => {
    const list = filters.map((filter): Filter => ({ filter, qos: 0 }));
    return decideSubscribe(acl, { type: 'subscribe', filters: list }, protocol, DEFAULT_BROKER).reason;
  };

  it('is decided from the last filter to the first', () => {
    expect(asked(['m', 'm'])).toBe('granted');
    expect(asked(['p', 'm'])).toBe('granted');
    expect(asked(['m', 'p'])).toBe('mixed_modifiers');
    expect(asked(['m', 'p', 'm'])).toBe('mixed_modifiers');
  });

  it('is refused where they have no QoS of MQTT, unless an entry without modifiers makes the broker forget them', () => {
    expect(asked(['bad'])).toBe('refused_by_modifiers');
    expect(asked(['m', 'bad'])).toBe('refused_by_modifiers');
    expect(asked(['p', 'bad'])).toBe('granted');
  });

  it('has options in MQTT 5 only', () => {
    expect(asked(['options'], 5)).toBe('granted');
    expect(asked(['options'], 4)).toBe('refused_by_modifiers');
  });
});
