import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { ActiveOutage } from '../outages/set.js';
import type { StateNode } from './state.js';

const HOST = '127.0.0.1';
/** Milliseconds that the background process may take for an answer. */
const DEADLINE = 3000;
/** A fault stops nodes, and fills the queues of ports. */
const FAULT_DEADLINE = 15_000;

/** What the running sandbox says of itself. */
export interface LiveStatus {
  readonly nodes: readonly (StateNode & { readonly running: boolean; readonly fault: string | null })[];
}

/** An order to set a fault, or to clear those that are meant: all, where neither is named. */
export interface FaultOrder {
  readonly action: 'set' | 'clear';
  readonly fault?: string | undefined;
  readonly node?: string | undefined;
}

/** What became of it: the faults that are set now, and those that were taken away; or why nothing was done. */
export type FaultAnswer =
  | { readonly active: readonly ActiveOutage[]; readonly cleared: readonly ActiveOutage[] }
  | {
      readonly refused: {
        readonly kind: string;
        readonly code: string;
        readonly message: string;
        readonly hint: string | null;
      };
    };

export interface ControlHandlers {
  readonly status: () => LiveStatus;
  readonly fault: (order: FaultOrder) => Promise<FaultAnswer>;
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
  else if (incoming.method === 'POST') void takeOrder(incoming, response, handlers);
  else response.writeHead(405).end();
}

async function takeOrder(
  incoming: IncomingMessage,
  response: ServerResponse,
  { fault }: ControlHandlers,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  // Only our own command line writes here.
  response.end(JSON.stringify(await fault(JSON.parse(Buffer.concat(chunks).toString()) as FaultOrder)));
}

type Control = { readonly port: number; readonly token: string };

/** Has a running sandbox set or clear faults. @returns as `callControl` */
export const orderFault = (control: Control, order: FaultOrder): Promise<FaultAnswer | 'gone' | 'silent'> =>
  call<FaultAnswer>(control, 'POST', order, FAULT_DEADLINE);

/**
 * Asks a running sandbox, or tells it to stop.
 *
 * @returns what it says; `gone` when nothing of ours listens there; `silent` when something does, but does not answer
 */
export const callControl = (
  control: Control,
  method: 'GET' | 'DELETE',
): Promise<LiveStatus | 'gone' | 'silent'> => call<LiveStatus>(control, method, undefined, DEADLINE);

function call<Answer>(
  { port, token }: Control,
  method: string,
  body: unknown,
  timeout: number,
): Promise<Answer | 'gone' | 'silent'> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}` };
    const outgoing = request({ host: HOST, port, method, agent: false, timeout, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve('silent'));
      response.on('end', () =>
        resolve(
          response.statusCode === 200 ? (JSON.parse(Buffer.concat(chunks).toString()) as Answer) : 'gone',
        ),
      );
    });
    outgoing.on('timeout', () => {
      resolve('silent');
      outgoing.destroy();
    });
    outgoing.on('error', () => resolve('gone'));
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
