import { deflateSync } from 'node:zlib';
import { atom, binary, charlist, map, tuple } from '../../../../../src/lib/admin/erlang/term/construct.js';
import {
  BitString,
  Export,
  Float,
  Fun,
  ImproperList,
  OldFun,
  Pid,
  Port,
  Reference,
  type Term,
} from '../../../../../src/lib/admin/erlang/term/types.js';

/** What a term is called, its bytes in hexadecimal without the version byte, and the term. */
export type Row = readonly [name: string, hex: string, term: Term];

export const NODE = atom('nonode@nohost');
const NODE_HEX = '770d6e6f6e6f6465406e6f686f7374';
const CHECKSUM = '0ce87bd59e66c09efd862315043bb2a9';
const PID_HEX = `58${NODE_HEX}000000090000000000000000`;
const hex = (text: string) => Buffer.from(text).toString('hex');

/** What Erlang writes today: term_to_binary with {minor_version,2}, the default since OTP 26. */
export const CURRENT: readonly Row[] = [
  ['0', '6100', 0],
  ['255', '61ff', 255],
  ['256', '6200000100', 256],
  ['-1', '62ffffffff', -1],
  ['the highest INTEGER_EXT', '627fffffff', 2147483647],
  ['one more', '6e040000000080', 2147483648],
  ['the lowest INTEGER_EXT', '6280000000', -2147483648],
  ['one less', '6e040101000080', -2147483649],
  ['the highest safe integer', '6e0700ffffffffffff1f', Number.MAX_SAFE_INTEGER],
  ['the lowest safe integer', '6e0701ffffffffffff1f', Number.MIN_SAFE_INTEGER],
  ['one more than safe', '6e070000000000000020', 9007199254740992n],
  ['2^64 - 1', '6e0800ffffffffffffffff', 18446744073709551615n],
  ['2^64', '6e0900000000000000000001', 18446744073709551616n],
  ['-2^64', '6e0901000000000000000001', -18446744073709551616n],
  ['the longest SMALL_BIG_EXT', `6eff00${'00'.repeat(254)}01`, 1n << 2032n],
  ['the shortest LARGE_BIG_EXT', `6f0000010001${'00'.repeat(255)}01`, -(1n << 2040n)],
  ['1.5', '463ff8000000000000', new Float(1.5)],
  ['-0.0', '468000000000000000', new Float(-0)],
  ['ok', '77026f6b', atom('ok')],
  ["''", '7700', atom('')],
  ['å', '7702c3a5', atom('å')],
  ['a long atom', `760104${'d096'.repeat(130)}`, atom('Ж'.repeat(130))],
  ['an atom of 255 times four bytes', `7603fc${'f09f9880'.repeat(255)}`, atom('😀'.repeat(255))],
  ['[]', '6a', []],
  ['"abc"', '6b0003616263', charlist('abc')],
  ['the longest string', `6bffff${'00'.repeat(65535)}`, new Array(65535).fill(0)],
  ['a list too long for a string', `6c00010000${'6101'.repeat(65536)}6a`, new Array(65536).fill(1)],
  ['[1,256]', '6c00000002610162000001006a', [1, 256]],
  ['[1,2|3]', '6c00000002610161026103', new ImproperList([1, 2], 3)],
  ['<<"hi">>', '6d000000026869', binary('hi')],
  ['<<>>', '6d00000000', binary('')],
  ['<<1,5:3>>', '4d000000020301a0', new BitString(Buffer.from([1, 0xa0]), 3)],
  ['{}', '6800', tuple()],
  ['{1}', '68016101', tuple(1)],
  ['a large tuple', `6900000100${'6a'.repeat(256)}`, tuple(...new Array(256).fill([]))],
  ['#{}', '7400000000', map()],
  [
    '#{a => 1, <<"b">> => [x]}',
    '740000000277016161016d00000001626c000000017701786a',
    map([atom('a'), 1], [binary('b'), [atom('x')]]),
  ],
  ['fun erlang:self/0', '71770665726c616e67770473656c666100', new Export(atom('erlang'), atom('self'), 0)],
  ['a pid', PID_HEX, new Pid(NODE, 9, 0, 0)],
  ['a port', `59${NODE_HEX}0000000000000000`, new Port(NODE, 0, 0)],
  ['the highest old port', '5977036140620fffffff00000007', new Port(atom('a@b'), 0x0fffffff, 7)],
  ['the lowest new port', '787703614062000000001000000000000007', new Port(atom('a@b'), 0x10000000, 7)],
  ['the highest port', '787703614062ffffffffffffffff00000007', new Port(atom('a@b'), (1n << 64n) - 1n, 7)],
  [
    'a reference',
    `5a0003${NODE_HEX}00000000000099466b000001588e74b1`,
    new Reference(NODE, 0, [0x9946, 0x6b000001, 0x588e74b1]),
  ],
  [
    'a reference of five words',
    '5a00057703614062000000090000000100000002000000030000000400000005',
    new Reference(atom('a@b'), 9, [1, 2, 3, 4, 5]),
  ],
  [
    'a fun',
    `7000000043010ce87bd59e66c09efd862315043bb2a90000000000000000770171610062006743de${PID_HEX}`,
    new Fun(1, Buffer.from(CHECKSUM, 'hex'), 0, atom('q'), 0, 0x6743de, new Pid(NODE, 9, 0, 0), []),
  ],
  [
    'a fun with a free variable',
    `700000005f010ce87bd59e66c09efd862315043bb2a90000000100000001770171610162006743de${PID_HEX}${PID_HEX}`,
    new Fun(1, Buffer.from(CHECKSUM, 'hex'), 1, atom('q'), 1, 0x6743de, new Pid(NODE, 9, 0, 0), [
      new Pid(NODE, 9, 0, 0),
    ]),
  ],
];

