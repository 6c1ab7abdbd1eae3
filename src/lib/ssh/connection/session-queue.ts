import { setTimeout as sleep } from 'node:timers/promises';

/** The server has no session to spare; nothing was sent. */
export class NoSession extends Error {
  /** @param said by the server */
  constructor(readonly said: string) {
    super(said);
  }
}

const PAUSE = 50;
const PATIENCE = 40;

/**
 * Sessions of one connection. Servers accept only so many at a time (sshd: MaxSessions, 10 by default) and do not tell
 * how many: who is refused waits until another one has ended, and asks again.
 */
export class SessionQueue {
  #open = 0;
  readonly #waiting: (() => void)[] = [];

  /**
   * @param open rejects with NoSession where the server refuses
   * @param isWanted asked before every attempt
   * @returns what `open` gives; call `closed` when that session has ended
   * @throws NoSession when the server refuses although nothing of ours is open there
   */
  async open<T>(open: () => Promise<T>, isWanted: () => boolean): Promise<T> {
    if (this.#waiting.length > 0) await this.turn();
    for (let refusals = 0; ; ) {
      if (!isWanted()) {
        this.next();
        throw new NoSession('given up');
      }
      try {
        const session = await open();
        this.#open += 1;
        return session;
      } catch (error) {
        if (!(error instanceof NoSession) || refusals === PATIENCE) {
          this.next();
          throw error;
        }
        if (this.#open > 0) {
          refusals = 0;
          await this.turn();
        } else {
          // The server may count a session as open a moment longer than we do.
          refusals += 1;
          await sleep(PAUSE);
        }
      }
    }
  }

  closed(): void {
    this.#open -= 1;
    this.next();
  }

  private turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  private next(): void {
    this.#waiting.shift()?.();
  }
}
