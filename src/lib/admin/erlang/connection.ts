import type { Socket } from 'node:net';
import type { Control } from './control/control.js';
import { decodeControl } from './control/decode.js';
import { encodeControl } from './control/encode.js';
import { ErlangError } from './error.js';
import { MessageDecoder } from './frame/decoder.js';
import { FRAME_LIMIT, writePassThrough } from './frame/frame.js';
import type { FrameSplitter } from './frame/splitter.js';
import type { Term } from './term/types.js';
import { Writer } from './term/writer.js';

export interface ConnectionOptions {
  /** For messages. */
  readonly peer: string;
  /** Milliseconds without a byte after which the peer counts as silent; OTP's net_ticktime. */
  readonly tickTime: number;
  /** Called with each signal, in order. */
  readonly onSignal: (control: Control, payload: Term | undefined) => void;
}

/** How many ticks are sent in one tick time, and how many may pass without a byte from the peer. */
const TICKS = 4;

/**
 * An established connection: sends and receives signals, and keeps up the ticks.
 * Source: "Distribution Protocol", Protocol between Connected Nodes; kernel's `net_ticktime`.
 */
export class Connection {
  /** Settles with the reason once the connection is over. */
  readonly ended: Promise<ErlangError>;
  readonly #socket: Socket;
  readonly #splitter: FrameSplitter;
  readonly #options: ConnectionOptions;
  readonly #decoder = new MessageDecoder();
  readonly #ticking: NodeJS.Timeout;
  #settleEnded: (error: ErlangError) => void = () => undefined;
  #error: ErlangError | undefined;
  #unsent: Buffer[] = [];
  #silentTicks = 0;
  #wroteSinceTick = false;

  /** @param splitter with what the socket brought after the handshake */
  constructor(socket: Socket, splitter: FrameSplitter, options: ConnectionOptions) {
    this.#socket = socket;
    this.#splitter = splitter;
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    splitter.expect(4, FRAME_LIMIT);
    socket.on('data', this.#onData);
    socket.on('error', (cause) => this.#end(this.#lost(cause)));
    socket.on('close', () => this.#end(this.#lost()));
    this.#ticking = setInterval(() => this.#tick(), options.tickTime / TICKS);
    // What came together with the end of the handshake is looked at once the owner is ready for it.
    queueMicrotask(() => this.#receive());
  }

  /** Why the connection is over; undefined while it is not. */
  get error(): ErlangError | undefined {
    return this.#error;
  }

  /**
   * Sends a signal. Signals of one turn of the event loop are written together.
   *
   * @throws ErlangError `bad_term`; then nothing is sent. After the end of the connection nothing happens.
   */
  send(control: Control, payload?: Term): void {
    if (this.#error) return;
    const writer = new Writer(FRAME_LIMIT);
    writer.u32(0);
    writePassThrough(writer, encodeControl(control), payload);
    writer.setU32(writer.length - 4, 0);
    if (this.#unsent.push(writer.result()) === 1) queueMicrotask(() => this.#flush());
  }

  /** Ends the connection from our side, after what was sent has left. */
  close(): void {
    this.#flush();
    this.#end(
      new ErlangError('aborted', `the connection to ${this.#options.peer} was closed here`),
      'gently',
    );
  }

  #flush(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    if (unsent.length === 0 || this.#error) return;
    this.#wroteSinceTick = true;
    this.#socket.write(Buffer.concat(unsent));
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#silentTicks = 0;
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
      if (!(error instanceof ErlangError)) throw error;
      this.#end(error);
    }
  }

  #nextFrame(): Buffer | undefined {
    return this.#error ? undefined : this.#splitter.next();
  }

  /** Counts ticks, not time: after a pause of our own process what has arrived meanwhile is read first. */
  #tick(): void {
    if (this.#silentTicks >= TICKS) {
      const { peer, tickTime } = this.#options;
      this.#end(
        new ErlangError('peer_silent', `${peer} has sent nothing for more than ${tickTime / 1000} s`),
      );
      return;
    }
    this.#silentTicks++;
    if (!this.#wroteSinceTick) this.#socket.write(Buffer.alloc(4));
    this.#wroteSinceTick = false;
  }

  #lost(cause?: Error): ErlangError {
    return new ErlangError('connection_lost', `the connection to ${this.#options.peer} was lost`, { cause });
  }

  #end(error: ErlangError, how: 'gently' | 'at once' = 'at once'): void {
    if (this.#error) return;
    this.#error = error;
    clearInterval(this.#ticking);
    // A node that takes nothing more must not keep our process alive.
    if (how === 'gently') this.#socket.unref().destroySoon();
    else this.#socket.destroy();
    this.#settleEnded(error);
  }
}
