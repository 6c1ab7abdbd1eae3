import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { ErlangError } from './error.js';
import type { Limit } from './limit.js';
import { type OpenStream, openPort } from './tcp.js';

/** The port of the Erlang Port Mapper Daemon, unless ERL_EPMD_PORT says another. */
export const EPMD_PORT = 4369;

const PORT_PLEASE2_REQ = 122;
const PORT2_RESP = 119;
/** Name and extra field have two bytes for their length, but nothing real comes near this. */
const LARGEST_ANSWER = 4096;

/** What epmd knows of a node. */
export interface NodeRegistration {
  readonly port: number;
  /** 77 for an ordinary node, 72 for a hidden one. */
  readonly nodeType: number;
  /** 0 is TCP over IPv4. */
  readonly protocol: number;
  /** Highest and lowest version of the distribution protocol that the node understands. */
  readonly highestVersion: number;
  readonly lowestVersion: number;
  /** The part before the `@`. */
  readonly name: string;
  readonly extra: Buffer;
}

/** Encodes the question for a node; `name` is the part before the `@`. */
export function encodePortRequest(name: string): Buffer {
  const text = Buffer.from(name);
  const request = Buffer.alloc(3 + text.length);
  request.writeUInt16BE(1 + text.length, 0);
  request.writeUInt8(PORT_PLEASE2_REQ, 2);
  text.copy(request, 3);
  return request;
}

/**
 * Decodes epmd's answer, which ends where epmd closes the connection.
 *
 * @returns undefined when no such node is registered
 * @throws ErlangError `epmd_down`: it is no epmd
 */
export function decodePortAnswer(answer: Buffer): NodeRegistration | undefined {
  if (answer.length < 2 || answer[0] !== PORT2_RESP) throw notEpmd();
  if (answer[1] !== 0) return undefined;
  if (answer.length < 12) throw notEpmd();
  const nameEnd = 12 + answer.readUInt16BE(10);
  if (answer.length < nameEnd + 2) throw notEpmd();
  const extraEnd = nameEnd + 2 + answer.readUInt16BE(nameEnd);
  if (answer.length !== extraEnd) throw notEpmd();
  return {
    port: answer.readUInt16BE(2),
    nodeType: answer.readUInt8(4),
    protocol: answer.readUInt8(5),
    highestVersion: answer.readUInt16BE(6),
    lowestVersion: answer.readUInt16BE(8),
    name: answer.toString('utf8', 12, nameEnd),
    extra: answer.subarray(nameEnd + 2, extraEnd),
  };
}

/**
 * Asks the epmd of a host for a node.
 * Protocol: "Distribution Protocol", EPMD Protocol, PORT_PLEASE2_REQ.
 *
 * @param name the part of the node's name before the `@`
 * @param openStream reaches it in another way than by TCP from here
 * @throws ErlangError `host_unknown`, `epmd_down`, `epmd_silent`, `node_not_registered`, `aborted`
 */
export async function lookUpNode(
  name: string,
  host: string,
  port: number,
  limit: Limit,
  openStream?: OpenStream,
): Promise<NodeRegistration> {
  const failures = { what: 'epmd', closed: 'epmd_down', silent: 'epmd_silent' } as const;
  const socket = await openPort({ host, port, openStream }, failures, limit);
  const answer = await limit.within({
    work: ask(socket, encodePortRequest(name)),
    late: () => new ErlangError('epmd_silent', `epmd at ${host}:${port} does not answer`),
    stop: () => socket.destroy(),
  });
  const registration = decodePortAnswer(answer);
  if (registration) return registration;
  throw new ErlangError('node_not_registered', `epmd at ${host}:${port} knows no node "${name}"`);
}

async function ask(socket: Duplex, request: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LARGEST_ANSWER) socket.destroy(notEpmd());
  });
  socket.write(request);
  try {
    await once(socket, 'close');
  } catch (error) {
    if (error instanceof ErlangError) throw error;
    throw new ErlangError('epmd_down', 'epmd broke the connection off', { cause: error });
  }
  return Buffer.concat(chunks);
}

function notEpmd(): ErlangError {
  return new ErlangError('epmd_down', 'what listens there does not answer as epmd does');
}
