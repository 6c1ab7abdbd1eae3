import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ErlangError } from '../../../../../src/lib/admin/erlang/error.js';
import { decodeTerm } from '../../../../../src/lib/admin/erlang/term/decode.js';
import type { TermLimits } from '../../../../../src/lib/admin/erlang/term/limits.js';

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const compressed = (size: number, content: Uint8Array) => {
  const header = Buffer.alloc(6, bytes('8350'));
  header.writeUInt32BE(size, 2);
  return Buffer.concat([header, deflateSync(content)]);
};
const NESTED = (levels: number) => `83${'6801'.repeat(levels)}6a`;
const ATOMS = (names: string) =>
  `83680${names.length}${[...names].map((n) => `7701${Buffer.from(n).toString('hex')}`).join('')}`;

describe('decodeTerm refuses', () => {
  it.each([
    ['nothing', '', /cut short/],
    ['another version', '826101', /begin with 131, not 130/],
    ['no version', '6101', /begin with 131, not 97/],
    ['bytes after the term', '83610161', /1 bytes after the term/],
    ['an unknown tag', '8301', /unknown tag 1 at byte 1/],
    ['LOCAL_EXT', '83790000', /local format of another node/],
    ['a compressed term within another', '8368015000000002789c', /compressed term within/],
    ['an atom of a table it has not', '835200', /atom table/],

    ['a float that is infinite', '83467ff0000000000000', /not finite/],
    ['a float that is no number', '83467ff8000000000000', /not finite/],
    ['FLOAT_EXT without a point', `8363${'3135'.padEnd(62, '0')}`, /no decimal number/],
    ['FLOAT_EXT that says inf', `8363${'696e66'.padEnd(62, '0')}`, /no decimal number/],
    [
      'FLOAT_EXT beyond all floats',
      `8363${Buffer.from('1.0e+999').toString('hex').padEnd(62, '0')}`,
      /not finite/,
    ],

    ['an atom that is no UTF-8', '837701ff', /no UTF-8/],
    ['an atom with half of a character', '837701c3', /no UTF-8/],
    ['an atom with a surrogate', '837703eda080', /no UTF-8/],
    ['an atom with an overlong character', '837702c0af', /no UTF-8/],
    ['an atom of 256 characters', `83760100${'61'.repeat(256)}`, /255 characters/],
    ['an atom of 256 characters of four bytes', `83760400${'f09f9880'.repeat(256)}`, /255 characters/],
    ['an atom of 256 characters in Latin-1', `83640100${'e4'.repeat(256)}`, /255 characters/],

    ['a pid whose node is no atom', '83586101', /node of a pid must be an atom, but its tag is 97/],
    ['a port whose node is no atom', '83596a', /node of a port/],
    ['a reference whose node is no atom', '835a00016a', /node of a reference/],
    ['a reference without words', '835a000077016100000000', /reference of 0 words/],
    ['a reference of six words', '835a0006770161', /reference of 6 words/],
    ['a fun whose module is no atom', '83716a', /module of a fun/],
    ['a fun whose name is no atom', '83717701616a', /name of a fun/],
    ['a fun of arity 256', '83717701617701626200000100', /arity/],
    ['a fun of negative arity', '837177016177016262ffffffff', /arity/],
    ['a fun whose arity is no integer', '83717701617701626a', /arity/],
    [
      'a closure of another size',
      `837000000044${'00'.repeat(25)}7701616100610058770161${'00'.repeat(12)}`,
      /says that it has 68/,
    ],
    [
      'a closure whose pid is none',
      `837000000044${'00'.repeat(25)}7701616100610077016100`,
      /must have a pid/,
    ],
    [
      'a closure whose index is none',
      `837000000044${'00'.repeat(25)}7701617701616100`,
      /must have an integer/,
    ],

    ['a bit string of 9 bits in a byte', '834d0000000109ff', /9 bits/],
    ['a bit string of no bits in a byte', '834d0000000100ff', /0 bits/],
    ['a bit string of bits in no byte', '834d0000000003', /0 bytes with 3 bits/],
  ])('%s', (_name, hex, message) => {
    expect(() => decodeTerm(bytes(hex))).toThrow(message);
    expect(() => decodeTerm(bytes(hex))).toThrow(
      expect.objectContaining({ name: 'ErlangError', code: 'bad_term' }),
    );
  });
});

