import fc from 'fast-check';
import {
  Atom,
  BitString,
  ErlangMap,
  Export,
  Float,
  Fun,
  ImproperList,
  Pid,
  Port,
  Reference,
  type Term,
  Tuple,
} from '../../../../../src/lib/admin/erlang/term/types.js';

const word = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffff_ffff }));
const byte = fc.integer({ min: 0, max: 255 });
const bytes = (size: fc.IntArrayConstraints = {}) => fc.uint8Array(size).map((array) => Buffer.from(array));

export const integer: fc.Arbitrary<number | bigint> = fc.oneof(
  byte,
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }).map(narrow),
  fc.bigInt({ min: -(1n << 2100n), max: 1n << 2100n }).map(narrow),
);

/** As the decoder gives an integer. */
function narrow(value: bigint): number | bigint {
  const isSafe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? Number(value) : value;
}

export const float = fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => new Float(value));

export const atom = fc
  .oneof(
    fc.constantFrom('ok', 'error', 'undefined', '', 'VerneMQ@127.0.0.1'),
    fc.string({ unit: 'binary-ascii', maxLength: 20 }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.string({ unit: fc.constantFrom('ж', 'ü', '€', '😀'), minLength: 100, maxLength: 255 }),
  )
  .map((name) => new Atom(name));

const node = fc.constantFrom('a@b', 'VerneMQ@127.0.0.1', 'vmqctl-1@laptop').map((name) => new Atom(name));

export const pid = fc.tuple(node, word, word, word).map((fields) => new Pid(...fields));

const port = fc
  .tuple(node, fc.oneof(word, fc.bigInt({ min: 1n << 53n, max: (1n << 64n) - 1n })), word)
  .map((fields) => new Port(...fields));

const reference = fc
  .tuple(node, word, fc.array(word, { minLength: 1, maxLength: 5 }))
  .map((fields) => new Reference(...fields));

const bitString = fc
  .tuple(bytes({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 7 }))
  .map(([array, bits]) => {
    array[array.length - 1] = (array.at(-1) ?? 0) & (0xff << (8 - bits));
    return new BitString(array, bits);
  });

const exported = fc.tuple(atom, atom, byte).map((fields) => new Export(...fields));

const leaf: fc.Arbitrary<Term> = fc.oneof(
  integer,
  float,
  atom,
  pid,
  port,
  reference,
  bitString,
  exported,
  bytes({ maxLength: 40 }),
  fc.array(byte, { maxLength: 40 }),
);

/** Terms of every kind but those that only very old nodes have; `map` says how many pairs a map may have. */
export const terms = (options: { readonly mapPairs: number; readonly funs: boolean }) =>
  fc.letrec<{ term: Term; compound: Term }>((tie) => ({
    term: fc.oneof({ maxDepth: 5, depthIdentifier: 'term' }, leaf, tie('compound')),
    compound: fc.oneof(
      fc.array(tie('term'), { maxLength: 6 }),
      fc.array(tie('term'), { maxLength: 6 }).map((elements) => new Tuple(elements)),
      pairs(tie('term'), options.mapPairs),
      improper(tie('term')),
      ...(options.funs ? [fun(tie('term'))] : []),
    ),
  })).term;

const pairs = (term: fc.Arbitrary<Term>, maxLength: number) =>
  fc
    .uniqueArray(fc.tuple(fc.oneof(atom, fc.integer(), bytes({ maxLength: 8 })), term), {
      maxLength,
      selector: ([key]) => (key instanceof Atom ? key.name : `${key.constructor.name} ${key.toString()}`),
    })
    .map((entries) => new ErlangMap(entries));

const improper = (term: fc.Arbitrary<Term>) =>
  fc
    .tuple(
      fc.array(term, { minLength: 1, maxLength: 4 }),
      leaf.filter((tail) => !Array.isArray(tail)),
    )
    .map(([elements, tail]) => new ImproperList(elements, tail));

const fun = (term: fc.Arbitrary<Term>) =>
  fc
    .tuple(
      byte,
      bytes({ minLength: 16, maxLength: 16 }),
      word,
      atom,
      fc.nat(),
      fc.nat(),
      pid,
      fc.array(term, { maxLength: 3 }),
    )
    .map((fields) => new Fun(...fields));
