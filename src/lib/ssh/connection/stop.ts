/** Why the wait for something was given up. */
export type StopReason = 'interrupted' | 'deadline';

export interface StopOptions {
  /** Milliseconds; 0 or undefined is no limit. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The operator's Ctrl-C and a deadline, as one. */
export class Stop {
  reason: StopReason | undefined;
  readonly #callbacks = new Set<(reason: StopReason) => void>();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.stop('interrupted');

  constructor({ deadline, signal }: StopOptions) {
    this.#signal = signal;
    if (signal?.aborted) this.reason = 'interrupted';
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (deadline) this.#timer = setTimeout(() => this.stop('deadline'), deadline);
  }

  /** Calls back when it is time to stop, at once if it has been. @returns what ends the waiting */
  whenStopped(callback: (reason: StopReason) => void): () => void {
    if (this.reason) callback(this.reason);
    else this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  /**
   * Waits for `work`, but not longer than until the stop.
   *
   * @param late what is done with a result that nobody waits for any more
   * @throws what `work` throws, or what `failure` makes of the reason
   */
  within<T>(
    work: Promise<T>,
    failure: (reason: StopReason) => Error,
    late?: (result: T) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const forget = this.whenStopped((reason) => {
        isOver = true;
        reject(failure(reason));
      });
      work
        .then((result) => (isOver ? late?.(result) : resolve(result)), reject)
        .finally(forget)
        .catch(reject);
    });
  }

  /** Ends the waiting. To be called when all is done. */
  release(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#callbacks.clear();
  }

  private stop(reason: StopReason): void {
    if (this.reason) return;
    this.reason = reason;
    for (const callback of [...this.#callbacks]) callback(reason);
  }
}