/** What older nodes write, or what is not the shortest form: it is read, and not written. */
export const OTHER: readonly Row[] = [
  ['FLOAT_EXT', `63${hex('1.50000000000000000000e+00')}0000000000`, new Float(1.5)],
  ['FLOAT_EXT, negative', `63${hex('-2.50000000000000000000e-03')}00000000`, new Float(-0.0025)],
  [
    'FLOAT_EXT with rubbish after its zero byte',
    `63${hex('1.50000000000000000000e+00')}0000010203`,
    new Float(1.5),
  ],
  ['ATOM_EXT', '6400026f6b', atom('ok')],
  ['ATOM_EXT in Latin-1', '640001e5', atom('å')],
  ['SMALL_ATOM_EXT in Latin-1', '7302e5fc', atom('åü')],
  ['ATOM_UTF8_EXT that is short', '7600026f6b', atom('ok')],
  ['a name with U+FFFD itself', '7703efbfbd', atom('\ufffd')],
  ['PID_EXT', '67640003614062000000010000000203', new Pid(atom('a@b'), 1, 2, 3)],
  ['PORT_EXT', '6677036140620000000103', new Port(atom('a@b'), 1, 3)],
  ['V4_PORT_EXT with a low number', '787703614062000000000000000100000003', new Port(atom('a@b'), 1, 3)],
  ['REFERENCE_EXT', '6577036140620000000903', new Reference(atom('a@b'), 3, [9])],
  [
    'NEW_REFERENCE_EXT',
    '720003770361406203000000010000000200000003',
    new Reference(atom('a@b'), 3, [1, 2, 3]),
  ],
  ['INTEGER_EXT of a small integer', '6200000005', 5],
  ['SMALL_BIG_EXT without bytes', '6e0000', 0],
  ['SMALL_BIG_EXT, minus zero', '6e010100', 0],
  ['SMALL_BIG_EXT with leading zeros', '6e0900050000000000000000', 5],
  ['SMALL_BIG_EXT with leading zeros, negative', '6e0901050000000000000000', -5],
  ['SMALL_BIG_EXT with any sign byte', '6e010705', -5],
  ['LARGE_BIG_EXT of a small integer', '6f000000010005', 5],
  ['LARGE_TUPLE_EXT of a small tuple', '69000000016101', tuple(1)],
  ['LIST_EXT of bytes', '6c0000000161016a', [1]],
  ['LIST_EXT without elements', '6c000000006a', []],
  ['LIST_EXT without elements, which is its tail', '6c000000006105', 5],
  ['LIST_EXT that a list continues', '6c0000000161016c0000000161026a', [1, 2]],
  ['LIST_EXT that an empty list continues', '6c0000000161016c000000006a', [1]],
  [
    'LIST_EXT that an improper list continues',
    '6c0000000161016c0000000161026103',
    new ImproperList([1, 2], 3),
  ],
  ['LIST_EXT that a string continues', '6c0000000161016b00020102', [1, 1, 2]],
  ['STRING_EXT without characters', '6b0000', []],
  ['BIT_BINARY_EXT of whole bytes', '4d000000010805', Buffer.from([5])],
  ['BIT_BINARY_EXT of nothing', '4d0000000000', binary('')],
  ['BIT_BINARY_EXT with unused bits set', '4d0000000103ff', new BitString(Buffer.from([0xe0]), 3)],
  ['EXPORT_EXT with a long arity', '7177016177016262000000ff', new Export(atom('a'), atom('b'), 255)],
  ['compressed', '5000000132789ccb6160604829674c1c4544a22c002e3f55ff', new Array(100).fill(atom('a'))],
  ['compressed and of no use', `5000000002${deflateSync(Buffer.from([97, 1])).toString('hex')}`, 1],
];

/** FUN_EXT: no node since OTP 23 writes or reads it. */
export const OLD_FUN: Row = [
  'FUN_EXT',
  `7500000001${PID_HEX}770171610162000001006a`,
  new OldFun(new Pid(NODE, 9, 0, 0), atom('q'), 1, 256, [[]]),
];
