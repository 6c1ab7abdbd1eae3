import { sourceOf } from './pack/bytes.js';

/** Words of 32 bits. The filter is as large from the beginning as it ever gets: 16 MiB. */
const WORDS = 2 ** 22;
/** All bits of a key are in so many words that lie together: a processor fetches them from memory at once. */
const BLOCK = 16;
const PROBES = 12;

/**
 * Keys that came before, in a fixed amount of memory (a blocked Bloom filter: Putze, Sanders and Singler 2007). What was
 * added is always recognised; of 3 million keys, one that was not is taken for it about once in a million times.
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
    const { words } = this;
    let one = to - from;
    let other = ~one;
    for (let at = from; at < to; at += 4) {
      const word = view.getInt32(at, true) & (to - at >= 4 ? -1 : (1 << (8 * (to - at))) - 1);
      const stirred = Math.imul(word, 0xcc9e2d51);
      one = Math.imul(one ^ stirred ^ (stirred >>> 17), 0x01000193);
      other = Math.imul((other << 13) ^ (other >>> 19) ^ word, 0x5bd1e995);
    }
    const block = (stir(one) & (WORDS / BLOCK - 1)) * BLOCK;
    let bits = stir(other);
    const step = stir(one ^ other) | 1;
    let isKnown = true;
    for (let probe = 0; probe < PROBES; probe += 1) {
      const at = block + ((bits >>> 5) & (BLOCK - 1));
      const mask = 1 << (bits & 31);
      const word = words[at] ?? 0;
      if ((word & mask) === 0) {
        isKnown = false;
        words[at] = word | mask;
      }
      bits = Math.imul(bits + step, 0x9e3779b1) >>> 3;
    }
    return isKnown;
  }
}

/** The finaliser of MurmurHash3. */
function stir(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}
