import type http from 'node:http';
import type { Duplex } from 'node:stream';
import type { OpenStream } from '../ssh/tunnel.js';
import type { HttpAnswer } from './classify.js';

/** The largest answer we take: 1.5 million sessions with five fields each are about this size. */
const LARGEST_BODY = 256 * 1024 * 1024;

export interface Exchange {
  readonly method?: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for the whole exchange; 0 for none. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Connection {
  /** @throws Failure where there is a tunnel and it could not be opened: nothing was sent then */
  exchange(exchange: Exchange): Promise<HttpAnswer>;
  close(): void;
}

/**
 * Keep-alive connections to one origin.
 *
 * @param origin scheme, host and port
 * @param authorities PEM of the authorities to trust; the machine's own when undefined
 */
export async function openConnection(origin: string, authorities: string | undefined): Promise<Connection> {
  const secure = origin.startsWith('https:');
  // Asked for where they are needed: loading them takes longer than all else before the first request.
  const transport = process.getBuiltinModule(secure ? 'node:https' : 'node:http');
  const agent = new transport.Agent({
    keepAlive: true,
    maxSockets: 8,
    ...(authorities ? { ca: authorities } : {}),
  });
  return {
    exchange: (exchange) => send(transport.request, { agent }, new URL(origin), exchange),
    close: () => agent.destroy(),
  };
}

/**
 * The same through a tunnel; each exchange has a stream of its own. The certificate is checked against the node's own
 * name, whatever carries the bytes.
 */
export async function openTunnelled(
  origin: string,
  authorities: string | undefined,
  openStream: OpenStream,
): Promise<Connection> {
  const url = new URL(origin);
  const secure = url.protocol === 'https:' ? await import('./tls-stream.js') : undefined;
  const transport = process.getBuiltinModule(secure ? 'node:https' : 'node:http');
  const port = Number(url.port) || (secure ? 443 : 80);
  return {
    exchange: async (exchange) => {
      const started = performance.now();
      const { deadline, signal } = exchange;
      const stream = await openStream(hostOf(url), port, { deadline, signal });
      // An error of the stream reaches the request that uses it.
      stream.on('error', () => undefined);
      const left = deadline > 0 ? Math.max(1, deadline - (performance.now() - started)) : 0;
      const connected: Duplex = secure ? secure.overStream(stream, hostOf(url), authorities) : stream;
      const via = { createConnection: () => connected };
      return await send(transport.request, via, url, { ...exchange, deadline: left }).finally(() =>
        stream.destroy(),
      );
    },
    close: () => undefined,
  };
}

const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '');

type RequestFunction = typeof http.request;

function send(
  request: RequestFunction,
  carrier: Pick<http.RequestOptions, 'agent' | 'createConnection'>,
  origin: URL,
  exchange: Exchange,
): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const { method = 'GET', path, headers, deadline, signal } = exchange;
    // Given as parts: a URL object would have its path rewritten ('--x' and '%2F' must arrive as they are).
    const sent = request({
      protocol: origin.protocol,
      hostname: hostOf(origin),
      port: origin.port,
      method,
      path,
      headers,
      ...carrier,
      ...(signal ? { signal } : {}),
    });
    const timer = deadline > 0 ? setTimeout(() => sent.destroy(deadlineError(sent)), deadline) : undefined;
    const settle = (answer: HttpAnswer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    sent.on('error', (error: NodeJS.ErrnoException) => settle({ error: error.code ?? error.name }));
    sent.on('response', (response) => readBody(response).then(settle));
    sent.end();
  });
}

/** Before the connection stands nothing can have been sent, and the difference matters for what may have happened. */
function deadlineError(sent: http.ClientRequest): Error {
  const connected = sent.socket !== null && !sent.socket.connecting;
  return Object.assign(new Error('deadline passed'), { code: connected ? 'DEADLINE' : 'CONNECT_DEADLINE' });
}

function readBody(response: http.IncomingMessage): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > LARGEST_BODY)
        response.destroy(Object.assign(new Error('too large'), { code: 'BODY_TOO_LARGE' }));
    });
    response.on('error', (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.name }));
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
    );
  });
}
