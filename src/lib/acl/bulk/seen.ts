import { sourceOf } from './pack/bytes.js';

/** Words of 32 bits. The filter is as large from the beginning as it ever gets: 16 MiB. */
const WORDS = 2 ** 22;
/** A key has one bit in each word of its block: they lie together, and none waits for another one. */
const BLOCK = 8;
/** Odd numbers, each of which makes other bits of the same hash (Apache Parquet, "Bloom Filter", Algorithm). */
const SALTS = Int32Array.of(
  ...[0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d],
  ...[0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31],
);

/**
 * Keys that came before, in a fixed amount of memory (a split block Bloom filter). What was added is always recognised;
 * of 3 million keys, one that was not is taken for it about once in a million times.
 */
export class SeenKeys {
  private readonly words = new Int32Array(WORDS);

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
    return this.addHash((stir(one) & (WORDS / BLOCK - 1)) * BLOCK, stir(other));
  }

  private addHash(block: number, hash: number): boolean {
    const { words } = this;
    let missing = 0;
    for (let at = 0; at < BLOCK; at += 1) {
      const bit = 1 << (Math.imul(hash, SALTS[at] as number) >>> 27);
      const word = words[block + at] as number;
      missing |= bit & ~word;
      words[block + at] = word | bit;
    }
    return missing === 0;
  }
}

/** The finaliser of MurmurHash3. */
function stir(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}
