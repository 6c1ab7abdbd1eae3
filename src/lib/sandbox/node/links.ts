import { Door } from '../ports/door.js';
import { shakeHands } from '../ports/handshake.js';
import type { Gate } from './gate.js';
import type { ListenerRow } from './listeners.js';
import { LOOPBACK } from './tcp-listener.js';

/** Where a node says that others reach it. */
interface Place {
  readonly address: string;
  readonly port: number;
}

/** What a node has for the others: its clustering listener and its Erlang port. */
export class NodeLinks {
  /** It takes connections and says nothing: messages do not travel between simulated nodes. */
  readonly clustering: Door;
  readonly erlang: Door;
  /** What it says instead of the truth. */
  reported: Place | null = null;
  isSuspended = false;

  constructor(
    name: string,
    public cookie: string,
    clusteringPort: number,
    /** Shut while the node is frozen: its host takes connections all the same. */
    gate: Gate,
  ) {
    this.clustering = new Door(clusteringPort, (socket) => void socket.resume());
    this.erlang = new Door(0, async (socket) => {
      await gate.passed();
      shakeHands(socket, { name, cookie: this.cookie });
    });
  }

  async open(): Promise<void> {
    await Promise.all([this.clustering.open(), this.erlang.open()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.clustering.close(), this.erlang.close()]);
  }

  async suspend(): Promise<void> {
    this.isSuspended = true;
    await this.clustering.become('refused');
  }

  async resume(): Promise<void> {
    this.isSuspended = false;
    await this.clustering.become('open');
  }

  /** Where it can be reached, as it says. */
  get place(): Place {
    return this.reported ?? { address: LOOPBACK, port: this.clustering.port };
  }

  row(connections: number): ListenerRow {
    const status = this.isSuspended ? 'suspended' : 'running';
    return { type: 'vmq', status, ...this.place, maxConnections: 10_000, connections };
  }
}
