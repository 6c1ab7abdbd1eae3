import { badTerm } from './limits.js';
import type { Reader } from './reader.js';
import { BitString } from './types.js';

/** BIT_BINARY_EXT after its tag. Where all the bits fill bytes it is a binary. */
export function readBits(reader: Reader): BitString | Buffer {
  const length = reader.u32();
  const bits = reader.u8();
  if (bits > 8 || (bits === 0) !== (length === 0))
    throw badTerm(`a bit string of ${length} bytes with ${bits} bits in the last one`);
  const bytes = reader.take(length);
  return bits === 0 || bits === 8 ? bytes : new BitString(withoutUnusedBits(bytes, bits), bits);
}

/** Equal bit strings have equal bytes. Copies only where a bit that is not used is set. */
export function withoutUnusedBits<Bytes extends Uint8Array>(bytes: Bytes, bits: number): Bytes | Uint8Array {
  const last = bytes.length - 1;
  const value = bytes[last] ?? 0;
  const used = value & (0xff << (8 - bits));
  if (used === value) return bytes;
  const copy = Buffer.from(bytes);
  copy[last] = used;
  return copy;
}
