import { takeOver } from '../mqtt/takeover.js';
import type { SimulatedNode } from '../node/node.js';
import type { Peer } from '../node/session.js';
import type { TcpListener } from '../node/tcp-listener.js';

/** As in MQTT 3.1.1. */
const PROTOCOL = 4;

/** A client without a socket: to its node it is a session that is online, subscribed to the topic of its client id. */
export class SimulatedClient {
  /** Payloads of all messages that it has got, in order. */
  readonly received: string[] = [];
  isConnecting = false;
  /** When it connects again, while it has no connection. */
  returnsAt = 0;
  private connection: { readonly node: SimulatedNode; readonly peer: Peer } | null = null;

  constructor(
    readonly clientId: string,
    private readonly clean: boolean,
    private readonly port: number,
  ) {}

  /** The node that it is connected to. Nobody tells it that its connection has ended: it finds out. */
  get node(): SimulatedNode | null {
    if (!this.connection) return null;
    const { node, peer } = this.connection;
    return node.sessions.get(this.clientId)?.peer === peer ? node : null;
  }

  /** Takes over its session from wherever that is. The listener may be gone when that is done. */
  async connect(node: SimulatedNode): Promise<void> {
    this.isConnecting = true;
    const { clientId, clean } = this;
    await node.sessions.get(clientId)?.peer?.close();
    await takeOver(node, clientId, clean);
    const listener = node.isRunning ? node.listeners.accepting : undefined;
    if (listener) this.arrive(node, listener);
    this.isConnecting = false;
  }

  async disconnect(): Promise<void> {
    await this.connection?.peer.close();
  }

  /** Takes what waits in its queue. */
  receive(): void {
    const { node } = this;
    const messages = node?.sessions.get(this.clientId)?.messages;
    if (!node || node.gate.isShut || !messages) return;
    for (const { payload } of messages.splice(0)) {
      this.received.push(payload.toString());
      node.counters.queue_out++;
      node.counters.msg_out++;
    }
  }

  private arrive(node: SimulatedNode, listener: TcpListener): void {
    const { clientId, clean } = this;
    const peer = this.peer(node, listener);
    if (clean) node.sessions.discard(clientId);
    node.sessions.arrive({ clientId, username: null, clean, peer });
    node.sessions.subscribe(clientId, clientId, 1);
    listener.attach(peer);
    this.connection = { node, peer };
    this.receive();
  }

  private peer(node: SimulatedNode, listener: TcpListener): Peer {
    const peer: Peer = {
      host: '127.0.0.1',
      port: this.port,
      protocol: PROTOCOL,
      connectedAt: node.clock.now(),
      isSimulated: true,
      close: async () => {
        listener.detach(peer);
        if (node.sessions.get(this.clientId)?.peer === peer) node.sessions.depart(this.clientId);
      },
    };
    return peer;
  }
}
