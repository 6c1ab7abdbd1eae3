import type { Secret } from '../../secret.js';
import { ErlangError } from '../erlang/error.js';
import { connectNode, type ErlangNode } from '../erlang/index.js';
import type { Term } from '../erlang/term/types.js';
import type { CallOptions, OutputListener } from '../rpc.js';
import type { ErlangAddress } from './address.js';

export interface SessionOptions extends ErlangAddress {
  readonly cookie: Secret;
  readonly epmdPort?: number | undefined;
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
}

/** Milliseconds. Whoever has less time stops waiting earlier; the others go on. */
const LONGEST_CONNECT = 10_000;

/** The connection with one node: made when it is needed, shared by all calls, and made anew after it was lost. */
export class Session {
  private attempt: Attempt | undefined;

  constructor(private readonly options: SessionOptions) {}

  /** @throws ErlangError */
  async call(module: string, name: string, args: readonly Term[], options: SessionCall): Promise<Term> {
    const until = options.deadline === 0 ? undefined : performance.now() + options.deadline;
    const node = await this.connect(options);
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

  private async connect({ deadline, signal }: CallOptions): Promise<ErlangNode> {
    this.attempt ??= this.begin();
    const { node } = this.attempt;
    return await atMost(node, deadline || LONGEST_CONNECT, signal, () => this.late(deadline));
  }

  private begin(): Attempt {
    const { node: name, port, epmdPort, cookie } = this.options;
    const stop = new AbortController();
    const secret = cookie.reveal();
    const limits = { deadline: LONGEST_CONNECT, signal: stop.signal };
    const node = connectNode({ node: name, port, epmdPort, cookie: secret, ...limits });
    const attempt = { node, stop };
    const forget = () => {
      if (this.attempt === attempt) this.attempt = undefined;
    };
    node.then((connected) => void connected.closed.then(forget), forget);
    return attempt;
  }

  private late(deadline: number): ErlangError {
    const { node } = this.options;
    return new ErlangError('port_silent', `${node} did not take the connection within ${deadline / 1000} s`);
  }
}

/** Waits for what goes on for others, too: neither the end of our time nor of our patience ends it. */
async function atMost<T>(
  work: Promise<T>,
  milliseconds: number,
  signal: AbortSignal | undefined,
  late: () => ErlangError,
): Promise<T> {
  let stop = (): void => undefined;
  const ends = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(late()), milliseconds);
    const interrupt = () => reject(new ErlangError('aborted', 'the call was given up'));
    signal?.addEventListener('abort', interrupt, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupt);
    };
    if (signal?.aborted) interrupt();
  });
  try {
    return await Promise.race([work, ends]);
  } finally {
    stop();
  }
}
