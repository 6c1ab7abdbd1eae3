import type { Secret } from '../../secret.js';
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

/** The connection with one node: made when it is needed, shared by all calls, and made anew after it was lost. */
export class Session {
  private connection: Promise<ErlangNode> | undefined;

  constructor(private readonly options: SessionOptions) {}

  /** @throws ErlangError */
  async call(module: string, name: string, args: readonly Term[], options: SessionCall): Promise<Term> {
    const node = await this.connect(options);
    const { deadline, signal, onOutput, input } = options;
    return await node.call(module, name, args, { deadline, signal, onOutput, input });
  }

  /** The name by which the node calls itself. */
  async name(options: CallOptions): Promise<string> {
    return (await this.connect(options)).name;
  }

  close(): void {
    void this.connection?.then(
      (node) => node.close(),
      () => undefined, // whoever has asked for it was told
    );
    this.connection = undefined;
  }

  private async connect(options: CallOptions): Promise<ErlangNode> {
    const connection = this.connection ?? this.open(options);
    this.connection = connection;
    const forget = () => {
      if (this.connection === connection) this.connection = undefined;
    };
    try {
      const node = await connection;
      void node.closed.then(forget);
      return node;
    } catch (thrown) {
      forget();
      throw thrown;
    }
  }

  private async open({ deadline, signal }: CallOptions): Promise<ErlangNode> {
    const { node, port, epmdPort, cookie } = this.options;
    return await connectNode({
      node,
      port,
      epmdPort,
      cookie: cookie.reveal(),
      deadline: deadline || LONGEST_CONNECT,
      signal,
    });
  }
}

/** Milliseconds, where the call itself may take as long as it wants. */
const LONGEST_CONNECT = 10_000;
