import type { Client } from 'ssh2';
import type { Failure } from '../../failure.js';
import { SessionQueue } from './session-queue.js';

/** A connection that is logged in, until it is lost. */
export class Connection {
  /** Set when it has ended. */
  lost: Failure | undefined;
  readonly sessions = new SessionQueue();
  readonly #callbacks = new Set<(failure: Failure) => void>();

  /**
   * @param client logged in
   * @param hangUp ends what is below the client: at once, or after a farewell
   */
  constructor(
    readonly client: Client,
    readonly address: string,
    readonly hangUp: (politely: boolean) => void,
  ) {}

  /** Calls back when the connection has ended, at once if it has. @returns what ends the waiting */
  whenLost(callback: (failure: Failure) => void): () => void {
    if (this.lost) callback(this.lost);
    else this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  /** @param politely where the connection still stands */
  end(failure: Failure, politely = false): void {
    if (this.lost) return;
    this.lost = failure;
    this.hangUp(politely);
    for (const callback of [...this.#callbacks]) callback(failure);
    this.#callbacks.clear();
  }
}
