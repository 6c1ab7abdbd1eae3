/** A deadline that stands still while the operator is asked for something. */
export class Countdown {
  #left: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #pauses = 0;

  /** @param milliseconds until `onEnd` is called */
  constructor(
    milliseconds: number,
    readonly onEnd: () => void,
  ) {
    this.#left = milliseconds;
    this.start();
  }

  /** Does `work` outside of the time that counts. */
  async without<T>(work: () => Promise<T>): Promise<T> {
    if (this.#pauses === 0) this.pause();
    this.#pauses += 1;
    try {
      return await work();
    } finally {
      this.#pauses -= 1;
      if (this.#pauses === 0 && this.#left > 0) this.start();
    }
  }

  end(): void {
    this.#left = 0;
    clearTimeout(this.#timer);
  }

  private start(): void {
    this.#since = performance.now();
    this.#timer = setTimeout(this.onEnd, this.#left);
  }

  private pause(): void {
    clearTimeout(this.#timer);
    if (this.#left > 0) this.#left = Math.max(1, this.#left - (performance.now() - this.#since));
  }
}
