import type { AtomIndex } from './encode-atom.js';
import { type TermLimits, withDefaults } from './limits.js';
import { VERSION } from './tags.js';
import { TermEncoder } from './term-encoder.js';
import type { Term } from './types.js';
import { Writer } from './writer.js';

/** Of the limits, what a value of ours can exceed. */
export type EncodeLimits = Partial<Pick<TermLimits, 'bytes' | 'depth'>>;

export interface EncodeOptions {
  readonly limits?: EncodeLimits | undefined;
  /** Where the message's atom table has an atom, which then is written as ATOM_CACHE_REF. */
  readonly atomIndex?: AtomIndex;
}

/**
 * The version byte 131 and the term, as `term_to_binary` of OTP 26 and later has them.
 *
 * @throws ErlangError `bad_term` for what Erlang cannot have, such as a float that is not finite
 */
export function encodeTerm(term: Term, limits?: EncodeLimits): Buffer {
  const all = withDefaults(limits);
  const writer = new Writer(all.bytes);
  writer.u8(VERSION);
  new TermEncoder(writer, all, undefined).write(term);
  return writer.result();
}

/**
 * Writes the term without a version byte, as it travels in a distribution message.
 *
 * @throws ErlangError `bad_term`; what is written until then stays in the writer
 */
export function writeTerm(writer: Writer, term: Term, options: EncodeOptions = {}): void {
  new TermEncoder(writer, withDefaults(options.limits), options.atomIndex).write(term);
}
