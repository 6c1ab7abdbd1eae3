import type { RedisAddress, ServerAddress } from '../context/redis-url.js';
import type { RedisSettings } from '../context/settings.js';
import { Failure } from '../failure.js';
import { connectServer, loginOf, type OpenConnection, type Reply } from './redis-connection.js';
import { SLOTS } from './redis-slot.js';

/** `HOST:PORT`, as the cluster writes it, also of IPv6. */
export type NodeName = string;

/** One name for one server, however a reply spells it. */
export const nameOf = (target: string): NodeName => textOf(addressOf(target));

/** The servers of a cluster, with one connection to each that is needed, and who of them has which slot. */
export class ClusterNodes {
  private readonly connections = new Map<NodeName, Promise<OpenConnection>>();
  private owners: NodeName[] = [];
  /** All that were ever heard of, those that answered last in front. */
  private known: NodeName[];
  private isDoubtful = false;
  private refreshing: Promise<void> | undefined;

  constructor(
    private readonly address: RedisAddress,
    private readonly settings: RedisSettings,
  ) {
    this.known = address.servers.map(textOf);
  }

  primaries(): readonly NodeName[] {
    return [...new Set(this.owners)];
  }

  layout(): string {
    return this.owners.join();
  }

  /** What is known may be wrong by now, and is to be asked again before it is used. */
  doubt(): void {
    this.isDoubtful = true;
  }

  async ownerOf(slot: number): Promise<OpenConnection> {
    if (this.isDoubtful) await this.refresh();
    const owner = this.owners[slot];
    if (owner === undefined) throw incomplete(this.settings.url);
    return await this.connection(owner);
  }

  /** Returns false where this is what was known already, or does not say enough. */
  move(slot: number, target: NodeName): boolean {
    const name = nameOf(target);
    if (this.owners[slot] === name || target.startsWith(':')) return false;
    this.owners[slot] = name;
    return true;
  }

  /** Asks who has which slot. One question at a time serves all. */
  refresh(): Promise<void> {
    this.refreshing ??= this.ask().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  async connection(name: NodeName): Promise<OpenConnection> {
    const made = this.connections.get(name);
    if (made && (await made).isOpen) return await made;
    // Others may have begun to make one meanwhile.
    if (this.connections.get(name) !== made) return await this.connection(name);
    const connecting = this.connect(name);
    this.connections.set(name, connecting);
    connecting.catch(() => this.connections.delete(name));
    return await connecting;
  }

  close(): void {
    for (const connection of this.connections.values())
      connection.then((made) => made.close()).catch(() => {});
    this.connections.clear();
  }

  private async ask(): Promise<void> {
    let last: unknown;
    for (const name of this.known) {
      try {
        const reply = await (await this.connection(name)).call('CLUSTER', 'SLOTS');
        this.learn(name, reply);
        return;
      } catch (error) {
        if (!(error instanceof Failure) || error.kind !== 'unreachable') throw error;
        this.known = [...this.known.filter((one) => one !== name), name];
        // That one of them cannot answer yet says more than that others are gone.
        if (!isPassing(last)) last = error;
      }
    }
    throw last;
  }

  private learn(asked: NodeName, reply: Reply): void {
    const owners: NodeName[] = [];
    const named: NodeName[] = [];
    for (const [first, final, ...servers] of reply as [number, number, ...[Buffer | null, number][]][]) {
      const names = servers.map(([host, port]) => announced(host, port, asked));
      named.push(...names);
      for (let slot = first; slot <= final; slot += 1) owners[slot] = names[0] ?? '';
    }
    this.known = [...new Set([asked, ...named, ...this.known])];
    if (Object.keys(owners).length < SLOTS) throw incomplete(this.settings.url);
    this.owners = owners;
    this.isDoubtful = false;
  }

  private connect(name: NodeName): Promise<OpenConnection> {
    const place = `${this.address.tls ? 'rediss' : 'redis'}://${name}`;
    return connectServer(addressOf(name), loginOf(this.address, this.settings, place));
  }
}

/** Whether a server answered, and may know more in a moment: as after a start, or while another one takes its place. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Failure && /^redis_(loading|busy|cluster_down)$/.test(error.code);

function incomplete(place: string): Failure {
  return new Failure(
    'unreachable',
    'redis_cluster_down',
    `the Redis Cluster at ${place} is not whole: some of its slots have no server`,
    { hint: 'redis-cli --cluster check HOST:PORT says which of its servers are missing.' },
  );
}

/** A server that does not know its own name leaves it out: it is the one that was asked. */
function announced(host: Buffer | null, port: number, asked: NodeName): NodeName {
  const own = addressOf(asked);
  const text = host === null || host.length === 0 ? ('host' in own ? own.host : '') : host.toString();
  return textOf({ host: text, port });
}

const textOf = (address: ServerAddress): NodeName =>
  'path' in address
    ? address.path
    : `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;

/** Redis writes IPv6 without brackets. */
function addressOf(name: NodeName): ServerAddress {
  const colon = name.lastIndexOf(':');
  return { host: name.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(name.slice(colon + 1)) };
}
