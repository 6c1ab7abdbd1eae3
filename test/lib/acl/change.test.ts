import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChange, assertNamed, type ListChange } from '../../../src/lib/acl/change.js';

const replace = (...patterns: string[]): ListChange => ({
  how: 'replace',
  entries: patterns.map((pattern) => ({ pattern })),
});
const add = (...entries: { pattern: string; max_qos?: number }[]): ListChange => ({ how: 'add', entries });

const OLD = {
  note: 'mine',
  passhash: 'old',
  publish_acl: [{ pattern: 'a', x: 1 }],
  subscribe_acl: [{ pattern: 's' }],
};

describe('a change', () => {
  it('makes a new record with everything in it', () => {
    const record = applyChange(undefined, { passhash: 'h', publish: replace('#') });
    expect(JSON.stringify(record)).toBe(
      '{"passhash":"h","subscribe_acl":[],"publish_acl":[{"pattern":"#"}]}',
    );
  });

  it('of nothing leaves everything', () => {
    expect(applyChange(OLD, {})).toEqual(OLD);
  });

  it('touches only what it names, in its place', () => {
    const record = applyChange(OLD, { subscribe: replace('t', 'u') });
    expect(record).toEqual({ ...OLD, subscribe_acl: [{ pattern: 't' }, { pattern: 'u' }] });
    expect(Object.keys(record)).toEqual(Object.keys(OLD));
  });

  it('replaces the passhash alone', () => {
    expect(applyChange(OLD, { passhash: 'new' })).toEqual({ ...OLD, passhash: 'new' });
  });

  it('adds entries at the end, and changes those with the same pattern where they stand', () => {
    const change = { publish: add({ pattern: 'b' }, { pattern: 'a', max_qos: 0 }) };
    expect(applyChange(OLD, change).publish_acl).toEqual([
      { pattern: 'a', x: 1, max_qos: 0 },
      { pattern: 'b' },
    ]);
  });

  it('adds to a list that is not there', () => {
    expect(applyChange({ passhash: 'h' }, { publish: add({ pattern: 'b' }) }).publish_acl).toEqual([
      { pattern: 'b' },
    ]);
  });

  it('adds beside entries that are none', () => {
    const odd = { passhash: 'h', publish_acl: ['a', null, 5] };
    expect(applyChange(odd, { publish: add({ pattern: 'a' }) }).publish_acl).toEqual([
      'a',
      null,
      5,
      { pattern: 'a' },
    ]);
  });

  it.each(['x', { pattern: 'a' }, null, 5])('cannot add to %j in place of a list', (publish_acl) => {
    expect(() => applyChange({ passhash: 'h', publish_acl }, { publish: add({ pattern: 'a' }) })).toThrow(
      expect.objectContaining({ kind: 'data', code: 'not_a_list' }),
    );
  });

  it('can replace what is no list', () => {
    expect(applyChange({ passhash: 'h', publish_acl: 'x' }, { publish: replace() }).publish_acl).toEqual([]);
  });

  it('needs a password for a new record', () => {
    expect(() => applyChange(undefined, { publish: replace('#') })).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'password_needed' }),
    );
  });

  it('done twice is the same as done once, and touches nothing it was given', () => {
    const pattern = fc.constantFrom('a', 'b', 'c', '#');
    const change = fc.record({
      publish: fc.record({
        how: fc.constantFrom('replace' as const, 'add' as const),
        entries: fc.array(fc.record({ pattern }), { maxLength: 4 }),
      }),
    });
    const stored = fc.record({
      passhash: fc.string(),
      publish_acl: fc.array(fc.record({ pattern, max_qos: fc.nat(2) })),
      other: fc.jsonValue(),
    });
    fc.assert(
      fc.property(stored, change, (record, wanted) => {
        const before = JSON.stringify(record);
        const once = applyChange(record, wanted);
        expect(applyChange(once, wanted)).toEqual(once);
        expect(JSON.stringify(record)).toBe(before);
        expect(once.other).toBe(record.other);
      }),
    );
  });
});

describe('what is named', () => {
  it('is at least something', () => {
    expect(() => assertNamed({}, false, true)).toThrow(
      expect.objectContaining({ code: 'nothing_to_change' }),
    );
    expect(() => assertNamed({ publish: replace() }, false, false)).not.toThrow();
  });

  it('is everything when a record is replaced', () => {
    const all = { passhash: 'h', publish: replace(), subscribe: replace('#') };
    expect(() => assertNamed(all, true, false)).not.toThrow();
    expect(() => assertNamed({ ...all, passhash: undefined }, true, true)).not.toThrow();
    expect(() => assertNamed({ ...all, passhash: undefined }, true, false)).toThrow(/--password-from$/);
    expect(() => assertNamed({ passhash: 'h', publish: add({ pattern: 'a' }) }, true, false)).toThrow(
      '--publish or --no-publish; --subscribe or --no-subscribe',
    );
  });
});
