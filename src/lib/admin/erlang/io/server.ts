import { asErlangError, ErlangError } from '../error.js';
import { chardataToString, LONGEST_TEXT } from '../term/chardata.js';
import type { BrokenTerm } from '../term/decode.js';
import { badTerm } from '../term/limits.js';
import { Atom, type Pid, type Term, Tuple } from '../term/types.js';
import { formatLocally } from './format.js';
import {
  type Apply,
  type Asker,
  type Encoding,
  type IoMessage,
  type IoRequest,
  ioReply,
  parseAsker,
  parseIoMessage,
} from './request.js';

export interface IoServerOptions {
  /** Called with the text that is written, in order; undefined where nobody wants it. */
  readonly onText: ((text: string) => void) | undefined;
  /** Whoever asks for input waits until this settles, and then hears that there is none. */
  readonly inputEnded: Promise<void> | undefined;
  /** Has the other node call a function. */
  readonly apply: (apply: Apply) => Promise<Term>;
  readonly reply: (to: Pid, message: Term) => void;
  /** Called when something that was to be written is lost, or a request cannot be answered. */
  readonly onFailure: (error: ErlangError) => void;
}

/** What a request comes to: what it writes, and its answer. */
interface Result {
  readonly text?: string;
  readonly answer: Term;
  readonly isError?: boolean;
}

/** A request that can neither be done nor answered. */
interface Failed {
  readonly failure: unknown;
}

const OK = new Atom('ok');
const EOF = new Atom('eof');
const error = (reason: Term): Result => ({
  answer: new Tuple([new Atom('error'), reason]),
  isError: true,
});
const OPTIONS = [new Tuple([new Atom('encoding'), new Atom('unicode')])];
const NO_REQUEST = error(new Atom('request'));

/**
 * Answers the I/O requests of the other node's processes, as the group leader of one of them or as its
 * `standard_error`. Nothing stays unanswered without `onFailure` being told.
 * Source: "The Erlang I/O Protocol" (stdlib).
 */
export class IoServer {
  readonly #options: IoServerOptions;
  /** Settles when all requests that have come are answered, and never fails; undefined while there are none. */
  #unanswered: Promise<void> | undefined;

  constructor(options: IoServerOptions) {
    this.#options = options;
  }

  onMessage(message: Term): void {
    const asked = parseIoMessage(message);
    if (!asked) return;
    const { inputEnded } = this.#options;
    if (inputEnded && needsInput(asked.request)) void inputEnded.then(() => this.#inOrder(asked));
    else this.#inOrder(asked);
  }

  /** A message of which only the beginning can be read. */
  onBroken(broken: BrokenTerm): void {
    const asker = parseAsker(broken.beginning);
    if (asker) this.#conclude(asker, NO_REQUEST);
    if (!asker || this.#options.onText) this.#options.onFailure(broken.error);
  }

  /** Settles once all that was to be written has been. */
  async drained(): Promise<void> {
    while (this.#unanswered) await this.#unanswered;
  }

  /** What must be asked of the other node first is asked at once, but nothing is written before its turn. */
  #inOrder(asked: IoMessage): void {
    const result = this.#begin(asked.request);
    if (!this.#unanswered && !(result instanceof Promise)) {
      this.#conclude(asked, result);
      return;
    }
    const before = this.#unanswered ?? Promise.resolve();
    const turn = before.then(async () => this.#conclude(asked, await result));
    this.#unanswered = turn;
    void turn.then(() => {
      if (this.#unanswered === turn) this.#unanswered = undefined;
    });
  }

  /** Neither throws nor is rejected, however long it takes until somebody looks at what it came to. */
  #begin(request: IoRequest): Result | Failed | Promise<Result | Failed> {
    const failed = (failure: unknown): Failed => ({ failure });
    try {
      const result = this.#perform(request);
      return result instanceof Promise ? result.catch(failed) : result;
    } catch (failure) {
      return failed(failure);
    }
  }

  #conclude({ from, replyAs }: Asker, result: Result | Failed): void {
    try {
      if ('failure' in result) throw result.failure;
      if (result.text) this.#options.onText?.(result.text);
      this.#options.reply(from, ioReply(replyAs, result.answer));
    } catch (thrown) {
      this.#options.onFailure(asErlangError(thrown));
    }
  }

  #perform(request: IoRequest): Result | Promise<Result> {
    switch (request.kind) {
      case 'put':
        return this.#text(request.encoding, request.chars);
      case 'put_result':
        return this.#options.onText ? this.#formatted(request.encoding, request.apply) : { answer: OK };
      case 'input':
        return { answer: EOF };
      case 'options':
        return { answer: OPTIONS };
      case 'not_supported':
        return error(new Atom('enotsup'));
      case 'several':
        return this.#several(request.requests);
      case 'unknown':
        return NO_REQUEST;
    }
  }

  #text(encoding: Encoding, chars: Term): Result {
    if (!this.#options.onText) return { answer: OK };
    try {
      return { text: chardataToString(chars, { encoding }), answer: OK };
    } catch (thrown) {
      if (thrown instanceof ErlangError) return error(new Atom('put_chars'));
      throw thrown;
    }
  }

  #formatted(encoding: Encoding, apply: Apply): Result | Promise<Result> {
    const text = formatLocally(apply);
    return text === undefined ? this.#formattedThere(encoding, apply) : { text, answer: OK };
  }

  async #formattedThere(encoding: Encoding, apply: Apply): Promise<Result> {
    try {
      return this.#text(encoding, await this.#options.apply(apply));
    } catch (thrown) {
      if (thrown instanceof ErlangError) return error(apply.name);
      throw thrown;
    }
  }

  async #several(requests: readonly IoRequest[]): Promise<Result> {
    let text = '';
    let last: Result = { answer: OK };
    for (const request of requests) {
      last = await this.#perform(request);
      text += last.text ?? '';
      if (text.length > LONGEST_TEXT) throw badTerm(`requests to write more than ${LONGEST_TEXT} characters`);
      if (last.isError) break;
    }
    return { ...last, text };
  }
}

function needsInput(request: IoRequest): boolean {
  return request.kind === 'input' || (request.kind === 'several' && request.requests.some(needsInput));
}
