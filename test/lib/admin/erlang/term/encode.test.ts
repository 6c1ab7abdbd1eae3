import { describe, expect, it } from 'vitest';
import { ErlangError } from '../../../../../src/lib/admin/erlang/error.js';
import { atom, map, tuple } from '../../../../../src/lib/admin/erlang/term/construct.js';
import { decodeTermAt } from '../../../../../src/lib/admin/erlang/term/decode.js';
import { encodeTerm, writeTerm } from '../../../../../src/lib/admin/erlang/term/encode.js';
import {
  BitString,
  Export,
  Float,
  Fun,
  ImproperList,
  Pid,
  Port,
  Reference,
  type Term,
} from '../../../../../src/lib/admin/erlang/term/types.js';
import { Writer } from '../../../../../src/lib/admin/erlang/term/writer.js';
import { CURRENT, OLD_FUN } from './real-bytes.js';

const NODE = atom('a@b');
const PID = new Pid(NODE, 1, 2, 3);
const CHECKSUM = Buffer.alloc(16);
const badTerm = (message: RegExp) =>
  expect.objectContaining({ code: 'bad_term', message: expect.stringMatching(message) });

describe('encodeTerm', () => {
  it.each([...CURRENT, OLD_FUN])('writes %s', (_name, hex, term) => {
    expect(encodeTerm(term).toString('hex')).toBe(`83${hex}`);
  });

  it.each<readonly [name: string, term: Term, hex: string]>([
    ['a bigint that is small', 5n, '6105'],
    ['a negative bigint that is small', -5n, '62fffffffb'],
    ['the lowest bigint that is small', -0x8000_0000n, '6280000000'],
    ['minus zero as 0', -0, '6100'],
    ['minus zero in a list', [-0], '6b000100'],
    ['a Uint8Array', new Uint8Array([1, 2, 3]).subarray(1), '6d000000020203'],
    ['unused bits as zeros', new BitString(Buffer.from([255]), 3), '4d0000000103e0'],
    ['a list of bytes, one of them a bigint', [1, 2n], '6c00000002610161026a'],
    ['a port whose low number is a bigint', new Port(NODE, 5n, 1), '59770361406200000005' + '00000001'],
  ])('writes %s', (_name, term, hex) => {
    expect(encodeTerm(term).toString('hex')).toBe(`83${hex}`);
  });

  it('leaves the bytes of a bit string as they are', () => {
    const bytes = Buffer.from([255]);
    encodeTerm(new BitString(bytes, 3));
    expect(bytes[0]).toBe(255);
  });
});

describe('encodeTerm refuses', () => {
  it.each<readonly [name: string, term: unknown, message: RegExp]>([
    ['a number with a fraction', 1.5, /1.5 is no safe integer: a float is a Float/],
    ['a number that is not exact', 2 ** 53, /no safe integer/],
    ['NaN', Number.NaN, /NaN is no safe integer/],
    ['a float that is not finite', new Float(Number.POSITIVE_INFINITY), /no float Infinity/],
    ['a float that is no number', new Float(Number.NaN), /no float NaN/],
    ['a JavaScript string', 'ok', /a JavaScript string is no term/],
    ['a boolean', true, /true is no term/],
    ['undefined', undefined, /undefined is no term/],
    ['null', null, /null is no term/],
    ['a plain object', { a: 1 }, /an object of class Object is no term/],
    ['an object without a class', Object.create(null), /no term/],
    ['a function', () => 1, /no term/],
    ['a hole in a list', new Array(2), /undefined is no term/],
    ['an atom of 256 characters', atom('a'.repeat(256)), /more than 255 characters: a{40}…/],
    ['an atom of 256 characters of four bytes', atom('😀'.repeat(256)), /more than 255 characters/],
    ['an atom with half of a surrogate pair', atom('a\ud800'), /surrogate/],
    ['a pid with a negative id', new Pid(NODE, -1, 0, 0), /id of a pid is -1/],
    ['a pid with a long serial', new Pid(NODE, 0, 2 ** 32, 0), /serial of a pid is 4294967296/],
    ['a pid with a fractional creation', new Pid(NODE, 0, 0, 0.5), /a creation is 0.5/],
    ['a port with a negative id', new Port(NODE, -1, 0), /id of a port is -1/],
    ['a port with a fractional id', new Port(NODE, 2 ** 30 + 0.5, 0), /id of a port/],
    ['a port that is no safe integer', new Port(NODE, 2 ** 60, 0), /id of a port/],
    ['a port of 65 bits', new Port(NODE, 1n << 64n, 0), /64 bits/],
    ['a reference without words', new Reference(NODE, 0, []), /0 words/],
    ['a reference of six words', new Reference(NODE, 0, [1, 2, 3, 4, 5, 6]), /6 words/],
    ['a reference with a long word', new Reference(NODE, 0, [2 ** 32]), /word of a reference/],
    ['a bit string without bytes', new BitString(Buffer.alloc(0), 3), /0 bytes/],
    ['a bit string of no bits', new BitString(Buffer.alloc(1), 0), /0 bits/],
    ['a bit string of whole bytes', new BitString(Buffer.alloc(1), 8), /8 bits/],
    ['an improper list without elements', new ImproperList([], 1), /without elements/],
    ['an improper list that is none', new ImproperList([1], []), /tail is a list/],
    ['an improper list within its tail', new ImproperList([1], new ImproperList([2], 3)), /tail is a list/],
    ['a fun of arity 256', new Export(NODE, NODE, 256), /arity 256/],
    ['a fun of half an arity', new Export(NODE, NODE, 0.5), /arity 0.5/],
    ['a closure with a short checksum', new Fun(0, Buffer.alloc(15), 0, NODE, 0, 0, PID, []), /15 bytes/],
    ['a closure with a negative index', new Fun(0, CHECKSUM, -1, NODE, 0, 0, PID, []), /index of a fun/],
    ['what is wrong deep within', tuple([map([atom('k'), [1, 'x' as never]])]), /JavaScript string/],
  ])('%s', (_name, term, message) => {
    expect(() => encodeTerm(term as Term)).toThrow(badTerm(message));
  });

  it('a list that contains itself', () => {
    const list: Term[] = [];
    list.push(1000, list);
    expect(() => encodeTerm(list)).toThrow(badTerm(/contains itself/));
  });

  it('a tuple that contains itself', () => {
    const elements: Term[] = [1];
    elements.push(tuple(elements));
    expect(() => encodeTerm(tuple(...elements))).toThrow(badTerm(/contains itself/));
  });

  it('a term that grows without end because its parts are shared', () => {
    let term: Term = [0];
    for (let level = 0; level < 60; level += 1) term = [term, term];
    expect(() => encodeTerm(term, { bytes: 100_000 })).toThrow(badTerm(/more than 100000 bytes/));
  });
});

