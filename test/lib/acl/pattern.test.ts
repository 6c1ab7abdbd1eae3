import { describe, expect, it } from 'vitest';
import { patternProblem, topicProblem } from '../../../src/lib/acl/pattern.js';
import { goldenCases } from './golden.js';

describe('a pattern', () => {
  it.each([
    'a',
    '/',
    '//',
    'a/',
    '#',
    '+',
    'a/#',
    '+/+/#',
    '%c/%u',
    'ü/é',
    'a b',
    '$SYS/#',
    '$share/+/a',
    '$share//a',
    '$share/g/',
    'a/b/c/d/e/f/g/h/i/#',
  ])('like %j is accepted', (pattern) => {
    expect(patternProblem(pattern)).toBeUndefined();
  });

  it.each([
    ['', 'is empty'],
    ['a#', 'has a # within a level'],
    ['a/#/b', 'has a # that is not its last level'],
    ['#/a', 'has a # that is not its last level'],
    ['a+', 'has a + within a level'],
    ['+a/b', 'has a + within a level'],
    ['a\0', 'contains NUL'],
    ['$share/a', 'is not $share/GROUP/TOPIC'],
    ['$share/#', 'is not $share/GROUP/TOPIC'],
    ['a/b/c/d/e/f/g/h/i/j/k', 'has 11 levels, more than topic_max_depth permits (10 by default)'],
    [`a${'é'.repeat(32_768)}`, 'has more than 65536 bytes'],
  ])('like %.20j is rejected, with the reason', (pattern, reason) => {
    expect(patternProblem(pattern)).toContain(reason);
  });

  it('may be deeper where the brokers permit it', () => {
    expect(patternProblem('a/b/c/d/e/f/g/h/i/j/k', 11)).toBeUndefined();
    expect(patternProblem('a/b/c', 2)).toBe('has 3 levels, more than topic_max_depth permits (2)');
  });

  it('that a broker was seen to reject is rejected', () => {
    const seen = goldenCases('2.2.0').flatMap(
      ({ id }) => /^badpattern\.only (".*")/.exec(id)?.slice(1) ?? [],
    );
    expect(seen.length).toBe(7);
    for (const text of seen) expect(patternProblem(JSON.parse(text))).toBeDefined();
  });
});

describe('a topic', () => {
  it.each(['a/+', '#', 'a#', ''])('like %j cannot be published to', (topic) => {
    expect(topicProblem(topic)).toBeDefined();
  });

  it('without wildcards can', () => {
    expect(topicProblem('a/b//')).toBeUndefined();
  });
});
