import { describe, expect, test } from 'vitest';
import { formatLocally } from '../../../../../src/lib/admin/erlang/io/format.js';
import { atom, binary, charlist } from '../../../../../src/lib/admin/erlang/term/construct.js';
import { ImproperList, type Term } from '../../../../../src/lib/admin/erlang/term/types.js';

const format = (text: Term, values: Term, name = 'format', module = 'io_lib') =>
  formatLocally({ module: atom(module), name: atom(name), args: [text, values] });

describe('a format of characters alone is rendered here', () => {
  test.each<[string, Term, Term]>(
    [
      ['', '', []],
      ['no directive', 'no directive', []],
      ['a\nb~', 'a~nb~~', []],
      ['aä€😀', '~ts', [charlist('aä€😀')]],
      ['aä€😀', '~ts', [binary('aä€😀')]],
      ['Ã¤', '~s', [binary('ä')]],
      ['ä', '~s', [charlist('ä')]],
      ['one, two\n', '~s, ~ts~n', [charlist('one'), [[binary('t')], charlist('wo')]]],
      ['ab', '~s', [new ImproperList([97], binary('b'))]],
      ['', '~s', [[]]],
    ].map(([text, template, values]) => [text as string, charlist(template as string), values as Term]),
  )('%j', (text, template, values) => {
    expect(format(template, values)).toBe(text);
    expect(format(template, values, 'fwrite')).toBe(text);
  });

  test('also where it is a binary, whose bytes are characters of Latin-1', () => {
    expect(format(Buffer.from('~s \xe4', 'latin1'), [charlist('a')])).toBe('a ä');
  });

  test('of many millions of characters', () => {
    expect(format(charlist('~ts~n'), [Buffer.alloc(20_000_000, 'x')])).toHaveLength(20_000_001);
  });
});

describe('what only Erlang knows is left to it:', () => {
  test.each<[string, Term, Term]>([
    ['another directive', charlist('~p'), [1]],
    ['a width', charlist('~10s'), [charlist('a')]],
    ['a precision', charlist('~.3s'), [charlist('a')]],
    ['a width from the values', charlist('~*s'), [3, charlist('a')]],
    ['another modifier', charlist('~ls'), [charlist('a')]],
    ['a modifier of n', charlist('~tn'), []],
    ['a tilde at the end', charlist('a~'), []],
    ['an atom', charlist('~s'), [atom('ok')]],
    ['a number', charlist('~s'), [97]],
    ['a character beyond Latin-1', charlist('~s'), [charlist('€')]],
    ['bytes that are no UTF-8', charlist('~ts'), [Buffer.from([0xff])]],
    ['a surrogate', charlist('~ts'), [[0xd800]]],
    ['too few values', charlist('~s~s'), [charlist('a')]],
    ['too many values', charlist('~s'), [charlist('a'), charlist('b')]],
    ['values that are no list', charlist('~s'), binary('a')],
    ['lists in the format', [charlist('~s'), charlist('~n')], [charlist('a')]],
    ['an atom as format', atom('ok'), []],
  ])('%s', (_, template, values) => {
    expect(format(template, values)).toBeUndefined();
  });

  test('other functions', () => {
    expect(format(charlist('a'), [], 'write')).toBeUndefined();
    expect(format(charlist('a'), [], 'format', 'vmq_io')).toBeUndefined();
    expect(formatLocally({ module: atom('io_lib'), name: atom('format'), args: [[]] })).toBeUndefined();
  });
});
