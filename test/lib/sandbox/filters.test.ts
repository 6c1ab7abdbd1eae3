import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FilterTree } from '../../../src/lib/sandbox/node/filters.js';

const matches = (filter: string, topic: string) => {
  const tree = new FilterTree();
  tree.add(filter, 'c', 1);
  return tree.match(topic).has('c');
};

describe('a filter', () => {
  test.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/b/c', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a', false],
    ['a/+', 'a/', true],
    ['+/+', '/b', true],
    ['#', 'a/b/c', true],
    ['a/#', 'a', true],
    ['a/#', 'b', false],
    ['a/+/#', 'a/b', true],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
    ['a/#', 'a/$x', true],
  ])('%s and the topic %s: %s', (filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected);
  });

  test('matches the topic that it is made of', () => {
    const level = fc.stringMatching(/^[a-z]{0,3}$/);
    const levels = fc.array(fc.record({ name: level, kind: fc.constantFrom('name', '+') }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(levels, fc.boolean(), (parts, open) => {
        const topic = parts.map(({ name }) => name).join('/');
        const filter = parts.map(({ name, kind }) => (kind === '+' ? '+' : name));
        expect(matches([...filter, ...(open ? ['#'] : [])].join('/'), topic)).toBe(true);
      }),
    );
  });
});

describe('a tree of filters', () => {
  test('names each client once, with the highest QoS', () => {
    const tree = new FilterTree();
    tree.add('a/#', 'c', 0);
    tree.add('a/+', 'c', 2);
    tree.add('a/b', 'c', 1);
    tree.add('a/b', 'd', 1);
    expect([...tree.match('a/b')]).toEqual([
      ['c', 2],
      ['d', 1],
    ]);
  });

  test('forgets what is removed, and nothing else', () => {
    const tree = new FilterTree();
    tree.add('a/b', 'c', 1);
    tree.add('a/#', 'c', 1);
    tree.remove('a/b', 'c');
    tree.remove('never/there', 'c');
    expect(tree.match('a/b').has('c')).toBe(true);
    tree.remove('a/#', 'c');
    expect(tree.match('a/b').size).toBe(0);
  });
});