describe('decodeTerm refuses before it reserves memory for it', () => {
  it.each([
    ['a list', '836cffffffff6a'],
    ['a list that another one continues', '836c0000000161016cffffffff6a'],
    ['a tuple', '8369ffffffff6a'],
    ['a map', '8374000f42406a'],
    ['a string', '836bffff61'],
    ['a binary', '836dffffffff61'],
    ['a bit string', '834dffffffff0161'],
    ['free variables', `837000000044${'00'.repeat(21)}ffffffff7701616100610058770161${'00'.repeat(12)}`],
    ['an atom', '8376ffff61'],
    ['an integer', '836eff0001'],
  ])('%s that is longer than the bytes that are left', (_name, hex) => {
    expect(() => decodeTerm(bytes(hex))).toThrow(/cut short|elements in \d+ bytes/);
  });
});

describe('decodeTerm within limits', () => {
  it.each<readonly [name: string, hex: string, limits: Partial<TermLimits>, message: RegExp]>([
    ['bytes', '836d0000000161', { bytes: 6 }, /a term of 7 bytes, 6 are accepted/],
    ['depth', NESTED(4), { depth: 3 }, /deeper than 3/],
    ['depth of lists', `83${'6c00000001'.repeat(4)}6a6a6a6a6a`, { depth: 3 }, /deeper than 3/],
    ['depth of tails', `83${'6c00000001'.repeat(4)}6101610161016101`, { depth: 3 }, /deeper than 3/],
    ['elements', '83680361016102610361', { elements: 2 }, /more than 2 elements/],
    ['elements in all', '8368026802610161026a', { elements: 3 }, /more than 3 elements/],
    ['elements of strings', '836b0003616263', { elements: 2 }, /more than 2 elements/],
    ['objects', '836803612a6a6a', { objects: 2 }, /more than 2 terms that are not small integers/],
    ['pairs of a map', '8374000000026101610161026102', { mapPairs: 1 }, /a map of 2 pairs/],
    ['elements of maps', '8374000000026101610161026102', { elements: 3 }, /more than 3 elements/],
    ['atoms', ATOMS('abc'), { atoms: 2 }, /more than 2 different atoms/],
    ['bytes of an integer', '836e0300010203', { integerBytes: 2 }, /an integer of 3 bytes/],
    ['bytes of a long integer', '836fffffffff00', {}, /an integer of 4294967295 bytes/],
  ])('refuses too many %s', (_name, hex, limits, message) => {
    expect(() => decodeTerm(bytes(hex), limits)).toThrow(message);
    expect(() => decodeTerm(bytes(hex), limits)).toThrow(ErlangError);
  });

  it.each<readonly [name: string, hex: string, limits: Partial<TermLimits>]>([
    ['bytes', '836d0000000161', { bytes: 7 }],
    ['depth', NESTED(3), { depth: 3 }],
    ['elements', '8368026802610161026a', { elements: 4 }],
    ['objects, which small integers are not', '836803612a612b6a', { objects: 2 }],
    ['pairs of a map', '8374000000026101610161026102', { mapPairs: 2, elements: 4 }],
    ['atoms, of which the same one counts once', ATOMS('abbba'), { atoms: 2 }],
    ['bytes of an integer', '836e0300010203', { integerBytes: 3 }],
  ])('accepts as many %s as there may be', (_name, hex, limits) => {
    expect(() => decodeTerm(bytes(hex), limits)).not.toThrow();
  });
});

describe('decodeTerm refuses a compressed term', () => {
  const term = bytes('6d0000000568656c6c6f');
  it.each<readonly [name: string, bytes: Uint8Array, message: RegExp]>([
    ['that announces more than is accepted', compressed(1001, term), /1001 bytes, 1000 are accepted/],
    ['that announces nothing', compressed(0, term), /no bytes/],
    ['that is longer than announced', compressed(9, term), /cannot be decompressed/],
    ['that is shorter than announced', compressed(11, term), /10 bytes instead of 11/],
    ['that would fill the memory', compressed(1000, Buffer.alloc(500_000)), /cannot be decompressed/],
    ['that is no zlib stream', bytes('83500000000501020304'), /cannot be decompressed/],
    ['that is cut short', compressed(10, term).subarray(0, -5), /cannot be decompressed/],
    ['with something after it', Buffer.concat([compressed(10, term), term]), /10 bytes after the compressed/],
    [
      'with bytes after its term',
      compressed(11, Buffer.concat([term, term]).subarray(0, 11)),
      /1 bytes after/,
    ],
    ['that is compressed again', compressed(16, compressed(10, term).subarray(1)), /compressed/],
  ])('%s', (_name, whole, message) => {
    expect(() => decodeTerm(whole, { bytes: 1000 })).toThrow(message);
    expect(() => decodeTerm(whole, { bytes: 1000 })).toThrow(ErlangError);
  });

  it('and says in the error what zlib said', () => {
    expect(() => decodeTerm(bytes('83500000000501020304'))).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: 'Z_DATA_ERROR' }) }),
    );
  });
});
