import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { StateNode } from './state.js';

const HOST = '127.0.0.1';
/** Milliseconds that the background process may take for an answer. */
const DEADLINE = 3000;

/** What the running sandbox says of itself. */
export interface LiveStatus {
  readonly nodes: readonly (StateNode & { readonly running: boolean })[];
}

export interface ControlHandlers {
  readonly status: () => LiveStatus;
  readonly stop: () => void;
}

/** The port on which the background process takes orders: loopback only, and only with the token. */
export async function openControl(
  token: string,
  handlers: ControlHandlers,
): Promise<{ port: number; server: Server }> {
  const server = createServer((incoming, response) => answer(incoming, response, token, handlers));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the control port has no number');
  return { port: address.port, server };
}

function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  token: string,
  handlers: ControlHandlers,
): void {
  const given = Buffer.from(incoming.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) response.writeHead(401).end();
  else if (incoming.method === 'GET') response.end(JSON.stringify(handlers.status()));
  else if (incoming.method === 'DELETE') response.end('{}', handlers.stop);
  else response.writeHead(405).end();
}

/**
 * Asks a running sandbox, or tells it to stop.
 *
 * @returns what it says; `gone` when nothing of ours listens there; `silent` when something does, but does not answer
 */
export function callControl(
  { port, token }: { readonly port: number; readonly token: string },
  method: 'GET' | 'DELETE',
): Promise<LiveStatus | 'gone' | 'silent'> {
  return new Promise((resolve) => {
    const outgoing = request(
      {
        host: HOST,
        port,
        method,
        agent: false,
        timeout: DEADLINE,
        headers: { authorization: `Bearer ${token}` },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => resolve('silent'));
        response.on('end', () =>
          resolve(
            response.statusCode === 200
              ? (JSON.parse(Buffer.concat(chunks).toString()) as LiveStatus)
              : 'gone',
          ),
        );
      },
    );
    outgoing.on('timeout', () => {
      resolve('silent');
      outgoing.destroy();
    });
    outgoing.on('error', () => resolve('gone'));
    outgoing.end();
  });
}
