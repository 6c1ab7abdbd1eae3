import { badTerm } from './limits.js';

/** Bytes that grow as they are written, up to a limit. */
export class Writer {
  private bytes: Buffer;
  private used = 0;

  /** @param limit the most bytes; more are an ErlangError `bad_term` */
  constructor(
    private readonly limit: number,
    capacity = 256,
  ) {
    this.bytes = Buffer.allocUnsafe(Math.min(capacity, limit));
  }

  /** How many bytes are written. */
  get length(): number {
    return this.used;
  }

  u8(value: number): void {
    const at = this.advance(1);
    this.bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.advance(2);
    this.bytes.writeUInt16BE(value, at);
  }

  u32(value: number): void {
    const at = this.advance(4);
    this.bytes.writeUInt32BE(value, at);
  }

  i32(value: number): void {
    const at = this.advance(4);
    this.bytes.writeInt32BE(value, at);
  }

  u64(value: bigint): void {
    const at = this.advance(8);
    this.bytes.writeBigUInt64BE(value, at);
  }

  f64(value: number): void {
    const at = this.advance(8);
    this.bytes.writeDoubleBE(value, at);
  }

  raw(bytes: Uint8Array): void {
    const start = this.advance(bytes.length);
    this.bytes.set(bytes, start);
  }

  /** Overwrites four bytes that are written already, for a size that is known only afterwards. */
  setU32(value: number, at: number): void {
    this.bytes.writeUInt32BE(value, at);
  }

  /** What is written so far: a view, so nothing may be written after it. */
  result(): Buffer {
    return this.bytes.subarray(0, this.used);
  }

  /** Where the next `length` bytes begin, once there is room for them: `this.bytes` may be another one then. */
  private advance(length: number): number {
    const start = this.used;
    const end = start + length;
    if (end > this.bytes.length) this.grow(end);
    this.used = end;
    return start;
  }

  private grow(needed: number): void {
    if (needed > this.limit) throw badTerm(`the term takes more than ${this.limit} bytes`);
    const bytes = Buffer.allocUnsafe(Math.min(this.limit, Math.max(needed, this.bytes.length * 2)));
    bytes.set(this.bytes.subarray(0, this.used));
    this.bytes = bytes;
  }
}
