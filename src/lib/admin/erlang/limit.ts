import { aborted, whenAborted } from './abort.js';
import type { ErlangError } from './error.js';

/** How long to wait for something, and what may cut the waiting short. */
export interface LimitOptions {
  /** Milliseconds; 0 or undefined for none. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A delay that a timer can have: it takes more than 24 days as none. */
export const timerDelay = (milliseconds: number): number => Math.min(Math.max(0, milliseconds), 2 ** 31 - 1);

/** One wait of a task that has several, with one deadline for all of them. */
interface Wait<T> {
  readonly work: Promise<T>;
  /** What it means that this wait took too long. */
  late(): ErlangError;
  /** Lets go of what the work holds. */
  stop(): void;
}

/** A deadline and a signal that hold for a whole task. */
export class Limit {
  readonly #end: number | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(options: LimitOptions) {
    this.#end = options.deadline ? performance.now() + options.deadline : undefined;
    this.#signal = options.signal;
  }

  /** @throws ErlangError `aborted` when the signal was given already */
  check(): void {
    if (this.#signal?.aborted) throw aborted(this.#signal);
  }

  /** What the work came to, unless the deadline or the signal is first. */
  async within<T>(wait: Wait<T>): Promise<T> {
    const stopWaiting: (() => void)[] = [];
    const cut = new Promise<never>((_, reject) => {
      const signal = this.#signal;
      if (signal) stopWaiting.push(whenAborted(signal, () => reject(aborted(signal))));
      if (this.#end === undefined) return;
      const timer = setTimeout(() => reject(wait.late()), timerDelay(this.#end - performance.now()));
      stopWaiting.push(() => clearTimeout(timer));
    });
    try {
      return await Promise.race([wait.work, cut]);
    } catch (error) {
      wait.stop();
      throw error;
    } finally {
      for (const stop of stopWaiting) stop();
    }
  }
}
