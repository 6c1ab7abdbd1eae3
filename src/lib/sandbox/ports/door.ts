import { createServer, type Server, type Socket } from 'node:net';
import { listenHere } from '../node/tcp-listener.js';
import { BlackHole } from './black-hole.js';

/** What a connection to a port of a node meets. */
export type DoorState = 'open' | 'refused' | 'silent';

/** A port for other nodes. It keeps its number, whatever is done to it. */
export class Door {
  private server: Server | null = null;
  private hole: BlackHole | null = null;
  private readonly sockets = new Set<Socket>();
  private wanted: DoorState = 'open';
  private isUp = false;

  /** @param boundPort 0 takes a free one */
  constructor(
    private boundPort: number,
    private readonly greet: (socket: Socket) => void | Promise<void>,
  ) {}

  get port(): number {
    return this.boundPort;
  }

  /** The node has started. @throws when the port is taken */
  async open(): Promise<void> {
    this.isUp = true;
    await this.apply();
  }

  /** The node has ended. */
  async close(): Promise<void> {
    this.isUp = false;
    await this.apply();
  }

  /** What connections meet while the node runs. @throws when the port is taken */
  async become(state: DoorState): Promise<void> {
    this.wanted = state;
    await this.apply();
  }

  private async apply(): Promise<void> {
    await this.shut();
    if (!this.isUp || this.wanted === 'refused') return;
    if (this.wanted === 'silent' && this.boundPort !== 0) this.hole = await BlackHole.open(this.boundPort);
    else await this.listen();
  }

  private async listen(): Promise<void> {
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      void this.greet(socket);
    });
    this.boundPort = await listenHere(server, this.boundPort);
    this.server = server;
  }

  private async shut(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const { server, hole } = this;
    this.server = null;
    this.hole = null;
    await hole?.close();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
