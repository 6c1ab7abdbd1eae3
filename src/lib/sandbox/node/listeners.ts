import type { Socket } from 'node:net';
import { LOOPBACK, TcpListener } from './tcp-listener.js';

/** A listener as `listener show` and `/status.json` have it. */
export interface ListenerRow {
  readonly type: 'mqtt' | 'http' | 'vmq';
  readonly status: 'running' | 'suspended';
  readonly port: number;
  readonly maxConnections: number | 'infinity';
  readonly connections: number;
}

export type ListenerOutcome = 'done' | 'already_started' | 'unknown' | 'failed';

/** The listeners of one node. Only those for MQTT can be changed. */
export class ListenerSet {
  private readonly mqtt: TcpListener[] = [];

  constructor(
    private readonly accept: (socket: Socket) => void,
    private readonly others: () => readonly ListenerRow[],
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

  stop(address: string, port: number, killSessions: boolean): ListenerOutcome {
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
    if (!listener) return 'unknown';
    try {
      await listener.open();
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

  get allRunning(): boolean {
    return this.mqtt.every(({ status }) => status === 'running');
  }

  private find(address: string, port: number): TcpListener | undefined {
    return address === LOOPBACK ? this.mqtt.find((one) => one.port === port) : undefined;
  }
}
