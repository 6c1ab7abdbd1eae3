import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listDifferences } from '../../../../src/lib/acl/plan/differences.js';

const entry = (pattern: string, more: object = {}) => ({ pattern, ...more });

describe('the differences of two lists', () => {
  it.each([
    ['none', [entry('a')], [entry('a')], []],
    ['members in another order', [{ pattern: 'a', max_qos: 1 }], [{ max_qos: 1, pattern: 'a' }], []],
    ['one more', [entry('a')], [entry('b'), entry('a')], [{ how: 'added', at: 0, to: entry('b') }]],
    ['one less', [entry('a'), entry('b')], [entry('b')], [{ how: 'removed', at: 0, from: entry('a') }]],
    [
      'a field',
      [entry('a', { max_qos: 1, modifiers: { qos: 0 } })],
      [entry('a', { modifiers: { qos: 1 } })],
      [
        {
          how: 'changed',
          at: 0,
          pattern: 'a',
          fields: { max_qos: { from: 1, to: undefined }, modifiers: { from: { qos: 0 }, to: { qos: 1 } } },
        },
      ],
    ],
    ['another order', [entry('a'), entry('b')], [entry('b'), entry('a')], [{ how: 'reordered' }]],
    [
      'a pattern twice',
      [entry('a'), entry('a')],
      [entry('a')],
      [{ how: 'removed', at: 1, from: entry('a') }],
    ],
    ['no list before', undefined, [entry('a')], [{ how: 'added', at: 0, to: entry('a') }]],
    ['what is no list', 'x', [], [{ how: 'removed', at: 0, from: 'x' }]],
    ['what is no entry', [null, 'x'], ['x'], [{ how: 'removed', at: 0, from: null }]],
  ])('%s', (_, from, to, expected) => {
    expect(listDifferences(from, to)).toEqual(expected);
  });

  const lists = fc.array(
    fc.record({ pattern: fc.constantFrom('a', 'b', 'c'), max_qos: fc.constantFrom(0, 1) }),
    { maxLength: 6 },
  );
  it('there are none exactly where the lists are equal', () => {
    fc.assert(
      fc.property(lists, lists, (from, to) => {
        const isEqual = JSON.stringify(from) === JSON.stringify(to);
        expect(listDifferences(from, to).length === 0).toBe(isEqual);
      }),
    );
  });
});
