import type { SimulatedNode } from '../node/node.js';
import { SimulatedClient } from './client.js';

export interface ClientOptions {
  readonly sessions: number;
  /** Client ids are this and a number; by default the node's own name comes first. */
  readonly prefix?: string | undefined;
  /** Whether their sessions end with their connections. */
  readonly clean?: boolean | undefined;
  /** Where they go when their connection has ended: any member that takes clients, or this node as long as it does. */
  readonly reconnect: 'never' | 'anywhere' | 'home';
  /** Milliseconds until they come back; 1000 by default. */
  readonly delay?: number | undefined;
  /** How many in a second end their connection by themselves. */
  readonly leaveRate?: number | undefined;
}

/** Clients that a test or an operator has connected. */
export interface SimulatedClients {
  readonly clientIds: readonly string[];
  /** How many have a connection. */
  readonly online: number;
  /** The name of the node that a client is connected to. */
  nodeOf(clientId: string): string | null;
  /** The payloads that a client has got since it is there. */
  received(clientId: string): readonly string[];
  /** All of them go, and do not come back. */
  end(): Promise<void>;
}

/** Milliseconds between two looks at all clients. */
const TICK = 20;
const DEFAULT_DELAY = 1000;
const FIRST_PORT = 20_000;
const PORTS = 40_000;

/** @throws Error when no listener of the node takes clients */
export async function connectClients(home: SimulatedNode, options: ClientOptions): Promise<SimulatedClients> {
  if (!home.listeners.accepting) throw new Error(`no listener of ${home.name} takes clients`);
  const fleet = new Fleet(home, options);
  await fleet.start();
  return fleet;
}

class Fleet implements SimulatedClients {
  private readonly clients: ReadonlyMap<string, SimulatedClient>;
  /** The members of now, as in the configuration of a load balancer. */
  private readonly pool: readonly SimulatedNode[];
  private readonly away = new Set<SimulatedClient>();
  private leaving = 0;
  private hasEnded = false;

  constructor(
    private readonly home: SimulatedNode,
    private readonly options: ClientOptions,
  ) {
    const prefix = options.prefix ?? `${home.name.split('@')[0]}-client-`;
    const clients = Array.from(
      { length: options.sessions },
      (_, index) =>
        new SimulatedClient(`${prefix}${index}`, options.clean ?? false, FIRST_PORT + (index % PORTS)),
    );
    this.clients = new Map(clients.map((client) => [client.clientId, client]));
    this.pool = home.world.all().filter(({ name }) => home.members.includes(name));
  }

  get clientIds(): readonly string[] {
    return [...this.clients.keys()];
  }

  get online(): number {
    return [...this.clients.values()].filter(({ node }) => node).length;
  }

  nodeOf(clientId: string): string | null {
    return this.clients.get(clientId)?.node?.name ?? null;
  }

  received(clientId: string): readonly string[] {
    return this.clients.get(clientId)?.received ?? [];
  }

  async start(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => client.connect(this.home)));
    void this.run();
  }

  async end(): Promise<void> {
    this.hasEnded = true;
    await Promise.all([...this.clients.values()].map((client) => client.disconnect()));
  }

  private async run(): Promise<void> {
    const { world } = this.home;
    while (!world.isClosed && !this.hasEnded) {
      this.lookAfterAll();
      this.sendSomeAway();
      this.bringBack();
      await world.sleep(TICK);
    }
  }

  private lookAfterAll(): void {
    const { reconnect, delay = DEFAULT_DELAY } = this.options;
    for (const client of this.clients.values()) {
      if (client.node) client.receive();
      else if (reconnect !== 'never' && !this.away.has(client)) {
        this.away.add(client);
        client.returnsAt = this.home.clock.now() + delay;
      }
    }
  }

  private sendSomeAway(): void {
    this.leaving += ((this.options.leaveRate ?? 0) * TICK) / 1000;
    if (this.leaving < 1) return;
    const online = [...this.clients.values()].filter(({ node }) => node && !node.gate.isShut);
    for (; this.leaving >= 1; this.leaving--) {
      const [client] = online.splice(Math.floor(Math.random() * online.length), 1);
      void client?.disconnect();
    }
  }

  /** As many as the nodes have time for. */
  private bringBack(): void {
    const now = this.home.clock.now();
    const open = this.pool.filter(takesClients);
    for (const client of this.away) {
      const node = this.choose(open);
      if (!node) return;
      if (client.isConnecting || client.returnsAt > now || !node.logins.admits(now)) continue;
      void client.connect(node).then(() => this.away.delete(client));
    }
  }

  private choose(open: readonly SimulatedNode[]): SimulatedNode | undefined {
    if (this.options.reconnect === 'home' && open.includes(this.home)) return this.home;
    return open[Math.floor(Math.random() * open.length)];
  }
}

const takesClients = (node: SimulatedNode): boolean =>
  node.isRunning && !node.gate.isShut && node.isReady && node.listeners.accepting !== undefined;
