import { describe, expect, it } from 'vitest';
import { atom, binary, charlist, map, tuple } from '../../../../../src/lib/admin/erlang/term/construct.js';
import { equals } from '../../../../../src/lib/admin/erlang/term/equals.js';
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

const NODE = atom('a@b');
const PID = new Pid(NODE, 1, 2, 3);
const fun = (index: number, ...free: Term[]) =>
  new Fun(1, Buffer.alloc(16), index, atom('m'), 0, 0, PID, free);

/** Rows of terms none of which equals another one, here or in any other row, but each itself. */
const DIFFERENT: readonly Term[] = [
  0,
  1,
  -1,
  2n ** 70n,
  -(2n ** 70n),
  new Float(0),
  new Float(-0),
  new Float(1),
  atom('a'),
  atom('b'),
  atom(''),
  [],
  [1],
  [1, 2],
  [[1]],
  [[]],
  charlist('a'),
  binary('a'),
  binary('b'),
  binary(''),
  tuple(),
  tuple(1),
  tuple(1, 2),
  tuple([1]),
  tuple([]),
  map(),
  map([1, 2]),
  map([1, 3]),
  map([2, 2]),
  map([1, 2], [2, 3]),
  map([1, 2], [3, 3]),
  map([map([1, 2]), 3]),
  map([map([1, 3]), 3]),
  new ImproperList([1], 2),
  new ImproperList([1, 2], 3),
  new ImproperList([1, 2], 4),
  new BitString(Buffer.from([0x80]), 1),
  new BitString(Buffer.from([0x80]), 2),
  new BitString(Buffer.from([0]), 1),
  PID,
  new Pid(atom('c@d'), 1, 2, 3),
  new Pid(NODE, 0, 2, 3),
  new Pid(NODE, 1, 0, 3),
  new Pid(NODE, 1, 2, 0),
  new Port(NODE, 1, 2),
  new Port(NODE, 2, 2),
  new Port(NODE, 1, 1),
  new Port(atom('c@d'), 1, 2),
  new Reference(NODE, 1, [1, 2, 3]),
  new Reference(NODE, 1, [1, 2]),
  new Reference(NODE, 1, [1, 2, 4]),
  new Reference(NODE, 2, [1, 2, 3]),
  new Reference(atom('c@d'), 1, [1, 2, 3]),
  new Export(NODE, NODE, 1),
  new Export(NODE, NODE, 2),
  new Export(NODE, atom('x'), 1),
  new Export(atom('x'), NODE, 1),
  fun(0),
  fun(1),
  fun(0, []),
  fun(0, [], 1),
  new OldFun(PID, NODE, 0, 0, []),
  new OldFun(PID, NODE, 1, 0, []),
  new OldFun(PID, NODE, 1, 1, []),
  new OldFun(PID, NODE, 1, 0, [1]),
];

describe('equals', () => {
  it.each(DIFFERENT.map((term, index) => [index, term] as const))(
    'tells term %d from all others',
    (index, term) => {
      for (const [other, otherTerm] of DIFFERENT.entries())
        expect(equals(term, otherTerm), `term ${other}`).toBe(other === index);
    },
  );

  it.each(DIFFERENT.map((term, index) => [index, term] as const))(
    'finds a copy of term %d equal',
    (_index, term) => {
      const copy = (value: unknown): unknown => {
        if (typeof value !== 'object' || value === null) return value;
        if (value instanceof Uint8Array) return Uint8Array.from(value);
        if (Array.isArray(value)) return value.map(copy);
        const fields = Object.entries(value).map(([key, field]) => [key, copy(field)]);
        return Object.assign(Object.create(Object.getPrototypeOf(value)), Object.fromEntries(fields));
      };
      expect(equals(term, copy(term) as Term)).toBe(true);
    },
  );

  it.each<readonly [name: string, left: Term, right: Term, equal: boolean]>([
    ['a number and the same bigint', 5, 5n, true],
    ['a bigint and the same number', 5n, 5, true],
    ['a number and the next bigint', 2 ** 53, 2n ** 53n + 1n, false],
    ['minus zero and zero, which are integers here', -0, 0, true],
    [
      'bit strings that differ in unused bits',
      new BitString(Buffer.of(0xff), 1),
      new BitString(Buffer.of(0x80), 1),
      true,
    ],
    ['a Uint8Array and a Buffer', new Uint8Array([97]), binary('a'), true],
    ['maps in another order', map([atom('a'), 1], [2, 3]), map([2, 3], [atom('a'), 1]), true],
    ['maps with their values swapped', map([1, 2], [2, 1]), map([1, 1], [2, 2]), false],
    ['maps in another order, of keys of one kind', map([[1], 1], [[2], 2]), map([[2], 2], [[1], 1]), true],
    [
      'maps with binaries as keys',
      map([binary('a'), 1], [binary('b'), 2]),
      map([binary('b'), 2], [binary('a'), 1]),
      true,
    ],
    ['maps with maps as keys', map([map([1, 2], [3, 4]), 5]), map([map([3, 4], [1, 2]), 5]), true],
    ['maps with a key twice and others', map([1, 2], [1, 2]), map([1, 2], [3, 2]), false],
  ])('compares %s', (_name, left, right, equal) => {
    expect(equals(left, right)).toBe(equal);
    expect(equals(right, left)).toBe(equal);
  });

  it('compares terms that are nested deeper than function calls could be', () => {
    const deep = (inner: Term) => {
      let term = inner;
      for (let level = 0; level < 100_000; level += 1) term = tuple(term);
      return term;
    };
    expect(equals(deep(1), deep(1))).toBe(true);
    expect(equals(deep(1), deep(2))).toBe(false);
  });

  it('refuses maps as keys of maps, without end', () => {
    const deep = () => {
      let term: Term = 1;
      for (let level = 0; level < 10_000; level += 1) term = map([term, 1]);
      return term;
    };
    expect(() => equals(deep(), deep())).toThrow(expect.objectContaining({ code: 'bad_term' }));
  });
});
