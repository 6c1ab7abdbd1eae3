import type { Secret } from '../../secret.js';
import { whenAborted } from '../erlang/abort.js';
import { ErlangError } from '../erlang/error.js';
import { connectNode, type ErlangNode } from '../erlang/index.js';
import { timerDelay } from '../erlang/limit.js';
import type { Term } from '../erlang/term/types.js';
import type { CallOptions, OutputListener } from '../rpc.js';
import type { OpenStream } from '../ssh/tunnel.js';
import type { ErlangAddress } from './address.js';

export interface SessionOptions extends ErlangAddress {
  readonly cookie: Secret;
  readonly epmdPort?: number | undefined;
  /** Reaches it through an SSH host. */
  readonly openStream?: OpenStream | undefined;
}

export interface SessionCall extends CallOptions {
  readonly onOutput?: OutputListener | undefined;
  /** What it asks of its input waits until this is aborted, and then hears that the input has ended. */
  readonly input?: AbortSignal | undefined;
}

/** A connection that is being made or stands. */
interface Attempt {
  readonly node: Promise<ErlangNode>;
  readonly stop: AbortController;
  /** Milliseconds on the clock of `performance`, when the making of it ends. */
  readonly until: number;
}

/** Whoever waited for the connection was told to stop: the call was never sent. */
export class NotSent extends ErlangError {}

/** Milliseconds, where the call itself may take as long as it wants. */
const LONGEST_CONNECT = 10_000;
/** Milliseconds that the attempt has more than whoever waits for it: it knows better where it has come to a stop. */
const GRACE = 50;

/** The connection with one node: made when it is needed, shared by all calls, and made anew after it was lost. */
export class Session {
  private attempt: Attempt | undefined;

  constructor(private readonly options: SessionOptions) {}

  /** @throws ErlangError; Failure where it is reached through an SSH host and that could not be done */
  async call(module: string, name: string, args: readonly Term[], options: SessionCall): Promise<Term> {
    const until = options.deadline === 0 ? undefined : performance.now() + options.deadline;
    // Input that has ended before anything was sent has nothing to end.
    const node = await this.connect({ deadline: options.deadline, signal: options.input ?? options.signal });
    const deadline = until === undefined ? 0 : Math.max(1, until - performance.now());
    const { signal, onOutput, input } = options;
    return await node.call(module, name, args, { deadline, signal, onOutput, input });
  }

  /** The name by which the node calls itself. */
  async name(options: CallOptions): Promise<string> {
    return (await this.connect(options)).name;
  }

  /** Ends the connection, also one that is still being made. A later call makes a new one. */
  close(): void {
    const { attempt } = this;
    this.attempt = undefined;
    attempt?.stop.abort();
    attempt?.node.then(
      (node) => node.close(),
      () => undefined, // whoever has asked for it was told
    );
  }

  /** An attempt that somebody with less time has begun does not cost us the rest of ours. */
  private async connect({ deadline, signal }: CallOptions): Promise<ErlangNode> {
    const limit = deadline || LONGEST_CONNECT;
    const until = performance.now() + limit;
    for (;;) {
      const left = Math.max(1, until - performance.now());
      this.attempt ??= this.begin(left);
      const attempt = this.attempt;
      try {
        return await atMost(attempt.node, left + GRACE, signal, () => this.late(limit));
      } catch (thrown) {
        const wasShort = isSilence(thrown) && attempt.until + GRACE < until && performance.now() < until;
        if (!wasShort) throw thrown;
        this.forget(attempt);
      }
    }
  }

  private begin(milliseconds: number): Attempt {
    const { node: name, port, epmdPort, cookie, openStream } = this.options;
    const stop = new AbortController();
    const secret = cookie.reveal();
    const limits = { deadline: milliseconds, signal: stop.signal };
    const node = connectNode({ node: name, port, epmdPort, openStream, cookie: secret, ...limits });
    const attempt = { node, stop, until: performance.now() + milliseconds };
    const forget = () => this.forget(attempt);
    node.then((connected) => void connected.closed.then(forget), forget);
    return attempt;
  }

  private forget(attempt: Attempt): void {
    if (this.attempt === attempt) this.attempt = undefined;
  }

  private late(milliseconds: number): ErlangError {
    const { node } = this.options;
    return new ErlangError(
      'port_silent',
      `${node} did not take the connection within ${milliseconds / 1000} s`,
    );
  }
}

const isSilence = (thrown: unknown) =>
  thrown instanceof ErlangError && (thrown.code === 'epmd_silent' || thrown.code === 'port_silent');

/** Waits for what goes on for others, too: neither the end of our time nor of our patience ends it. */
async function atMost<T>(
  work: Promise<T>,
  milliseconds: number,
  signal: AbortSignal | undefined,
  late: () => ErlangError,
): Promise<T> {
  if (signal?.aborted) throw notSent();
  let stop = (): void => undefined;
  const ends = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(late()), timerDelay(milliseconds));
    const forget = signal && whenAborted(signal, () => reject(notSent()));
    stop = () => {
      clearTimeout(timer);
      forget?.();
    };
  });
  try {
    return await Promise.race([work, ends]);
  } finally {
    stop();
  }
}

const notSent = () => new NotSent('aborted', 'given up before anything was sent');
