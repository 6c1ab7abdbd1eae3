import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';

/**
 * TLS over a stream that is open already.
 *
 * @param host whose certificate it has to be
 * @param authorities PEM of the authorities to trust; the machine's own when undefined
 */
export const overStream = (stream: Duplex, host: string, authorities: string | undefined): TLSSocket =>
  connect({
    socket: stream,
    host,
    // An address is no server name (RFC 6066, section 3).
    servername: isIP(host) ? '' : host,
    ...(authorities ? { ca: authorities } : {}),
  });
