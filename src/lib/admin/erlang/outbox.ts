import type { Duplex } from 'node:stream';

/** Bytes of answers on their way from which nothing more is read, so that nothing more has to be answered. */
const PAUSE_AT = 8 * 1024 * 1024;
/** As many bytes of answers are not kept for a peer that does not take them. */
const MOST_ANSWERS = 64 * 1024 * 1024;

/**
 * What is to be sent: the frames of one turn of the event loop are written together. Answers are what the peer has
 * made us send; where it does not take them, no more of what it sends is read. Frames of our own, such as calls with
 * large arguments, do not count.
 */
export class Outbox {
  readonly #socket: Duplex;
  #unsent: Buffer[] = [];
  #unsentAnswers = 0;
  /** Bytes of answers that have not been handed to the system. */
  #answers = 0;
  #isPaused = false;
  #hasWritten = false;
  #hasLeft = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** @returns false where there are more answers than are kept */
  push(frame: Buffer, isAnswer: boolean): boolean {
    if (isAnswer) this.#countAnswer(frame.length);
    if (this.#unsent.push(frame) === 1) queueMicrotask(() => this.flush());
    return this.#answers <= MOST_ANSWERS;
  }

  flush(): void {
    const unsent = this.#unsent;
    const answers = this.#unsentAnswers;
    this.#unsent = [];
    this.#unsentAnswers = 0;
    if (unsent.length === 0 || this.#socket.destroyed) return;
    this.#hasWritten = true;
    this.#socket.write(Buffer.concat(unsent), () => this.#left(answers));
  }

  /** Whether anything was written since this was asked last. */
  takeHasWritten(): boolean {
    const had = this.#hasWritten;
    this.#hasWritten = false;
    return had;
  }

  /** Whether the peer, which cannot be heard meanwhile, has taken something since this was asked last. */
  takeProgressOfPause(): boolean {
    const had = this.#isPaused && this.#hasLeft;
    this.#hasLeft = false;
    return had;
  }

  #countAnswer(bytes: number): void {
    this.#answers += bytes;
    this.#unsentAnswers += bytes;
    if (this.#answers <= PAUSE_AT || this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  #left(answers: number): void {
    this.#hasLeft = true;
    this.#answers -= answers;
    if (!this.#isPaused || this.#answers > PAUSE_AT) return;
    this.#isPaused = false;
    this.#socket.resume();
  }
}
