import type http from 'node:http';
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
    exchange: (exchange) => send(transport.request, agent, new URL(origin), exchange),
    close: () => agent.destroy(),
  };
}

type RequestFunction = typeof http.request;

function send(
  request: RequestFunction,
  agent: http.Agent,
  origin: URL,
  exchange: Exchange,
): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const { method = 'GET', path, headers, deadline, signal } = exchange;
    // Given as parts: a URL object would have its path rewritten ('--x' and '%2F' must arrive as they are).
    const sent = request({
      protocol: origin.protocol,
      hostname: origin.hostname.replace(/^\[|\]$/g, ''),
      port: origin.port,
      method,
      path,
      headers,
      agent,
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
