import { ErlangError } from '../error.js';

/** How much of a term is accepted. Whatever the far side sends, memory and time stay within these. */
export interface TermLimits {
  /** Bytes of an encoded term, both as it came and after it was decompressed. */
  readonly bytes: number;
  /** Levels of lists, tuples, maps and funs within each other. */
  readonly depth: number;
  /** Elements of all lists, tuples and maps (a key and its value are two) taken together. */
  readonly elements: number;
  /** Terms that are not integers of 32 bits: each is an object of its own, many times larger than such a number. */
  readonly objects: number;
  /** Pairs of one map. */
  readonly mapPairs: number;
  /** Atoms with different names. */
  readonly atoms: number;
  /** Bytes of one integer. */
  readonly integerBytes: number;
}

export const DEFAULT_LIMITS: TermLimits = {
  bytes: 64 * 1024 * 1024,
  depth: 10_000,
  elements: 4_000_000,
  objects: 4_000_000,
  mapPairs: 1_000_000,
  atoms: 10_000,
  integerBytes: 8192,
};

/** The most characters that Erlang lets an atom have. */
export const ATOM_CHARACTERS = 255;

/** The most words of 32 bits that a reference has. */
export const REFERENCE_WORDS = 5;

export const withDefaults = (limits: Partial<TermLimits> | undefined): TermLimits =>
  limits === undefined ? DEFAULT_LIMITS : { ...DEFAULT_LIMITS, ...limits };

export function badTerm(message: string, cause?: unknown): ErlangError {
  return new ErlangError('bad_term', message, cause === undefined ? {} : { cause });
}

/** More characters than an atom may have: characters of Unicode, not units of UTF-16. */
export function tooLongForAtom(name: string): boolean {
  return name.length > ATOM_CHARACTERS && [...name].length > ATOM_CHARACTERS;
}
