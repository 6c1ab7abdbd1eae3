/** Bits of the filter. It is as large from the beginning as it ever gets: 16 MiB. */
const BITS = 2 ** 27;
/** Of 3 million keys a key that was not added is taken for one of them with a probability of 10^-8. */
const PROBES = 12;

/**
 * Keys that came before, in a fixed amount of memory (a Bloom filter). What was added is always recognised; what was not
 * is taken for it once in very many times.
 */
export class SeenKeys {
  private readonly bits = new Int32Array(BITS / 32);

  /** Returns whether the key has been added before, or may have been. */
  add(key: string): boolean {
    const [first, step] = hashes(key);
    let isKnown = true;
    for (let probe = 0; probe < PROBES; probe += 1) {
      const bit = (first + Math.imul(probe, step)) & (BITS - 1);
      const word = bit >>> 5;
      const mask = 1 << (bit & 31);
      const before = this.bits[word] ?? 0;
      if ((before & mask) !== 0) continue;
      isKnown = false;
      this.bits[word] = before | mask;
    }
    return isKnown;
  }
}

/** Two independent 32-bit hashes: FNV-1a with two offsets, each stirred by the finaliser of MurmurHash3. */
function hashes(key: string): readonly [number, number] {
  let one = 0x811c9dc5;
  let other = 0x9747b28c;
  for (let index = 0; index < key.length; index += 1) {
    const code = key.charCodeAt(index);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ code, 0x5bd1e995);
    other ^= other >>> 15;
  }
  return [stir(one), stir(other) | 1];
}

function stir(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}
