import { connect, type Socket } from 'node:net';
import { Failure } from '../../failure.js';
import { describeSettings, type HostSettings } from '../config/settings.js';

/** Milliseconds for one address of several. Node's own 250 are less than a round trip on some links. */
const FAMILY_TIMEOUT = 2000;

/**
 * A TCP connection to a host's SSH port. Destroy the socket to give up.
 *
 * @returns the socket at once, and a promise that it is connected
 */
export function dialTcp(settings: HostSettings): { socket: Socket; connected: Promise<void> } {
  const { hostname, port, family, bindAddress } = settings;
  const socket = connect({
    host: hostname,
    port,
    family,
    noDelay: true,
    autoSelectFamilyAttemptTimeout: FAMILY_TIMEOUT,
    ...(bindAddress === undefined ? {} : { localAddress: bindAddress }),
  });
  const connected = new Promise<void>((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException) => reject(tcpFailure(cause, settings));
    socket.once('error', refuse);
    socket.once('connect', () => {
      socket.off('error', refuse);
      resolve();
    });
  });
  return { socket, connected };
}

function tcpFailure(cause: NodeJS.ErrnoException, settings: HostSettings): Failure {
  const address = describeSettings(settings);
  const { hostname, port } = settings;
  const details = { address };
  const fail = (code: string, message: string, hint: string) =>
    new Failure('unreachable', code, message, { hint, cause, details });
  switch (cause.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return fail(
        'ssh_host_unknown',
        `${address}: the host "${hostname}" is not known here`,
        'Check the spelling, or give its address.',
      );
    case 'ECONNREFUSED':
      return fail(
        'ssh_refused',
        `${address}: nothing listens at ${hostname}:${port}`,
        'Check that sshd runs there, and its port: ssh://user@host:port.',
      );
    default:
      return fail(
        'ssh_unreachable',
        `${address} cannot be reached (${cause.code ?? 'unknown'})`,
        'Check the network and the firewall.',
      );
  }
}
