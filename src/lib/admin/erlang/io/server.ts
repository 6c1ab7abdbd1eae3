import { ErlangError } from '../error.js';
import { chardataToString } from '../term/chardata.js';
import { Atom, type Pid, type Term, Tuple } from '../term/types.js';
import { type Apply, type Encoding, type IoRequest, ioReply, parseIoMessage } from './request.js';

export interface IoServerOptions {
  /** Called with the text that is written, in order; undefined where nobody wants it. */
  readonly onText: ((text: string) => void) | undefined;
  /** Whoever asks for input waits until this settles, and then hears that there is none. */
  readonly inputEnded: Promise<void> | undefined;
  /** Has the other node call a function. */
  readonly apply: (apply: Apply) => Promise<Term>;
  readonly reply: (to: Pid, message: Term) => void;
}

/** What a request comes to: what it writes, and its answer. */
interface Result {
  readonly text?: string;
  readonly answer: Term;
  readonly isError?: boolean;
}

const OK = new Atom('ok');
const EOF = new Atom('eof');
const error = (reason: Term): Result => ({
  answer: new Tuple([new Atom('error'), reason]),
  isError: true,
});
const OPTIONS = [new Tuple([new Atom('encoding'), new Atom('unicode')])];

/**
 * Answers the I/O requests of the other node's processes, as the group leader of one of them or as its
 * `standard_error`. Nothing stays unanswered.
 * Source: "The Erlang I/O Protocol" (stdlib).
 */
export class IoServer {
  readonly #options: IoServerOptions;
  /** Settles when all requests that have come are answered; undefined while there are none. */
  #unanswered: Promise<void> | undefined;

  constructor(options: IoServerOptions) {
    this.#options = options;
  }

  /** @throws what `onText` throws */
  onMessage(message: Term): void {
    const parsed = parseIoMessage(message);
    if (!parsed) return;
    const { request, from, replyAs } = parsed;
    const answer = (result: Result) => this.#options.reply(from, ioReply(replyAs, result.answer));
    if (needsInput(request)) this.#afterInput(() => this.#inOrder(request, answer));
    else this.#inOrder(request, answer);
  }

  /** Settles once all that was to be written has been. */
  async drained(): Promise<void> {
    while (this.#unanswered) await this.#unanswered;
  }

  #afterInput(proceed: () => void): void {
    if (this.#options.inputEnded) void this.#options.inputEnded.then(proceed);
    else proceed();
  }

  /** What must be asked of the other node first is asked at once, but nothing is written before its turn. */
  #inOrder(request: IoRequest, answer: (result: Result) => void): void {
    const result = this.#perform(request);
    const conclude = (done: Result) => {
      if (done.text) this.#options.onText?.(done.text);
      answer(done);
    };
    if (!this.#unanswered && !(result instanceof Promise)) {
      conclude(result);
      return;
    }
    const before = this.#unanswered ?? Promise.resolve();
    const turn = before.then(async () => conclude(await result));
    this.#unanswered = turn;
    const forget = () => {
      if (this.#unanswered === turn) this.#unanswered = undefined;
    };
    void turn.then(forget, forget);
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
        return error(new Atom('request'));
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

  async #formatted(encoding: Encoding, apply: Apply): Promise<Result> {
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
      if (last.isError) break;
    }
    return { ...last, text };
  }
}

function needsInput(request: IoRequest): boolean {
  return request.kind === 'input' || (request.kind === 'several' && request.requests.some(needsInput));
}
