import { createServer, type Server, type Socket } from 'node:net';
import type { Peer } from './session.js';

export const LOOPBACK = '127.0.0.1';

/** Listens on loopback. @returns the port, which is a free one for 0. @throws when the port is taken */
export async function listenHere(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new Error(`port ${port} is taken`) : error),
    );
    server.listen(port, LOOPBACK, resolve);
  });
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : port;
}

/** One TCP listener. It can be suspended: connections stay, new ones are refused. */
export class TcpListener {
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();
  /** Clients without sockets. */
  private readonly simulated = new Set<Peer>();
  private boundPort: number;

  /** @param port 0 takes a free one, and keeps it */
  constructor(
    port: number,
    readonly maxConnections: number | 'infinity',
    private readonly accept: (socket: Socket) => void,
  ) {
    this.boundPort = port;
  }

  get port(): number {
    return this.boundPort;
  }

  get status(): 'running' | 'suspended' {
    return this.server ? 'running' : 'suspended';
  }

  get connections(): number {
    return this.sockets.size + this.simulated.size;
  }

  /** Listens, or listens again. @throws when the port is taken */
  async open(): Promise<void> {
    if (this.server) return;
    const server = createServer((socket) => this.take(socket));
    this.boundPort = await listenHere(server, this.boundPort);
    this.server = server;
  }

  suspend(): void {
    this.server?.close();
    this.server = null;
  }

  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
    for (const peer of this.simulated) void peer.close();
  }

  attach(peer: Peer): void {
    this.simulated.add(peer);
  }

  detach(peer: Peer): void {
    this.simulated.delete(peer);
  }

  close(): void {
    this.suspend();
    this.dropConnections();
  }

  private take(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    // A connection that breaks is the client's matter; aedes adds its own handler later.
    socket.on('error', () => socket.destroy());
    this.accept(socket);
  }
}
