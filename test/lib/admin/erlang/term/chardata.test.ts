import { describe, expect, it } from 'vitest';
import { type ChardataOptions, chardataToString } from '../../../../../src/lib/admin/erlang/term/chardata.js';
import { atom, binary, charlist, tuple } from '../../../../../src/lib/admin/erlang/term/construct.js';
import { Float, ImproperList, type Term } from '../../../../../src/lib/admin/erlang/term/types.js';

type Readable = readonly [name: string, term: Term, text: string, options: ChardataOptions | undefined];
type Refused = readonly [name: string, term: Term, message: RegExp, options: ChardataOptions | undefined];

describe('chardataToString', () => {
  it.each<Readable>([
    ['a string', charlist('aä€😀'), 'aä€😀', undefined],
    ['nothing', [], '', undefined],
    ['a binary of UTF-8', binary('aä€😀'), 'aä€😀', undefined],
    ['a binary of Latin-1', Buffer.from([0x61, 0xe4]), 'aä', { encoding: 'latin1' }],
    ['numbers in Latin-1, which are code points as ever', [0xe4, 0x20ac], 'ä€', { encoding: 'latin1' }],
    [
      'a Uint8Array that begins within its buffer',
      new Uint8Array([120, 97, 98]).subarray(1),
      'ab',
      undefined,
    ],
    ['lists in lists, in their order', [[97, [98]], [], [[[99]], binary('d')], 101], 'abcde', undefined],
    ['a list whose tail is a binary', new ImproperList([97, [98]], binary('c')), 'abc', undefined],
    ['such a list within another', [new ImproperList([binary('a')], binary('b')), 99], 'abc', undefined],
    ['bytes that are no UTF-8', Buffer.from([0x61, 0xff, 0x62]), 'a\ufffdb', undefined],
    ['a surrogate', [0x61, 0xd800], 'a\ufffd', undefined],
    ['the highest code point', [0x10ffff], '\u{10ffff}', undefined],
    ['a byte order mark', binary('\ufeffa'), '\ufeffa', undefined],
    ['as much as there may be', [charlist('ab'), binary('c')], 'abc', { maxLength: 3 }],
    ['three bytes to a character', binary('€€€'), '€€€', { maxLength: 3 }],
  ])('reads %s', (_name, term, text, options) => {
    expect(chardataToString(term, options)).toBe(text);
  });

  it.each<Refused>([
    ['a number alone', 97, /no chardata/, undefined],
    ['an atom', atom('ok'), /something else/, undefined],
    ['a tuple in it', [97, tuple(98)], /something else/, undefined],
    ['a bigint in it', [97n], /something else/, undefined],
    ['a float in it', [new Float(97)], /something else/, undefined],
    ['a negative number in it', [-1], /-1 is no code point/, undefined],
    ['a number beyond Unicode in it', [0x110000], /no code point/, undefined],
    ['a fraction in it', [1.5], /no code point/, undefined],
    ['a number as tail', new ImproperList([97], 98), /something else/, undefined],
    ['a long string', charlist('abc'), /more than 2 characters/, { maxLength: 2 }],
    ['a long binary', binary('abcdefg'), /more than 2 characters/, { maxLength: 2 }],
    ['much in many parts', [binary('ab'), [99]], /more than 2 characters/, { maxLength: 2 }],
  ])('refuses %s', (_name, term, message, options) => {
    expect(() => chardataToString(term, options)).toThrow(message);
    expect(() => chardataToString(term, options)).toThrow(expect.objectContaining({ code: 'bad_term' }));
  });

  it('reads long lists, and characters that take two units', () => {
    const text = `a${'😀'.repeat(20_000)}b`;
    expect(chardataToString(charlist(text))).toBe(text);
    expect(chardataToString([charlist(text), binary('c'), charlist(text)])).toBe(`${text}c${text}`);
  });

  it('reads lists that are nested deeper than function calls could be', () => {
    let term: Term = [];
    for (let level = 0; level < 100_000; level += 1) term = [term, 97];
    expect(chardataToString(term)).toBe('a'.repeat(100_000));
  });
});
