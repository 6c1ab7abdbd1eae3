import { connect, type Socket } from 'node:net';
import { ErlangError, type ErlangErrorCode } from './error.js';
import type { Limit } from './limit.js';

/** What to call a port that refuses, and one that does not answer. */
export interface PortFailures {
  /** For messages: "epmd", "the port of a@b". */
  readonly what: string;
  readonly closed: ErlangErrorCode;
  readonly silent: ErlangErrorCode;
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
