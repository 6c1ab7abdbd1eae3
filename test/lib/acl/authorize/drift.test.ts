import { describe, expect, it } from 'vitest';
import { DEFAULT_BROKER } from '../../../../src/lib/acl/authorize/broker.js';
import { type Action, decide } from '../../../../src/lib/acl/authorize/decision.js';
import { driftOf } from '../../../../src/lib/acl/authorize/drift.js';
import type { CachedEntry, CachedLists } from '../../../../src/lib/admin/rpc.js';

const client = {
  mountpoint: '',
  clientId: 'c',
  username: 'u',
  password: { kind: 'assumed-right' },
  protocol: 4,
  cleanSession: true,
} as const;

const decided = (record: object | undefined, action: Action = { type: 'connect' }) =>
  decide(
    client,
    action,
    {
      find: async () =>
        record ? { kind: 'text', text: JSON.stringify({ passhash: 'h', ...record }) } : { kind: 'missing' },
      verify: async () => true,
      isUsable: () => true,
    },
    DEFAULT_BROKER,
  );

const entry = (pattern: string | undefined, more: Partial<CachedEntry> = {}): CachedEntry => ({
  pattern: pattern?.split('/'),
  maxQos: 2,
  allowedRetain: true,
  modifiers: undefined,
  ...more,
});
const cached = (publish: CachedEntry[], subscribe: CachedEntry[] = []): CachedLists => ({
  publish,
  subscribe,
});
const stateOf = async (record: object | undefined, lists: CachedLists) =>
  driftOf('n', lists, await decided(record)).state;

describe('drift', () => {
  it.each([
    ['nothing', {}, cached([])],
    ['a pattern', { publish_acl: [{ pattern: 'a/%c' }] }, cached([entry('a/c')])],
    ['a rejected pattern', { publish_acl: [{ pattern: 'a#' }] }, cached([entry(undefined)])],
    ['a limit', { subscribe_acl: [{ pattern: 'a', max_qos: 1 }] }, cached([], [entry('a', { maxQos: 1 })])],
    [
      'properties, as far as they can be compared',
      { publish_acl: [{ pattern: 'a', modifiers: { properties: { p_content_type: 'x' } } }] },
      cached([entry('a', { modifiers: [['properties', {}]] })]),
    ],
  ])('is none where both say %s', async (_, record, lists) => {
    expect(await stateOf(record, lists)).toBe('same');
  });

  it.each([
    ['another pattern', cached([entry('b'), entry('c')])],
    ['another order', cached([entry('c'), entry('a')])],
    ['another limit', cached([entry('a', { maxQos: 1 }), entry('c')])],
    ['another size', cached([entry('a', { maxPayloadSize: 1 }), entry('c')])],
    ['retained messages', cached([entry('a', { allowedRetain: false }), entry('c')])],
    ['modifiers', cached([entry('a', { modifiers: [['qos', 1]] }), entry('c')])],
    ['an entry less', cached([entry('a')])],
  ])('is %s', async (_, lists) => {
    expect(await stateOf({ publish_acl: [{ pattern: 'a' }, { pattern: 'c' }] }, lists)).toBe('differs');
  });

  it('is a client that could not log in any more, even with no rights', async () => {
    const drift = driftOf('n', cached([]), await decided(undefined));
    expect(drift).toMatchObject({ state: 'differs', lists: [] });
  });

  it('names the lists, and what the node decides by its own', async () => {
    const action = { type: 'publish', topic: 'a', qos: 0, retain: false, payloadBytes: 0 } as const;
    const drift = driftOf(
      'n',
      cached([entry('b')]),
      await decided({ publish_acl: [{ pattern: 'a' }] }, action),
    );
    expect(drift).toMatchObject({
      lists: ['publish_acl'],
      outcome: { allowed: false, reason: 'not_covered' },
    });
  });

  it('is unknown where nothing is cached', async () => {
    const decision = await decided({});
    expect([null, undefined].map((lists) => driftOf('n', lists, decision).state)).toEqual([
      'not_cached',
      'no_cache',
    ]);
  });
});
