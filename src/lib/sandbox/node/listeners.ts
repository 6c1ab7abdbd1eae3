import type { Socket } from 'node:net';
import { LOOPBACK, TcpListener } from './tcp-listener.js';

/** A listener as `listener show` and `/status.json` have it. */
export interface ListenerRow {
  readonly type: 'mqtt' | 'http' | 'vmq';
  readonly status: 'running' | 'suspended';
  /** Loopback, if it says nothing else. */
  readonly address?: string;
  readonly port: number;
  readonly maxConnections: number | 'infinity';
  readonly connections: number;
}

export type ListenerOutcome = 'done' | 'already_started' | 'unknown' | 'failed';

/** A listener that is none for MQTT, and can be suspended all the same. */
export interface OtherListener {
  readonly place: { readonly address: string; readonly port: number };
  suspend(): Promise<void>;
  resume(): Promise<void>;
}

/** The listeners of one node. Only those for MQTT can be started and deleted. */
export class ListenerSet {
  private readonly mqtt: TcpListener[] = [];

  constructor(
    private readonly accept: (socket: Socket) => void,
    private readonly others: () => readonly ListenerRow[],
    private readonly clustering: OtherListener,
  ) {}

  rows(): readonly ListenerRow[] {
    const mqtt = this.mqtt.map(
      ({ status, port, maxConnections, connections }): ListenerRow => ({
        type: 'mqtt',
        status,
        port,
        maxConnections,
        connections,
      }),
    );
    return [...mqtt, ...this.others()];
  }

  /** The port of the first MQTT listener, if there is one. */
  get mqttPort(): number | null {
    return this.mqtt[0]?.port ?? null;
  }

  /** The first one that takes new clients. */
  get accepting(): TcpListener | undefined {
    return this.mqtt.find(({ status }) => status === 'running');
  }

  async start(port: number, maxConnections: number | 'infinity' = 'infinity'): Promise<ListenerOutcome> {
    if (port !== 0 && this.rows().some((row) => row.port === port)) return 'already_started';
    const listener = new TcpListener(port, maxConnections, this.accept);
    try {
      await listener.open();
    } catch {
      return 'failed';
    }
    this.mqtt.push(listener);
    return 'done';
  }

  async stop(address: string, port: number, killSessions: boolean): Promise<ListenerOutcome> {
    if (this.isClustering(address, port)) {
      await this.clustering.suspend();
      return 'done';
    }
    const listener = this.find(address, port);
    if (!listener) return 'unknown';
    if (!killSessions) {
      listener.suspend();
      return 'done';
    }
    // What kills its sessions also deletes it.
    listener.close();
    this.mqtt.splice(this.mqtt.indexOf(listener), 1);
    return 'done';
  }

  async restart(address: string, port: number): Promise<ListenerOutcome> {
    const listener = this.find(address, port);
    if (!listener && !this.isClustering(address, port)) return 'unknown';
    try {
      await (listener ? listener.open() : this.clustering.resume());
    } catch {
      return 'failed';
    }
    return 'done';
  }

  delete(address: string, port: number): ListenerOutcome {
    const listener = this.find(address, port);
    if (!listener) return 'unknown';
    listener.suspend();
    this.mqtt.splice(this.mqtt.indexOf(listener), 1);
    return 'done';
  }

  suspendAll(): void {
    for (const listener of this.mqtt) listener.suspend();
  }

  /** Clients that are connected stay so. @returns the listeners that are no more */
  deleteAll(): readonly TcpListener[] {
    const deleted = this.mqtt.splice(0);
    for (const listener of deleted) listener.suspend();
    return deleted;
  }

  /** The types of those that are suspended. */
  get notReady(): readonly ListenerRow['type'][] {
    return [...new Set(this.rows().flatMap(({ status, type }) => (status === 'running' ? [] : [type])))];
  }

  private isClustering(address: string, port: number): boolean {
    const { place } = this.clustering;
    return place.address === address && place.port === port;
  }

  private find(address: string, port: number): TcpListener | undefined {
    return address === LOOPBACK ? this.mqtt.find((one) => one.port === port) : undefined;
  }
}