describe('encodeTerm within limits', () => {
  it('writes what is as deep as it may be, and no deeper', () => {
    expect(encodeTerm([[[500]]], { depth: 3 }).length).toBe(1 + 6 * 3 + 5);
    expect(() => encodeTerm([[[500]]], { depth: 2 })).toThrow(ErlangError);
  });

  it('writes what is as long as it may be, and no longer', () => {
    expect(encodeTerm(Buffer.alloc(994), { bytes: 1000 }).length).toBe(1000);
    expect(() => encodeTerm(Buffer.alloc(995), { bytes: 1000 })).toThrow(badTerm(/more than 1000 bytes/));
    expect(() => encodeTerm(Buffer.alloc(0), { bytes: 5 })).toThrow(badTerm(/more than 5 bytes/));
  });

  it('writes a term that is nested deeper than function calls could be', () => {
    const depth = 200_000;
    let term: Term = [];
    for (let level = 0; level < depth; level += 1) term = tuple(term);
    expect(encodeTerm(term, { depth }).length).toBe(1 + depth * 2 + 1);
  });
});

describe('writeTerm', () => {
  const table = [atom('a@b'), atom('ok')];
  const atomIndex = (name: string) => {
    const index = table.findIndex((entry) => entry.name === name);
    return index < 0 ? undefined : index;
  };

  it('writes a reference to an atom that the table has, and the name of another one', () => {
    const writer = new Writer(100);
    const term = tuple(atom('ok'), atom('no'), PID, new Export(atom('ok'), atom('a@b'), 0));
    writeTerm(writer, term, { atomIndex });
    const bytes = writer.result();
    expect(bytes.toString('hex')).toBe('6804520177026e6f5852000000000100000002000000037152015200' + '6100');
    expect(decodeTermAt(bytes, 0, { atoms: table })).toEqual({ term, end: bytes.length });
  });

  it('writes after what is written already', () => {
    const writer = new Writer(100);
    writer.u8(112);
    writeTerm(writer, new Fun(0, CHECKSUM, 0, table[1] as never, 0, 0, PID, [[]]), { atomIndex });
    const bytes = writer.result();
    expect(bytes.readUInt32BE(2)).toBe(bytes.length - 2);
    expect(decodeTermAt(bytes, 1, { atoms: table }).end).toBe(bytes.length);
  });

  it.each([-1, 256, 0.5])('refuses index %d of a table', (index) => {
    expect(() => writeTerm(new Writer(100), atom('ok'), { atomIndex: () => index })).toThrow(
      badTerm(/index/),
    );
  });

  it('grows as needed', () => {
    const writer = new Writer(1_000_000, 1);
    const term = Array.from({ length: 10_000 }, (_, index) => index);
    writeTerm(writer, term);
    expect(decodeTermAt(writer.result(), 0).term).toEqual(term);
  });
});
