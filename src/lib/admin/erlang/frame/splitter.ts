import { ErlangError } from '../error.js';

/** How many bytes precede each frame to give its length: two in the handshake, four after it. */
export type LengthBytes = 2 | 4;

/**
 * Cuts a stream into frames. A frame is copied at most once, however many chunks it came in,
 * and not at all where it came in one.
 */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  /** Of the chunks, the first that is not used up, and how much of it is. */
  #first = 0;
  #used = 0;
  #available = 0;
  #lengthBytes: LengthBytes;
  #limit: number;

  /** @param limit of one frame, in bytes */
  constructor(lengthBytes: LengthBytes, limit: number) {
    this.#lengthBytes = lengthBytes;
    this.#limit = limit;
  }

  /** From the next frame on. */
  expect(lengthBytes: LengthBytes, limit: number): void {
    this.#lengthBytes = lengthBytes;
    this.#limit = limit;
  }

  /** The bytes that came and are in no complete frame yet. */
  get available(): number {
    return this.#available;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#available += chunk.length;
  }

  /**
   * The next frame without its length; undefined when it is not complete.
   *
   * @throws ErlangError `bad_frame` when it is longer than the limit
   */
  next(): Buffer | undefined {
    if (this.#available < this.#lengthBytes) return undefined;
    const length = this.#peekLength();
    if (length > this.#limit)
      throw new ErlangError('bad_frame', `a frame of ${length} bytes, and ${this.#limit} are accepted`);
    if (this.#available < this.#lengthBytes + length) return undefined;
    this.#take(this.#lengthBytes);
    const frame = this.#take(length);
    this.#forgetUsed();
    return frame;
  }

  #peekLength(): number {
    let length = 0;
    let index = this.#first;
    let offset = this.#used;
    for (let count = 0; count < this.#lengthBytes; count++) {
      while (offset >= this.#chunk(index).length) {
        index++;
        offset = 0;
      }
      length = length * 256 + this.#chunk(index).readUInt8(offset++);
    }
    return length;
  }

  #take(length: number): Buffer {
    this.#available -= length;
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      const chunk = this.#chunk(this.#first);
      const part = chunk.subarray(this.#used, this.#used + missing);
      parts.push(part);
      missing -= part.length;
      this.#used += part.length;
      if (this.#used < chunk.length) break;
      this.#first++;
      this.#used = 0;
    }
    const [only] = parts;
    return parts.length === 1 && only ? only : Buffer.concat(parts, length);
  }

  #forgetUsed(): void {
    if (this.#first === this.#chunks.length) this.#chunks = [];
    else if (this.#first > 64) this.#chunks = this.#chunks.slice(this.#first);
    else return;
    this.#first = 0;
  }

  #chunk(index: number): Buffer {
    const chunk = this.#chunks[index];
    if (!chunk) throw new RangeError('more bytes asked for than came');
    return chunk;
  }
}
