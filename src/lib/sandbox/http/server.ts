import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Gate } from '../node/gate.js';
import type { Cut, SimulatedNode } from '../node/node.js';
import { listenHere } from '../node/tcp-listener.js';
import type { Answer } from './answer.js';
import { route } from './routes.js';

/** Each answer says that no real broker gave it. */
const SERVER_NAME = 'vmqctl-sandbox (simulated)';

/** Longer request lines get 414 from `route`; Node itself must let them through. */
const LARGEST_HEADER = 64 * 1024;

/** The HTTP listener of one node: the management API, `/status.json`, `/health` and `/metrics`. */
export class ManagementServer {
  private server: Server | null = null;
  private boundPort: number;
  private isOpen = false;
  private readonly sockets = new Set<Socket>();
  private cutOff: Cut | null = null;
  /** Shut: nothing gets through, in either direction. */
  private readonly silence = new Gate();

  constructor(
    private readonly node: SimulatedNode,
    port: number,
  ) {
    this.boundPort = port;
  }

  get port(): number {
    return this.boundPort;
  }

  get connections(): number {
    return this.sockets.size;
  }

  /** @throws when the port is taken */
  async open(): Promise<void> {
    this.isOpen = true;
    if (this.cutOff !== 'refused') await this.listen();
  }

  close(): void {
    this.isOpen = false;
    this.server?.close();
    this.server?.closeAllConnections();
    this.server = null;
  }

  /** Cuts the network before the node, which goes on working. */
  cut(how: Cut): void {
    this.cutOff = how;
    if (how === 'hanging') {
      this.silence.shut();
      return;
    }
    this.silence.open();
    for (const socket of this.sockets) socket.resetAndDestroy();
    if (how === 'reset') return;
    this.server?.close();
    this.server = null;
  }

  /** @throws when the port has been taken meanwhile */
  async mend(): Promise<void> {
    this.cutOff = null;
    this.silence.open();
    if (this.isOpen && !this.server) await this.listen();
  }

  private async listen(): Promise<void> {
    const server = createServer(
      { maxHeaderSize: LARGEST_HEADER },
      (request, response) => void this.handle(request, response),
    );
    server.on('connection', (socket) => this.take(socket));
    this.boundPort = await listenHere(server, this.boundPort);
    this.server = server;
  }

  private take(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    if (this.cutOff === 'reset') socket.resetAndDestroy();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The broker's idle timeout: whatever still runs then, the client gets no answer any more.
    const giveUp = () => void this.silence.passed().then(() => request.socket.destroy());
    const timeout = setTimeout(giveUp, this.node.world.timings.idleTimeout);
    response.once('close', () => clearTimeout(timeout));
    request.resume();
    try {
      await this.silence.passed();
      await this.node.gate.passed();
      // A node that thaws because it is killed does nothing more.
      if (!this.node.isRunning) return;
      const answer = await route(this.node, request);
      await this.silence.passed();
      send(response, answer);
    } catch (thrown) {
      send(response, { status: 500, headers: {}, body: '' });
      process.emitWarning(thrown instanceof Error ? thrown : String(thrown));
    }
  }
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, { server: SERVER_NAME, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}
