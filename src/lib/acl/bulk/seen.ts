import { sourceOf } from './pack/bytes.js';

/** Of each filter, in words of 32 bits: 4 MiB, and 12 more for inputs that are larger. What is not touched costs nothing. */
const SIZES = [2 ** 20, 3 * 2 ** 20] as const;
/** Words of a key in the first of them, which everything that comes after it is looked for in, too. */
const KEY_ROOM = 2;

/**
 * Keys that came before, in a fixed amount of memory. What was added is always recognised; of 3 million keys, one that was
 * not is taken for it a few times.
 */
export class SeenKeys {
  private latest = new Filter(SIZES[0]);
  /** The one before, when it is full. */
  private full: Filter | undefined;
  private room = SIZES[0] / KEY_ROOM;

  /** Returns whether the key has been added before, or may have been. */
  add(key: string): boolean {
    const { view, length } = sourceOf(Buffer.from(key));
    return this.addBytes(view, 0, length);
  }

  /**
   * The same of a key in UTF-8.
   *
   * @param view has three more bytes behind the key, whatever they are
   */
  addBytes(view: DataView, from: number, to: number): boolean {
    let one = to - from;
    let other = ~one;
    for (let at = from; at < to; at += 4) {
      const word = view.getInt32(at, true) & (to - at >= 4 ? -1 : (1 << (8 * (to - at))) - 1);
      one = Math.imul(one ^ word, 0x01000193);
      one ^= one >>> 15;
      other = Math.imul((other << 13) ^ (other >>> 19) ^ word, 0x5bd1e995);
    }
    return this.addHash(stir(one) >>> 0, stir(other));
  }

  private addHash(place: number, hash: number): boolean {
    if (this.full?.has(place, hash)) return true;
    const isKnown = this.latest.add(place, hash);
    if (!isKnown) this.room -= 1;
    if (this.room === 0) {
      this.full = this.latest;
      this.latest = new Filter(SIZES[1]);
    }
    return isKnown;
  }
}

/** A key has one bit in each word of its block: they lie together, and none waits for another one. */
const BLOCK = 8;
/** Odd numbers, each of which makes other bits of the same hash (Apache Parquet, "Bloom Filter", Algorithm). */
const SALTS = Int32Array.of(
  ...[0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d],
  ...[0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31],
);

/** A split block Bloom filter. */
class Filter {
  private readonly words: Int32Array;
  /** Of a place in 2 ** 32, the block. */
  private readonly scale: number;

  constructor(size: number) {
    this.words = new Int32Array(size);
    this.scale = size / BLOCK / 2 ** 32;
  }

  has(place: number, hash: number): boolean {
    const block = Math.trunc(place * this.scale) * BLOCK;
    for (let at = 0; at < BLOCK; at += 1)
      if (((this.words[block + at] as number) & bitOf(hash, at)) === 0) return false;
    return true;
  }

  /** Returns whether it has been added before, or may have been. */
  add(place: number, hash: number): boolean {
    const { words } = this;
    const block = Math.trunc(place * this.scale) * BLOCK;
    let missing = 0;
    for (let at = 0; at < BLOCK; at += 1) {
      const bit = bitOf(hash, at);
      const word = words[block + at] as number;
      missing |= bit & ~word;
      words[block + at] = word | bit;
    }
    return missing === 0;
  }
}

const bitOf = (hash: number, at: number): number => 1 << (Math.imul(hash, SALTS[at] as number) >>> 27);

/** The finaliser of MurmurHash3. */
function stir(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}
