import type { Duplex } from 'node:stream';
import type { Control } from './control/control.js';
import { decodeControl } from './control/decode.js';
import { encodeControl } from './control/encode.js';
import { asErlangError, ErlangError } from './error.js';
import { MessageDecoder } from './frame/decoder.js';
import { FRAME_LIMIT, writePassThrough } from './frame/frame.js';
import type { FrameSplitter } from './frame/splitter.js';
import { Outbox } from './outbox.js';
import { endGently } from './tcp.js';
import type { BrokenTerm } from './term/decode.js';
import type { Term } from './term/types.js';
import { Writer } from './term/writer.js';

export interface ConnectionOptions {
  /** For messages. */
  readonly peer: string;
  /** Milliseconds without a byte after which the peer counts as silent, like its own `net_ticktime`. */
  readonly tickTime: number;
  /** Called with each signal, in order. */
  readonly onSignal: (control: Control, payload: Term | BrokenTerm | undefined) => void;
}

/** In how many parts of the tick time the peer is looked at; in each of them it may be silent. */
const LOOKS = 4;
/** Milliseconds from tick to tick of ours, whatever the tick time of the peer is. */
const TICK_INTERVAL = 1000;
const TICK = Buffer.alloc(4);

/** Milliseconds for what is on its way when the connection is ended here. */
const LAST_WRITES = 2000;

/**
 * An established connection: sends and receives signals, and keeps up the ticks.
 * Source: "Distribution Protocol", Protocol between Connected Nodes; kernel's `net_ticktime`.
 */
export class Connection {
  /** Settles with the reason once the connection is over. */
  readonly ended: Promise<ErlangError>;
  readonly #socket: Duplex;
  readonly #splitter: FrameSplitter;
  readonly #options: ConnectionOptions;
  readonly #decoder = new MessageDecoder();
  readonly #outbox: Outbox;
  readonly #ticking: NodeJS.Timeout;
  readonly #watching: NodeJS.Timeout;
  #settleEnded: (error: ErlangError) => void = () => undefined;
  #error: ErlangError | undefined;
  #silentLooks = 0;

  /** @param splitter with what the socket brought after the handshake */
  constructor(socket: Duplex, splitter: FrameSplitter, options: ConnectionOptions) {
    this.#socket = socket;
    this.#splitter = splitter;
    this.#options = options;
    this.#outbox = new Outbox(socket);
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    splitter.expect(4, FRAME_LIMIT);
    socket.on('data', this.#onData);
    socket.on('error', (cause) => this.#end(this.#lost(cause)));
    socket.on('close', () => this.#end(this.#lost()));
    this.#ticking = setInterval(() => this.#tick(), TICK_INTERVAL);
    this.#watching = setInterval(() => this.#watch(), options.tickTime / LOOKS);
    // What came together with the end of the handshake is looked at once the owner is ready for it.
    queueMicrotask(() => this.#receive());
  }

  /** Why the connection is over; undefined while it is not. */
  get error(): ErlangError | undefined {
    return this.#error;
  }

  /**
   * Sends a signal of our own. Signals of one turn of the event loop are written together.
   *
   * @throws ErlangError `bad_term`; then nothing is sent. After the end of the connection nothing happens.
   */
  send(control: Control, payload?: Term): void {
    if (!this.#error) this.#outbox.push(encodeSignal(control, payload), false);
  }

  /**
   * Sends a signal that the peer has made us send. Where it does not take them, the connection ends with `bad_frame`.
   *
   * @throws as `send` does
   */
  answer(control: Control, payload?: Term): void {
    if (this.#error || this.#outbox.push(encodeSignal(control, payload), true)) return;
    this.#end(new ErlangError('bad_frame', `${this.#options.peer} asks much and does not take the answers`));
  }

  /** Ends the connection because of what the peer has sent. */
  fail(thrown: unknown): void {
    this.#end(asErlangError(thrown));
  }

  /** Ends the connection from our side, after what was sent has left. */
  close(): void {
    if (!this.#error) this.#outbox.flush();
    this.#end(
      new ErlangError('aborted', `the connection to ${this.#options.peer} was closed here`),
      'gently',
    );
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#error) return;
    this.#silentLooks = 0;
    this.#splitter.push(chunk);
    this.#receive();
  };

  #receive(): void {
    try {
      for (let frame = this.#nextFrame(); frame; frame = this.#nextFrame()) {
        const message = this.#decoder.decode(frame);
        if (message) this.#options.onSignal(decodeControl(message.control), message.payload);
      }
    } catch (error) {
      this.fail(error);
    }
  }

  #nextFrame(): Buffer | undefined {
    return this.#error ? undefined : this.#splitter.next();
  }

  #tick(): void {
    if (!this.#outbox.takeHasWritten()) this.#socket.write(TICK);
  }

  /** Counts looks, not time: after a pause of our own process what has arrived meanwhile is read first. */
  #watch(): void {
    if (this.#outbox.takeProgressOfPause()) this.#silentLooks = 0;
    if (this.#silentLooks >= LOOKS) {
      const { peer, tickTime } = this.#options;
      this.#end(
        new ErlangError('peer_silent', `${peer} has sent nothing for more than ${tickTime / 1000} s`),
      );
      return;
    }
    this.#silentLooks++;
  }

  #lost(cause?: Error): ErlangError {
    return new ErlangError('connection_lost', `the connection to ${this.#options.peer} was lost`, { cause });
  }

  #end(error: ErlangError, how: 'gently' | 'at once' = 'at once'): void {
    if (this.#error) return;
    this.#error = error;
    clearInterval(this.#ticking);
    clearInterval(this.#watching);
    if (how === 'gently') endGently(this.#socket, LAST_WRITES);
    else this.#socket.destroy();
    this.#settleEnded(error);
  }
}

function encodeSignal(control: Control, payload: Term | undefined): Buffer {
  const writer = new Writer(FRAME_LIMIT);
  writer.u32(0);
  writePassThrough(writer, encodeControl(control), payload);
  writer.setU32(writer.length - 4, 0);
  return writer.result();
}
