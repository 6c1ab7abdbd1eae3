import { systemClock } from '../../../src/lib/clock.js';
import { Failure } from '../../../src/lib/failure.js';
import type { ConnectRequest, ProbeClient } from '../../../src/lib/probe/client.js';
import type { ProbeJournal, ProbeJournals } from '../../../src/lib/probe/journal.js';
import type { ProbeContext, ProbeOptions } from '../../../src/lib/probe/options.js';
import { MemoryStore } from '../acl/memory-store.js';

/** How often a message gets from one node to a client on another. */
export type Route = (from: string, to: string, topic: string) => number;

interface Session {
  node: string;
  request: ConnectRequest;
  readonly filters: Set<string>;
  isOnline: boolean;
  readonly queue: { readonly topic: string; readonly payload: string }[];
}

/** Brokers in memory, as far as a probe can tell, between which messages can be lost. */
export class Network {
  readonly sessions = new Map<string, Session>();
  readonly retained = new Map<string, string>();
  readonly refused = new Map<string, Failure>();
  route: Route = () => 1;
  /** What becomes of a session that goes to another node. */
  move: (session: Session) => Session | undefined = (session) => session;

  readonly connect = async (request: ConnectRequest): Promise<ProbeClient> => {
    const { clientId, url } = request;
    const refusal = this.refused.get(url);
    if (refusal) throw refusal;
    const known = this.sessions.get(clientId);
    const found = request.persistent && known && (known.node === url ? known : this.move(known));
    const session: Session = found || { node: url, request, filters: new Set(), isOnline: true, queue: [] };
    Object.assign(session, { node: url, request, isOnline: true });
    this.sessions.set(clientId, session);
    queueMicrotask(() => {
      for (const message of session.queue.splice(0)) request.onMessage?.({ ...message, retain: false });
    });
    return this.client(session, found !== undefined && found !== false);
  };

  private client(session: Session, sessionPresent: boolean): ProbeClient {
    const { request, node } = session;
    return {
      sessionPresent,
      took: 1,
      get isConnected() {
        return session.isOnline;
      },
      subscribe: async (filter) => {
        session.filters.add(filter);
        for (const [topic, payload] of this.retained)
          if (matches(filter, topic) && this.route(node, node, topic) > 0)
            request.onMessage?.({ topic, payload, retain: true });
      },
      unsubscribe: async (filter) => void session.filters.delete(filter),
      publish: async (topic, payload, { retain = false }) => {
        if (retain && payload === '') this.retained.delete(topic);
        else if (retain) this.retained.set(topic, payload);
        else this.deliver(node, topic, payload);
      },
      end: async () => {
        session.isOnline = false;
        if (!request.persistent) this.sessions.delete(request.clientId);
      },
    };
  }

  private deliver(from: string, topic: string, payload: string): void {
    let isShared = false;
    for (const session of this.sessions.values()) {
      const filter = [...session.filters].find((one) => matches(one, topic));
      if (filter === undefined || (filter.startsWith('$share/') && isShared)) continue;
      isShared ||= filter.startsWith('$share/');
      for (let copy = 0; copy < this.route(from, session.node, topic); copy += 1) {
        if (session.isOnline) session.request.onMessage?.({ topic, payload, retain: false });
        else session.queue.push({ topic, payload });
      }
    }
  }
}

function matches(filter: string, topic: string): boolean {
  const plain = filter.replace(/^\$share\/[^/]+\//, '');
  const pattern = plain.replace('/#', '/.*').replaceAll('+', '[^/]+');
  return new RegExp(`^${pattern}$`).test(topic);
}

export class MemoryJournals implements ProbeJournals {
  readonly journals = new Map<string, ProbeJournal>();
  read = async (id: string) => this.journals.get(id);
  list = async () => ({ records: [...this.journals.values()], unreadable: [] });
  write = async (journal: ProbeJournal) => void this.journals.set(journal.id, journal);
  remove = async (id: string) => void this.journals.delete(id);
}

/** A probe of three nodes on this network. */
export function contextOf(network: Network, options: Partial<ProbeOptions> = {}) {
  const store = new MemoryStore();
  const journals = new MemoryJournals();
  const locks = new Set<string>();
  const controller = new AbortController();
  const context: ProbeContext = {
    id: 'abc123',
    endpoints: ['a', 'b', 'c'].map((node) => ({ node, url: node, failure: null })),
    options: {
      ...{
        protocol: '3.1.1',
        prefix: 'probe',
        caFile: null,
        qos: [0, 1, 2],
        count: 3,
        interval: 3,
        wait: 60,
      },
      ...{ maxLatency: undefined, extras: ['shared', 'retained', 'takeover'], continuous: false },
      ...{ provision: undefined, ...options },
    },
    access: { connect: network.connect, credentials: undefined, openStore: async () => store, deadline: 100 },
    journals,
    lock: async (id) => {
      if (locks.has(id)) throw new Failure('safety', 'locked', 'it is locked');
      locks.add(id);
      return { release: async () => void locks.delete(id) };
    },
    watchdog: async () => ({ dismiss: () => undefined }),
    // Pauses that brokers need are of no use here.
    clock: { ...systemClock, sleep: (time, signal) => systemClock.sleep(Math.min(time, 100), signal) },
    ticks: () => performance.now(),
    signal: controller.signal,
  };
  return { context, journals, store, controller, locks };
}
