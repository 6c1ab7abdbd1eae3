import type { Duplex } from 'node:stream';
import { ErlangError } from '../error.js';
import { FrameSplitter } from '../frame/splitter.js';

/** Far longer than any message of the handshake, so a longer one comes from something else. */
const LONGEST_MESSAGE = 1024;

/** The connection ended, or what came cannot be a handshake. Whoever waits knows what that means. */
export class PeerClosed extends Error {}

/** The messages of a handshake, one after the other, as a socket brings them. */
export class PacketReader {
  readonly #socket: Duplex;
  readonly #splitter = new FrameSplitter(2, LONGEST_MESSAGE);
  #wake: (() => void) | undefined;
  #closed = false;
  #cause: Error | undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onEnd);
    socket.on('error', this.#onError);
  }

  /** @throws PeerClosed, or ErlangError `not_a_node` */
  async next(): Promise<Buffer> {
    for (;;) {
      const packet = this.#read();
      if (packet) return packet;
      if (this.#closed) throw new PeerClosed('the connection was closed', { cause: this.#cause });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Stops listening and hands over what came after the handshake; attach another listener at once. */
  release(): FrameSplitter {
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onEnd);
    this.#socket.off('error', this.#onError);
    return this.#splitter;
  }

  #read(): Buffer | undefined {
    try {
      return this.#splitter.next();
    } catch (cause) {
      // A node with encrypted distribution ends up here as well: its TLS alert reads as a length of 5379.
      throw new ErlangError(
        'not_a_node',
        'what listens there does not shake hands as an Erlang node does, or only over TLS',
        { cause },
      );
    }
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#splitter.push(chunk);
    this.#notify();
  };

  readonly #onEnd = (): void => {
    this.#closed = true;
    this.#notify();
  };

  readonly #onError = (error: Error): void => {
    this.#cause = error;
    this.#onEnd();
  };

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
