import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { SimulatedNode } from '../node/node.js';
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
  connections = 0;

  constructor(
    private readonly node: SimulatedNode,
    port: number,
  ) {
    this.boundPort = port;
  }

  get port(): number {
    return this.boundPort;
  }

  /** @throws when the port is taken */
  async open(): Promise<void> {
    const server = createServer(
      { maxHeaderSize: LARGEST_HEADER },
      (request, response) => void this.handle(request, response),
    );
    server.on('connection', (socket) => {
      this.connections++;
      socket.once('close', () => this.connections--);
    });
    this.boundPort = await listenHere(server, this.boundPort);
    this.server = server;
  }

  close(): void {
    this.server?.close();
    this.server?.closeAllConnections();
    this.server = null;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The broker's idle timeout: whatever still runs then, the client gets no answer any more.
    const timeout = setTimeout(() => request.socket.destroy(), this.node.world.timings.idleTimeout);
    response.once('close', () => clearTimeout(timeout));
    request.resume();
    try {
      await this.node.gate.passed();
      // A node that thaws because it is killed does nothing more.
      if (!this.node.isRunning) return;
      send(response, await route(this.node, request));
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
