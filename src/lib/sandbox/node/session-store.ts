import type { Clock } from '../../clock.js';
import type { Counters } from './counters.js';
import type { Loss } from './faults.js';
import { FilterTree } from './filters.js';
import type { Metadata, Subscriber } from './metadata.js';
import {
  MAX_OFFLINE_MESSAGES,
  newSession,
  type Peer,
  type QueuedPacket,
  type Session,
  waiting,
} from './session.js';

/** What the sessions of a node need of it. */
export interface SessionHost {
  readonly name: string;
  readonly metadata: Metadata;
  readonly counters: Counters;
  readonly clock: Clock;
}

export interface Arrival {
  readonly clientId: string;
  readonly username: string | null;
  readonly clean: boolean;
  readonly peer: Peer;
}

/** The sessions of one node, their queues, and the filters that lead to them. */
export class SessionStore {
  private readonly sessions = new Map<string, Session>();
  private readonly filters = new FilterTree();

  constructor(private readonly host: SessionHost) {}

  get(clientId: string): Session | undefined {
    return this.sessions.get(clientId);
  }

  all(): readonly Session[] {
    return [...this.sessions.values()];
  }

  online(): readonly Session[] {
    return this.all().filter(({ peer }) => peer !== null);
  }

  /** A client has connected: its session is new or goes on. */
  arrive({ clientId, username, clean, peer }: Arrival): void {
    const session = this.sessions.get(clientId) ?? this.create(clientId, clean);
    session.username = username;
    session.clean = clean;
    session.peer = peer;
    this.subscriber(clientId).clean = clean;
  }

  /** Its connection has ended. A clean session ends with it. */
  depart(clientId: string): void {
    const session = this.sessions.get(clientId);
    if (!session) return;
    session.peer = null;
    session.username = null;
    // The next delivery is a new one, and gets an identifier of its own.
    for (const packet of session.messages) if (packet.cmd === 'publish') packet.messageId = undefined;
    if (session.clean) this.discard(clientId);
  }

  /** Forgets the session, its queue and its subscriptions, in the whole cluster. */
  discard(clientId: string): void {
    const session = this.sessions.get(clientId);
    if (session) {
      this.host.counters.queue_unhandled += waiting(session);
      this.remove(clientId);
    }
    this.host.metadata.subscribers.delete(clientId);
  }

  subscribe(clientId: string, filter: string, qos: number): void {
    this.subscriber(clientId).topics.set(filter, qos);
    this.filters.add(filter, clientId, qos);
  }

  unsubscribe(clientId: string, filter: string): void {
    this.host.metadata.subscribers.get(clientId)?.topics.delete(filter);
    this.filters.remove(filter, clientId);
  }

  subscriptions(clientId: string): ReadonlyMap<string, number> {
    return this.host.metadata.subscribers.get(clientId)?.topics ?? new Map();
  }

  /** @returns client → QoS, of the sessions of this node that a topic reaches */
  match(topic: string): Map<string, number> {
    return this.filters.match(topic);
  }

  /** Queues a message, unless an offline queue is full: then it is dropped. */
  enqueue(clientId: string, packet: QueuedPacket): void {
    const session = this.sessions.get(clientId);
    if (!session) return;
    if (!session.peer && session.messages.length >= MAX_OFFLINE_MESSAGES) this.host.counters.queue_drop++;
    else session.messages.push(packet);
  }

  /** Makes an empty offline queue for a client whose node is lost. */
  adopt(clientId: string): void {
    this.create(clientId, false);
    for (const [filter, qos] of this.subscriptions(clientId)) this.filters.add(filter, clientId, qos);
  }

  /**
   * Gives a session and its queue to another node. It is counted here until `remove`.
   *
   * @param loss what does not arrive, though this node believes that it does
   */
  handOver(session: Session, to: SessionStore, loss?: Loss): void {
    const messages = session.messages.splice(0);
    const count = messages.filter(({ cmd }) => cmd === 'publish').length;
    for (const filter of this.subscriptions(session.clientId).keys())
      this.filters.remove(filter, session.clientId);
    session.migrated = true;
    this.host.counters.queue_out += count;
    if (loss === 'queue') this.subscriber(session.clientId).node = to.host.name;
    else to.adopt(session.clientId);
    if (loss !== undefined) return;
    to.sessions.get(session.clientId)?.messages.push(...messages);
    to.host.counters.queue_in += count;
  }

  /** What has moved away is not on this node's disk. */
  removeMigrated(): void {
    for (const { clientId, migrated } of this.all()) if (migrated) this.remove(clientId);
  }

  /** Its disk is empty: no other node hears of it. */
  clear(): void {
    for (const clientId of [...this.sessions.keys()]) this.remove(clientId);
  }

  /** Forgets a session on this node, unless another one of the same client is in its place. */
  removeIfSame(session: Session): void {
    if (this.sessions.get(session.clientId) === session) this.remove(session.clientId);
  }

  /** Forgets the session on this node only. */
  remove(clientId: string): void {
    if (!this.sessions.delete(clientId)) return;
    for (const filter of this.subscriptions(clientId).keys()) this.filters.remove(filter, clientId);
    this.host.counters.queue_teardown++;
  }

  private create(clientId: string, clean: boolean): Session {
    const session = newSession(clientId, clean, this.host.clock.now());
    this.sessions.set(clientId, session);
    this.host.counters.queue_setup++;
    this.host.metadata.touch();
    this.subscriber(clientId).node = this.host.name;
    return session;
  }

  private subscriber(clientId: string): Subscriber {
    const { subscribers } = this.host.metadata;
    const known = subscribers.get(clientId) ?? { node: this.host.name, clean: false, topics: new Map() };
    subscribers.set(clientId, known);
    return known;
  }
}
