import { describe, expect, it } from 'vitest';
import { splitWords, type WordKind } from '../../../src/lib/cli/words.js';

const split = (...argv: string[]) =>
  splitWords(argv, { node: 'word', 'client-id': 'flag' }, (token) => token === '--on' || token === '-t');

describe("the words of vmq-admin's grammar", () => {
  it('are taken out wherever they stand', () => {
    expect(split('-k', 'node=a@b', '-t', '5')).toEqual({ argv: ['-k', '-t', '5'], words: { node: 'a@b' } });
  });

  it('keep every = of their value', () => {
    expect(split('node=a==b=').words).toEqual({ node: 'a==b=' });
  });

  it('become the flag of the same name where there is one', () => {
    expect(split('client-id=a=b').argv).toEqual(['--client-id=a=b']);
  });

  it('may be given once for each of several', () => {
    const words = splitWords(['node=a@b', '-k', 'node=c@d,e@f'], { node: 'list' }, () => false);
    expect(words).toEqual({ argv: ['-k'], words: { node: 'a@b,c@d,e@f' } });
  });

  it('are not looked for in the value of a flag, nor after --', () => {
    expect(split('--on', 'node=x', '--', 'node=y')).toEqual({
      argv: ['--on', 'node=x', '--', 'node=y'],
      words: {},
    });
  });

  it('that may be given more than once are gathered, in their order', () => {
    const kinds = { node: 'list' } as const;
    expect(splitWords(['node=b', '-y', 'node=a,c'], kinds, () => false)).toEqual({
      argv: ['-y'],
      words: { node: 'b,a,c' },
    });
  });

  it('may be named like what every object has', () => {
    const kinds: Record<string, WordKind> = { constructor: 'word' as const };
    expect(splitWords(['constructor=x'], kinds, () => false).words.constructor).toBe('x');
  });

  it.each([
    [['nod=a'], 'unknown_word', 'nod= means nothing here; did you mean node=?'],
    [['node='], 'empty_value', 'node= has no value'],
    [['constructor=x'], 'unknown_word', 'constructor= means nothing here'],
    [['toString=x'], 'unknown_word', 'toString= means nothing here'],
    [['node=a', 'node=b'], 'repeated_word', 'node= is given twice'],
  ])('that are wrong are refused: %j', (argv, code, message) => {
    expect(() => split(...argv)).toThrow(expect.objectContaining({ kind: 'usage', code, message }));
  });
});
