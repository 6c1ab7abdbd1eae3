import type { ZlibOptions } from 'node:zlib';
import { badTerm, type TermLimits } from './limits.js';
import type { Reader } from './reader.js';

/** What `inflateSync` returns with the option `info`, which Node documents and its types leave out. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/**
 * Reads the tag COMPRESSED, the size of the term and its zlib stream, which must be all that is left.
 *
 * @returns the term's bytes, as many as were announced; never more memory than `limits.bytes`
 */
export function inflatedTerm(reader: Reader, limits: TermLimits): Buffer {
  reader.u8();
  const size = reader.u32();
  if (size > limits.bytes) throw badTerm(`a compressed term of ${size} bytes, ${limits.bytes} are accepted`);
  if (size === 0) throw badTerm('a compressed term of no bytes');
  const stream = reader.take(reader.left);
  const { buffer, engine } = inflate(stream, size);
  if (buffer.length !== size) throw badTerm(`a compressed term of ${buffer.length} bytes instead of ${size}`);
  if (engine.bytesWritten !== stream.length)
    throw badTerm(`${stream.length - engine.bytesWritten} bytes after the compressed term`);
  return buffer;
}

function inflate(stream: Buffer, size: number): Inflated {
  const options: ZlibOptions = { maxOutputLength: size, info: true };
  try {
    // Seldom needed, and slow to load.
    const { inflateSync } = process.getBuiltinModule('node:zlib');
    return inflateSync(stream, options) as unknown as Inflated;
  } catch (error) {
    throw badTerm('a compressed term that cannot be decompressed to its size', error);
  }
}
