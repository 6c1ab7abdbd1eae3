import { describe, expect, it } from 'vitest';
import {
  atom,
  binary,
  boolean,
  charlist,
  isAtom,
  map,
  tuple,
} from '../../../../../src/lib/admin/erlang/term/construct.js';
import { formatTerm } from '../../../../../src/lib/admin/erlang/term/format.js';

describe('constructors', () => {
  it.each([
    [atom('ok'), 'ok'],
    [boolean(true), 'true'],
    [boolean(false), 'false'],
    [tuple(), '{}'],
    [tuple(1, atom('a')), '{1,a}'],
    [map([atom('a'), 1], [2, 3]), '#{a => 1,2 => 3}'],
    [charlist(''), '[]'],
    [charlist('aä'), '"aä"'],
    [binary('ä'), '<<"ä"/utf8>>'],
  ])('make %#: the term that Erlang writes so', (term, text) => {
    expect(formatTerm(term)).toBe(text);
  });

  it('charlist gives code points, not units of UTF-16', () => {
    expect(charlist('a😀')).toEqual([97, 0x1f600]);
  });

  it('binary gives UTF-8', () => {
    expect(binary('€')).toEqual(Buffer.from([0xe2, 0x82, 0xac]));
  });
});

describe('isAtom', () => {
  it.each([
    [atom('ok'), 'ok', true],
    [atom('ok'), undefined, true],
    [atom('error'), 'ok', false],
    [charlist('ok'), 'ok', false],
    [binary('ok'), undefined, false],
    [undefined, 'ok', false],
  ])('%#', (term, name, is) => {
    expect(isAtom(term, name)).toBe(is);
  });
});
