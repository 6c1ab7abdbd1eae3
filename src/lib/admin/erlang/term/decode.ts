import { ErlangError } from '../error.js';
import { inflatedTerm } from './compressed.js';
import { badTerm, type TermLimits, withDefaults } from './limits.js';
import { Reader } from './reader.js';
import { COMPRESSED, VERSION } from './tags.js';
import { TermDecoder } from './term-decoder.js';
import type { Atom, Term } from './types.js';

export interface DecodeOptions {
  readonly limits?: Partial<TermLimits> | undefined;
  /** What ATOM_CACHE_REF points into: the atoms of the message's distribution header, by their index there. */
  readonly atoms?: readonly Atom[] | undefined;
}

export interface DecodedTerm {
  readonly term: Term;
  /** Where the term ended: the offset of the first byte after it. */
  readonly end: number;
}

/**
 * What `term_to_binary` made: the version byte 131 and one term, perhaps compressed, with nothing after it.
 *
 * Binaries in the term are views of `bytes` and keep them in memory; who changes `bytes` changes them.
 *
 * @throws ErlangError `bad_term`, for whatever is wrong with the bytes
 */
export function decodeTerm(bytes: Uint8Array, limits?: Partial<TermLimits>): Term {
  const all = withDefaults(limits);
  checkSize(bytes.length, all);
  const reader = new Reader(bytes);
  const version = reader.u8();
  if (version !== VERSION) throw badTerm(`a term must begin with ${VERSION}, not ${version}`);
  const plain = reader.peek() === COMPRESSED ? new Reader(inflatedTerm(reader, all)) : reader;
  const term = new TermDecoder(plain, all).read();
  if (plain.left > 0) throw badTerm(`${plain.left} bytes after the term`);
  return term;
}

/**
 * One term without a version byte, as a distribution message has two of them. Binaries are views of `bytes`, as with
 * `decodeTerm`. The limits hold for this one term.
 *
 * @param offset where the term begins
 * @throws ErlangError `bad_term`
 */
export function decodeTermAt(bytes: Uint8Array, offset: number, options: DecodeOptions = {}): DecodedTerm {
  const limits = withDefaults(options.limits);
  checkSize(bytes.length - offset, limits);
  const reader = new Reader(bytes, offset);
  const term = new TermDecoder(reader, limits, options.atoms).read();
  return { term, end: reader.offset };
}

/** Bytes that should be a term and are none, or exceed a limit. */
export class BrokenTerm {
  constructor(
    readonly error: ErlangError,
    /** The elements before the one that is broken, where the term is a tuple: they may say whom it concerns. */
    readonly beginning: readonly Term[],
  ) {}
}

/** Like `decodeTermAt`, but gives what can be read of a term that cannot. */
export function decodeTermOrBroken(
  bytes: Uint8Array,
  offset: number,
  options: DecodeOptions = {},
): DecodedTerm | BrokenTerm {
  const reader = new Reader(bytes, offset);
  const decoder = new TermDecoder(reader, withDefaults(options.limits), options.atoms);
  try {
    return { term: decoder.read(), end: reader.offset };
  } catch (error) {
    if (error instanceof ErlangError) return new BrokenTerm(error, decoder.beginning());
    throw error;
  }
}

function checkSize(length: number, limits: TermLimits): void {
  if (length > limits.bytes) throw badTerm(`a term of ${length} bytes, ${limits.bytes} are accepted`);
}
