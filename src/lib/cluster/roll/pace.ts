/** Milliseconds over which a rate is taken: what was long ago says nothing of now. */
const WINDOW = 60_000;

export interface Estimate {
  /** How many go in a second. */
  readonly rate: number;
  /** Milliseconds until so few are left as is wanted; null while none go. */
  readonly eta: number | null;
}

/** Estimates how long something that becomes less takes. The caller brings the time. */
export class Pace {
  private samples: readonly { readonly at: number; readonly left: number }[] = [];

  /** @param wanted how many may be left */
  add(left: number, wanted: number, now: number): Estimate {
    this.samples = [...this.samples.filter(({ at }) => now - at <= WINDOW), { at: now, left }];
    const [first = { at: now, left }] = this.samples;
    const seconds = (now - first.at) / 1000;
    const rate = seconds > 0 ? Math.max(0, (first.left - left) / seconds) : 0;
    return { rate, eta: rate > 0 ? (Math.max(0, left - wanted) / rate) * 1000 : null };
  }
}
