import { badTerm } from './limits.js';

/** A place in bytes that nobody vouches for: it moves on with what it reads and never past the end. */
export class Reader {
  private readonly bytes: Buffer;

  /** @param offset where to begin, in bytes */
  constructor(
    bytes: Uint8Array,
    public offset = 0,
  ) {
    this.bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that are left. */
  get left(): number {
    return this.bytes.length - this.offset;
  }

  /** The next byte, without moving on; undefined at the end. */
  peek(): number | undefined {
    return this.bytes[this.offset];
  }

  u8(): number {
    const byte = this.bytes[this.offset];
    if (byte === undefined) throw this.cutShort(1);
    this.offset += 1;
    return byte;
  }

  u16(): number {
    return this.bytes.readUInt16BE(this.advance(2));
  }

  u32(): number {
    return this.bytes.readUInt32BE(this.advance(4));
  }

  i32(): number {
    return this.bytes.readInt32BE(this.advance(4));
  }

  u64(): bigint {
    return this.bytes.readBigUInt64BE(this.advance(8));
  }

  f64(): number {
    return this.bytes.readDoubleBE(this.advance(8));
  }

  /** The next `length` bytes: a view, not a copy. */
  take(length: number): Buffer {
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  text(length: number, encoding: 'latin1' | 'utf8'): string {
    const start = this.advance(length);
    return this.bytes.toString(encoding, start, start + length);
  }

  /** A number from 0 to 255, the same for the same `length` bytes that come next, and mostly another one for others. */
  fingerprint(length: number): number {
    const first = this.bytes[this.offset] ?? 0;
    const last = this.bytes[this.offset + length - 1] ?? 0;
    return (length * 31 + first * 7 + last) & 255;
  }

  /** Moves on over the next `length` bytes, if they are the same as those from `start` on, which were read before. */
  skipRepeated(start: number, length: number): boolean {
    for (let index = 0; index < length; index += 1)
      if (this.bytes[start + index] !== this.bytes[this.offset + index]) return false;
    this.offset += length;
    return true;
  }

  /** Where the next `length` bytes begin. */
  private advance(length: number): number {
    const start = this.offset;
    if (length > this.bytes.length - start) throw this.cutShort(length);
    this.offset = start + length;
    return start;
  }

  private cutShort(length: number) {
    return badTerm(
      `the term is cut short: ${length} bytes expected at byte ${this.offset}, ${this.left} are left`,
    );
  }
}
