import { whenAborted } from '../abort.js';
import type { Processes } from '../process/processes.js';
import { Atom, type Pid, type Term } from '../term/types.js';
import { LineSplitter } from './lines.js';
import type { Apply } from './request.js';
import { IoServer, type IoServerOptions } from './server.js';

/** Called with each line, without its line feed, as it is written: `out` on the group leader, `err` on its stderr. */
export type OutputListener = (line: string, stream: 'out' | 'err') => void;

export interface GroupLeaderOptions extends Pick<IoServerOptions, 'reply'> {
  readonly processes: Processes;
  /** Has the other node call a function; the signal is given when nobody waits for it any more. */
  readonly apply: (apply: Apply, signal: AbortSignal) => Promise<Term>;
  readonly onOutput?: OutputListener | undefined;
  /** Until this is aborted, whoever asks for input waits; without it there is no input at all. */
  readonly input?: AbortSignal | undefined;
  /** Called when the listener has thrown, which is not called again, or with what an I/O server reports. */
  readonly onFailure: (error: unknown) => void;
}

interface Stream {
  readonly pid: Pid;
  readonly server: IoServer;
  readonly lines: LineSplitter;
}

const NORMAL = new Atom('normal');

/** A process of ours that takes the output of what runs on the other node, and the one that is its stderr. */
export class GroupLeader {
  readonly #options: GroupLeaderOptions;
  /** Given at the end. */
  readonly #over = new AbortController();
  readonly #inputEnded: Promise<void> | undefined;
  #forgetInput: (() => void) | undefined;
  readonly #out: Stream;
  #err: Stream | undefined;
  #isOver = false;

  constructor(options: GroupLeaderOptions) {
    this.#options = options;
    this.#inputEnded = options.input && this.#untilInputEnds(options.input);
    this.#out = this.#start('out');
  }

  get pid(): Pid {
    return this.#out.pid;
  }

  /** Its `standard_error`, made when it is asked for. */
  stderr(): Pid {
    this.#err ??= this.#start('err');
    return this.#err.pid;
  }

  /** Settles once everything that the other node has asked to write was given out, also the rest of a line. */
  async finish(): Promise<void> {
    await this.#out.server.drained();
    await this.#err?.server.drained();
    this.#giveRest();
  }

  /** Gives out what there is and ends both processes. */
  end(): void {
    this.#giveRest();
    this.#isOver = true;
    this.#over.abort();
    this.#forgetInput?.();
    this.#options.processes.end(this.#out.pid, NORMAL);
    if (this.#err) this.#options.processes.end(this.#err.pid, NORMAL);
  }

  #untilInputEnds(input: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#forgetInput = whenAborted(input, () => resolve());
    });
  }

  #giveRest(): void {
    this.#out.lines.end();
    this.#err?.lines.end();
  }

  #start(name: 'out' | 'err'): Stream {
    const { processes, onOutput, apply, reply, onFailure } = this.#options;
    const lines = new LineSplitter((line) => this.#give(line, name));
    const onText = onOutput ? (text: string) => lines.push(text) : undefined;
    const server = new IoServer({
      onText,
      inputEnded: this.#inputEnded,
      apply: (request) => apply(request, this.#over.signal),
      reply,
      onFailure,
    });
    const pid = processes.start({
      onMessage: (message) => server.onMessage(message),
      onBroken: (broken) => server.onBroken(broken),
    });
    return { pid, server, lines };
  }

  #give(line: string, stream: 'out' | 'err'): void {
    if (this.#isOver) return;
    try {
      this.#options.onOutput?.(line, stream);
    } catch (error) {
      this.#isOver = true;
      this.#options.onFailure(error);
    }
  }
}
