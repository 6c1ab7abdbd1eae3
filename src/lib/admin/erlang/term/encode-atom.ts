import { badTerm, tooLongForAtom } from './limits.js';
import { ATOM_CACHE_REF, ATOM_UTF8_EXT, SMALL_ATOM_UTF8_EXT } from './tags.js';
import type { Atom } from './types.js';
import type { Writer } from './writer.js';

/** Where the message's atom table has the atom of a name (0 to 255); undefined where it has not. */
export type AtomIndex = ((name: string) => number | undefined) | undefined;

/** Half of a pair of UTF-16 units, for which there is no UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export function writeAtom(writer: Writer, { name }: Atom, atomIndex: AtomIndex): void {
  const index = atomIndex?.(name);
  if (index === undefined) {
    writeName(writer, name);
    return;
  }
  if (!Number.isInteger(index) || index < 0 || index > 255) throw badTerm(`index ${index} in an atom table`);
  writer.u8(ATOM_CACHE_REF);
  writer.u8(index);
}

function writeName(writer: Writer, name: string): void {
  const bytes = atomBytes(name);
  if (bytes.length <= 255) {
    writer.u8(SMALL_ATOM_UTF8_EXT);
    writer.u8(bytes.length);
  } else {
    writer.u8(ATOM_UTF8_EXT);
    writer.u16(bytes.length);
  }
  writer.raw(bytes);
}

/**
 * The name of an atom as UTF-8.
 *
 * @throws ErlangError `bad_term` where Erlang can have no atom of that name
 */
export function atomBytes(name: string): Buffer {
  if (tooLongForAtom(name)) throw badTerm(`an atom of more than 255 characters: ${name.slice(0, 40)}…`);
  if (LONE_SURROGATE.test(name)) throw badTerm('an atom with half of a surrogate pair');
  return Buffer.from(name, 'utf8');
}
