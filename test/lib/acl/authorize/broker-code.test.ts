import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidePublish, decideSubscribe, type QoS } from '../../../../src/lib/acl/authorize/action.js';
import { DEFAULT_BROKER } from '../../../../src/lib/acl/authorize/broker.js';
import { type ClientAcl, covers, forClient } from '../../../../src/lib/acl/authorize/client-acl.js';
import { readLists } from '../../../../src/lib/acl/authorize/record.js';
import { patternProblem, topicProblem } from '../../../../src/lib/acl/pattern.js';
import { authOnSubscribe, match, substitute, validatePublish, validateSubscribe } from './broker-code.js';

const level = fc.constantFrom('a', 'b', '', '+', '+', '#', '%c', '%u', '%m', 'x%c', '$SYS', '$share', 'é');
const levels = fc.array(level, { minLength: 1, maxLength: 6 });
/** Dense in what is nearly a topic: wildcards within levels, NUL, empty levels, `$share` cut short. */
const text = fc
  .array(fc.constantFrom('/', '/', '/', '+', '#', 'a', '$share', '\0', '😀', '$'), { maxLength: 12 })
  .map((parts) => parts.join(''));
const shared = fc
  .tuple(fc.constantFrom('g', '+', '#', ''), levels)
  .map(([group, rest]) => ['$share', group, ...rest]);
const filter = fc.oneof(levels, shared).map((parts) => parts.join('/'));
const name = fc.constantFrom('c', 'a', '+', '#', 'a/b', '%u', '%m', '');
const client = fc.record({ mountpoint: name, clientId: name, username: name });
const qos = fc.constantFrom<QoS>(0, 1, 2);
const depth = fc.integer({ min: 1, max: 12 });

describe("the broker's own code, clause by clause,", () => {
  it('accepts the patterns and the topics that are accepted here', () => {
    fc.assert(
      fc.property(fc.oneof(text, filter), depth, (given, maxDepth) => {
        expect(patternProblem(given, maxDepth) === undefined).toBe(
          validateSubscribe(given, maxDepth) !== undefined,
        );
        expect(topicProblem(given, maxDepth) === undefined).toBe(
          validatePublish(given, maxDepth) !== undefined,
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('matches what is covered here, whatever is put in for the names of the client', () => {
    fc.assert(
      fc.property(levels, levels, client, (pattern, topic, who) => {
        // Of others a broker is never asked.
        fc.pre(validateSubscribe(topic.join('/'), 10) !== undefined);
        const [entry] = aclOf([{ pattern: pattern.join('/') }], who).publish;
        const own = substitute(pattern, who);
        if (entry?.levels) expect(entry.levels).toEqual(own);
        expect(covers(own, topic)).toBe(match(topic, own));
      }),
      { numRuns: 3000 },
    );
  });

  it('answers a SUBSCRIBE of several filters alike, with and without modifiers', () => {
    const modifiers = fc.constantFrom(
      [],
      [['to', 1]],
      [
        ['to', 0],
        ['other/#', 2],
      ],
    );
    const entry = fc.record({ pattern: filter, max_qos: qos, modifiers }, { requiredKeys: ['pattern'] });
    const asked = fc.array(fc.record({ filter, qos }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), client, asked, (entries, who, filters) => {
        fc.pre(filters.every((one) => validateSubscribe(one.filter, 10)));
        const acl = aclOf(entries, who);
        const decision = decideSubscribe(acl, { type: 'subscribe', filters }, 4, DEFAULT_BROKER);
        const result = authOnSubscribe(acl.subscribe, filters);
        expect(decision.allowed).toBe(result === 'ok' || result === 'modifiers');
        expect(decision.reason === 'mixed_modifiers').toBe(result === 'crash');
      }),
      { numRuns: 2000 },
    );
  });
});

/** The same list to publish and to subscribe by. */
function aclOf(
  list: readonly object[],
  who: { mountpoint: string; clientId: string; username: string },
): ClientAcl {
  const publish_acl = list.map((entry) => ({ ...entry, modifiers: undefined }));
  const reading = readLists(JSON.parse(JSON.stringify({ publish_acl, subscribe_acl: list })), DEFAULT_BROKER);
  if (!reading.ok) throw new Error(reading.problem);
  return forClient(reading.lists, who);
}

describe('a message to a topic that begins with $share', () => {
  it.each(['$share', '$share/group'])('like %s is dropped, as under any other $', (topic) => {
    const acl = aclOf([{ pattern: '#' }], { mountpoint: '', clientId: 'c', username: 'u' });
    const message = { type: 'publish', topic, qos: 0, retain: false, payloadBytes: 0 } as const;
    expect(decidePublish(acl, message, DEFAULT_BROKER).reason).toBe('reserved_topic');
  });
});

describe('a pattern of 65 536 bytes', () => {
  it('is one more than a topic can have, and still covers the topic above its #', () => {
    const topic = 'a'.repeat(65_534);
    const who = { mountpoint: '', clientId: 'c', username: 'u' };
    const message = { type: 'publish', topic, qos: 0, retain: false, payloadBytes: 0 } as const;
    const decided = (pattern: string) =>
      decidePublish(aclOf([{ pattern }], who), message, DEFAULT_BROKER).allowed;
    expect(decided(`${topic}/#`)).toBe(true);
    expect(decided(`${topic}//#`)).toBe(false);
  });
});
