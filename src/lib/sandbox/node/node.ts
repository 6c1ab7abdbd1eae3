import type { Socket } from 'node:net';
import type { Aedes, AedesPublishPacket } from 'aedes';
import type { Clock } from '../../clock.js';
import { KeyCache } from './api-keys.js';
import { Counters } from './counters.js';
import { NodeFaults } from './faults.js';
import { Gate } from './gate.js';
import { NodeLinks } from './links.js';
import { ListenerSet } from './listeners.js';
import { LoginDesk } from './login-desk.js';
import { Metadata } from './metadata.js';
import { Phases } from './phases.js';
import { SessionStore } from './session-store.js';
import type { World } from './world.js';

/** Where a node listens; 0 takes a free port; and what lets others in. */
export interface Ports {
  readonly http: number;
  readonly mqtt: number;
  readonly clustering: number;
  /** What it and the others know each other by. */
  readonly cookie: string;
}

/** What a client meets when the network is cut: a closed port, a reset connection, or silence. */
export type Cut = 'refused' | 'reset' | 'hanging';

/** The HTTP listener of a node, whatever it answers. */
interface HttpListener {
  readonly port: number;
  readonly connections: number;
  /** @throws when the port is taken */
  open(): Promise<void>;
  close(): void;
  /** Cuts the network between its clients and the node. */
  cut(how: Cut): void;
  mend(): Promise<void>;
}

/** What answers on a node's ports. It is given the node, which knows no more of it. */
export interface Services {
  readonly broker: (node: SimulatedNode) => Promise<Aedes>;
  readonly http: (node: SimulatedNode, port: number) => HttpListener;
}

/** One simulated broker: its process, what it stores and what it listens on. */
export class SimulatedNode {
  /** Own name first. */
  members: string[];
  metadata = new Metadata();
  counters = new Counters();
  readonly clock: Clock;
  readonly sessions: SessionStore;
  readonly listeners: ListenerSet;
  readonly links: NodeLinks;
  readonly apiKeys: KeyCache;
  readonly logins: LoginDesk;
  readonly http: HttpListener;
  readonly faults = new NodeFaults();
  readonly phases = new Phases();
  /** What becomes of the queues that are on their way when the node dies. */
  readonly migrations = new Set<() => void>();
  /** Tells whether it is still the same process. */
  incarnation = 0;
  /** What `set` has changed. */
  readonly settings = new Map<string, number>();
  /** Shut while the node is frozen. */
  readonly gate = new Gate();
  frozenSince: number | null = null;
  /** It has left and is about to stop. */
  isStopping = false;

  /** Of its first MQTT listener, also when that is gone. */
  mqttPort: number;

  private broker: Aedes | null = null;
  private readonly sockets = new Set<Socket>();

  constructor(
    readonly name: string,
    readonly world: World<SimulatedNode>,
    ports: Ports,
    private readonly services: Services,
  ) {
    this.members = [name];
    this.clock = world.clock;
    this.mqttPort = ports.mqtt;
    this.sessions = new SessionStore(this);
    this.logins = new LoginDesk(world.timings.loginsPerSecond);
    this.apiKeys = new KeyCache(this, () => this.clock.now());
    this.http = services.http(this, ports.http);
    this.links = new NodeLinks(name, ports.cookie, ports.clustering, this.gate);
    this.listeners = new ListenerSet(
      (socket) => this.accept(socket),
      () => [
        {
          type: 'http',
          status: 'running',
          port: this.http.port,
          maxConnections: 10_000,
          connections: this.http.connections,
        },
        this.links.row(this.world.visibleMembers(this).length - 1),
      ],
      this.links,
    );
  }

  /** Only those with the same see each other. */
  get cookie(): string {
    return this.links.cookie;
  }

  get isRunning(): boolean {
    return this.broker !== null;
  }

  /** Whether every member is seen running. If not, clients are refused. */
  get isReady(): boolean {
    return this.members.every((name) => this.world.sees(this, this.world.find(name)));
  }

  /** Starts, or starts again with what it has stored. @throws when a port is taken */
  async start(): Promise<void> {
    this.counters = new Counters();
    this.apiKeys.forget();
    this.isStopping = false;
    this.broker = await this.services.broker(this);
    await this.http.open();
    await this.links.open();
    if ((await this.listeners.start(this.mqttPort, 10_000)) !== 'done') {
      throw new Error(`port ${this.mqttPort} is taken`);
    }
    this.mqttPort = this.listeners.mqttPort ?? this.mqttPort;
  }

  /** Ends the process in good order: clients are disconnected, and their wills are published. */
  async stop(): Promise<void> {
    await Promise.all(this.sessions.online().map(({ peer }) => peer?.close()));
    await this.halt();
  }

  /** Ends the process at once. What is stored stays. */
  async halt(): Promise<void> {
    const broker = this.broker;
    if (!broker) return;
    this.broker = null;
    this.incarnation++;
    for (const strand of this.migrations) strand();
    this.sessions.removeMigrated();
    this.thaw();
    this.http.close();
    const linksClosed = this.links.close();
    for (const listener of this.listeners.deleteAll()) listener.dropConnections();
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => broker.close(resolve));
    for (const session of this.sessions.online()) this.sessions.depart(session.clientId);
    await linksClosed;
  }

  /** Loses all that it has stored; its process does not run. */
  wipe(): void {
    this.members = [this.name];
    this.metadata = new Metadata();
    this.sessions.clear();
  }

  /** From now on it accepts connections and answers nothing. */
  freeze(): void {
    this.frozenSince ??= this.clock.now();
    this.gate.shut();
  }

  thaw(): void {
    this.frozenSince = null;
    this.gate.open();
  }

  /** Passes a message of another node on to the clients of this one. What is to be queued, is already. */
  async deliver(packet: AedesPublishPacket): Promise<void> {
    await this.gate.passed();
    const broker = this.broker;
    if (!broker) return;
    await new Promise<void>((resolve) => broker.publish({ ...packet, retain: false }, () => resolve()));
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    this.broker?.handle(socket);
  }
}
