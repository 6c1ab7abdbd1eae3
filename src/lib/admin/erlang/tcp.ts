import { connect, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ErlangError, type ErlangErrorCode } from './error.js';
import type { Limit, LimitOptions } from './limit.js';

/** What to call a port that refuses, and one that does not answer. */
export interface PortFailures {
  /** For messages: "epmd", "the port of a@b". */
  readonly what: string;
  readonly closed: ErlangErrorCode;
  readonly silent: ErlangErrorCode;
}

/** Opens a stream to a port in another way than by TCP from here. What it throws is passed on as it is. */
export type OpenStream = (host: string, port: number, options: LimitOptions) => Promise<Duplex>;

/** Where to connect to. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** TCP from here, if not given. */
  readonly openStream?: OpenStream | undefined;
}

/**
 * A stream to a port.
 *
 * @throws ErlangError `host_unknown`, `aborted`, or one of the codes in `failures`
 */
export async function openPort(target: Target, failures: PortFailures, limit: Limit): Promise<Duplex> {
  const { host, port, openStream } = target;
  if (!openStream) return await openSocket(host, port, failures, limit);
  limit.check();
  const stop = new AbortController();
  const opening = openStream(host, port, { signal: stop.signal });
  const stream = await limit.within({
    work: opening,
    late: () => new ErlangError(failures.silent, `${failures.what} at ${host}:${port} does not answer`),
    stop: () => {
      stop.abort();
      // Where it opens all the same, nobody is there to use it.
      opening.then(
        (stream) => stream.destroy(),
        () => undefined,
      );
    },
  });
  // As with a TCP connection of our own: when the other side has ended, all is over.
  stream.once('end', () => stream.destroy());
  return stream;
}

/**
 * Ends a stream: what was written still leaves, for at most so many milliseconds. What it still brings is dropped, and a
 * socket that takes nothing more keeps no process alive.
 */
export function endGently(stream: Duplex, milliseconds: number): void {
  const timer = setTimeout(() => stream.destroy(), milliseconds).unref();
  stream.once('close', () => clearTimeout(timer));
  stream.resume();
  if (stream instanceof Socket) stream.unref().destroySoon();
  else stream.end(() => stream.destroy());
}

/**
 * A TCP connection, without delays for small packets.
 *
 * @throws ErlangError `host_unknown`, `aborted`, or one of the codes in `failures`
 */
export async function openSocket(
  host: string,
  port: number,
  failures: PortFailures,
  limit: Limit,
): Promise<Socket> {
  limit.check();
  if (!isPort(port)) throw new ErlangError('host_unknown', `${port} is no port, for ${failures.what}`);
  const socket = connect({ host, port, noDelay: true });
  const where = `${failures.what} at ${host}:${port}`;
  return limit.within({
    work: connected(socket, host, where, failures),
    late: () => new ErlangError(failures.silent, `${where} does not answer`),
    stop: () => socket.destroy(),
  });
}

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65_536;

function connected(socket: Socket, host: string, where: string, failures: PortFailures): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException) => reject(connectError(cause, host, where, failures));
    socket.once('error', refuse);
    socket.once('connect', () => {
      socket.off('error', refuse);
      resolve(socket);
    });
  });
}

function connectError(
  cause: NodeJS.ErrnoException,
  host: string,
  where: string,
  failures: PortFailures,
): ErlangError {
  switch (cause.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return new ErlangError('host_unknown', `the host "${host}" is not known here`, { cause });
    case 'ECONNREFUSED':
      return new ErlangError(failures.closed, `nothing listens for ${where}`, { cause });
    default:
      return new ErlangError(failures.silent, `${where} cannot be reached (${cause.code ?? 'unknown'})`, {
        cause,
      });
  }
}
