import { isUtf8 } from 'node:buffer';
import { ErlangError } from '../error.js';
import { Atom } from '../term/types.js';

/** An atom of a message's atom table, and the place in the connection's cache that it has. */
export interface AtomReference {
  /** Segment times 256 plus the index within it: 0 to 2047. */
  readonly cacheIndex: number;
  readonly atom: Atom;
  /** The message brings the atom's text, and it goes into the cache. */
  readonly isNew: boolean;
}

/** What precedes the terms of a message: the atoms that they refer to. */
export interface AtomHeader {
  readonly references: readonly AtomReference[];
  /** Texts of new atoms have two bytes for their length instead of one. */
  readonly longAtoms: boolean;
}

/** The atoms that one direction of a connection has named so far, by cache index. */
export type AtomCache = (Atom | undefined)[];

const NEW_ENTRY = 8;
const SEGMENT = 7;
const LONG_ATOMS = 1;

/**
 * Decodes the atom references of a distribution header; new ones go into the cache.
 * Source: "External Term Format", Distribution Header.
 *
 * @param offset of NumberOfAtomCacheRefs
 * @throws ErlangError `bad_frame`
 */
export function decodeAtomHeader(
  frame: Buffer,
  offset: number,
  cache: AtomCache,
): { readonly header: AtomHeader; readonly end: number } {
  const count = byteAt(frame, offset);
  if (count === 0) return { header: { references: [], longAtoms: false }, end: offset + 1 };
  const flags = offset + 1;
  const nibble = (index: number) => (byteAt(frame, flags + (index >> 1)) >> (index % 2 === 0 ? 0 : 4)) & 15;
  const longAtoms = (nibble(count) & LONG_ATOMS) !== 0;
  const references: AtomReference[] = [];
  let end = flags + (count >> 1) + 1;
  for (let index = 0; index < count; index++) {
    const cacheIndex = (nibble(index) & SEGMENT) * 256 + byteAt(frame, end++);
    const isNew = (nibble(index) & NEW_ENTRY) !== 0;
    if (isNew) {
      const text = atomText(frame, end, longAtoms);
      cache[cacheIndex] = new Atom(text.name);
      end = text.end;
    }
    references.push({ cacheIndex, atom: cachedAtom(cache, cacheIndex), isNew });
  }
  return { header: { references, longAtoms }, end };
}

/** Encodes what `decodeAtomHeader` decodes. */
export function encodeAtomHeader(header: AtomHeader): Buffer {
  const { references, longAtoms } = header;
  if (references.length === 0) return Buffer.from([0]);
  const flags = Buffer.alloc((references.length >> 1) + 1);
  const setNibble = (index: number, value: number) => {
    const byte = index >> 1;
    flags.writeUInt8(flags.readUInt8(byte) | (index % 2 === 0 ? value : value << 4), byte);
  };
  const parts: Buffer[] = [Buffer.from([references.length]), flags];
  for (const [index, { cacheIndex, atom, isNew }] of references.entries()) {
    setNibble(index, (cacheIndex >> 8) | (isNew ? NEW_ENTRY : 0));
    parts.push(Buffer.from([cacheIndex & 255]));
    if (isNew) parts.push(encodeAtomText(atom, longAtoms));
  }
  setNibble(references.length, longAtoms ? LONG_ATOMS : 0);
  return Buffer.concat(parts);
}

function encodeAtomText(atom: Atom, long: boolean): Buffer {
  const text = Buffer.from(atom.name);
  const length = Buffer.alloc(long ? 2 : 1);
  length.writeUIntBE(text.length, 0, length.length);
  return Buffer.concat([length, text]);
}

function atomText(
  frame: Buffer,
  offset: number,
  long: boolean,
): { readonly name: string; readonly end: number } {
  const start = offset + (long ? 2 : 1);
  const length = long ? byteAt(frame, offset) * 256 + byteAt(frame, offset + 1) : byteAt(frame, offset);
  const text = frame.subarray(start, start + length);
  if (text.length < length) throw badHeader('it is cut short');
  if (!isUtf8(text)) throw badHeader('an atom in it is no UTF-8');
  return { name: text.toString('utf8'), end: start + length };
}

function cachedAtom(cache: AtomCache, cacheIndex: number): Atom {
  const atom = cache[cacheIndex];
  if (!atom) throw badHeader('it refers to an atom that never came');
  return atom;
}

function byteAt(frame: Buffer, offset: number): number {
  const byte = frame[offset];
  if (byte === undefined) throw badHeader('it is cut short');
  return byte;
}

function badHeader(what: string): ErlangError {
  return new ErlangError('bad_frame', `a distribution header that cannot be: ${what}`);
}
