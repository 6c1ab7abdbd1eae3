import { Failure } from '../failure.js';
import type { Credentials, Message, ProbeClient, PublishOptions } from './client.js';
import { emptyJournal, type ProbeJournal } from './journal.js';
import { type ProbeNames, probeNames } from './names.js';
import type { ProbeContext } from './options.js';

/** One node that the probe has an address of, and its client there. */
export interface ProbeNode {
  readonly index: number;
  readonly node: string;
  readonly url: string;
  client: ProbeClient | null;
  /** Why there is none, or why its subscription is not. */
  failure: Failure | null;
  /** Milliseconds until it was connected. */
  took: number | null;
  /** Why messages could not be published. */
  readonly refused: Map<string, Failure>;
}

/** The second level under the base says which part of the probe a message belongs to. */
export type Kind = 'm' | 'r' | 's' | 't';

/** @param publisher index, which its topic has; `subscriber` likewise */
export type Handler = (subscriber: number, publisher: number, message: Message) => void;

/** What the parts of one probe share: its clients, its names, and its journal. */
export class Run {
  readonly names: ProbeNames;
  readonly nodes: readonly ProbeNode[];
  journal: ProbeJournal;
  credentials: Credentials | undefined;
  readonly handlers = new Map<Kind, Handler>();

  constructor(readonly context: ProbeContext) {
    const { id, endpoints, options, clock, access } = context;
    const { prefix, protocol } = options;
    this.names = probeNames(id, prefix);
    this.credentials = access.credentials;
    const known = endpoints.flatMap(({ node, url }) => (url === null ? [] : [{ node, url }]));
    this.nodes = known.map(({ node, url }, index) => ({
      ...{ index, node, url, client: null, failure: null, took: null },
      refused: new Map(),
    }));
    const urls = known.map(({ url }) => url);
    this.journal = emptyJournal({
      id,
      prefix,
      protocol,
      startedAt: clock.now(),
      urls,
      caFile: options.caFile,
    });
  }

  get isInterrupted(): boolean {
    return this.context.signal.aborted;
  }

  /** The nodes whose client can publish and is subscribed. */
  get connected(): readonly (ProbeNode & { client: ProbeClient })[] {
    return this.nodes.filter(
      (node): node is ProbeNode & { client: ProbeClient } =>
        node.client?.isConnected === true && node.failure === null,
    );
  }

  /** On disk before what it says is done. */
  async note(change: Partial<Pick<ProbeJournal, 'retained' | 'sessions' | 'records'>>): Promise<void> {
    this.journal = { ...this.journal, ...change };
    await this.context.journals.write(this.journal);
  }

  dispatch(subscriber: number, message: Message): void {
    const [kind, publisher] = message.topic.slice(this.names.base.length + 1).split('/');
    this.handlers.get(kind as Kind)?.(subscriber, Number(publisher), message);
  }

  /** Publishes on a node. Why it was not taken is noted there, and told once. */
  async publish(from: ProbeNode, topic: string, payload: string, options: PublishOptions): Promise<boolean> {
    try {
      await from.client?.publish(topic, payload, options);
      return from.client !== null;
    } catch (thrown) {
      const failure = requireFailure(thrown);
      if (failure.kind !== 'interrupted') from.refused.set(failure.code, failure);
      return false;
    }
  }

  /** Waits until it is so, for the time that messages have at most. */
  async until(condition: () => boolean, limit = this.context.options.wait): Promise<boolean> {
    const { clock, signal } = this.context;
    const end = clock.now() + limit;
    while (!condition()) {
      if (signal.aborted || clock.now() >= end) return false;
      await clock.sleep(STEP, signal);
    }
    return true;
  }
}

/** Milliseconds between two looks. Latencies do not depend on it: they are taken when a message arrives. */
const STEP = 5;

/** Anything else is our own mistake. */
export function requireFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  throw thrown;
}
