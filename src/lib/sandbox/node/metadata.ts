/** A client that the whole cluster knows: where its queue is and what it is subscribed to. */
export interface Subscriber {
  node: string;
  clean: boolean;
  /** Filter → QoS. */
  readonly topics: Map<string, number>;
}

export interface RetainedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
}

export const API_SCOPES = ['status', 'mgmt', 'metrics', 'health', 'api2', 'httppub'] as const;
export type ApiScope = (typeof API_SCOPES)[number];

export interface ApiKey {
  readonly key: string;
  readonly scope: ApiScope;
  /** Milliseconds since the epoch, or null for never. */
  readonly expires: number | null;
}

/**
 * What the members of a cluster replicate. They share one object: replication is faster here than anyone can look,
 * except for membership and API keys, which have their own delays.
 */
export class Metadata {
  readonly subscribers = new Map<string, Subscriber>();
  readonly retained = new Map<string, RetainedMessage>();
  apiKeys: readonly ApiKey[] = [];
  private history = false;

  /** Whether anything was ever written: deleting it again does not make a node empty. */
  get isEmpty(): boolean {
    return !this.history;
  }

  touch(): void {
    this.history = true;
  }

  get subscriptionCount(): number {
    let count = 0;
    for (const { topics } of this.subscribers.values()) count += topics.size;
    return count;
  }

  /** What a node keeps on its disk when it is no longer a member. */
  clone(): Metadata {
    const copy = new Metadata();
    for (const [id, one] of this.subscribers)
      copy.subscribers.set(id, { ...one, topics: new Map(one.topics) });
    for (const [topic, message] of this.retained) copy.retained.set(topic, message);
    copy.apiKeys = this.apiKeys;
    copy.history = this.history;
    return copy;
  }
}
