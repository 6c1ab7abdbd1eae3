import { formatDuration } from '../../duration.js';
import { Failure } from '../../failure.js';

/** What is being waited for while a connection is made. */
export type Phase = 'connection' | 'greeting' | 'key exchange' | 'login' | 'done';

/** Nothing more came in time. @param timeout milliseconds */
export function silent(address: string, phase: Phase, timeout: number): Failure {
  const waited = formatDuration(timeout);
  const messages: Readonly<Record<Phase, string>> = {
    connection: `${address} does not answer: no connection after ${waited}`,
    greeting: `${address} accepts connections and says nothing: no SSH greeting after ${waited}`,
    'key exchange': `${address} does not go on with the key exchange: nothing after ${waited}`,
    login: `${address} does not finish the login: not logged in after ${waited}`,
    done: `${address} does not answer any more`,
  };
  return failure(
    address,
    'ssh_silent',
    messages[phase],
    'Check the network, and that sshd there is healthy.',
  );
}

/** The other side ended it before anybody could log in. */
export const hungUp = (address: string): Failure =>
  failure(
    address,
    'ssh_handshake_failed',
    `${address} closed the connection before the SSH handshake was done`,
    'Check that sshd listens there and takes connections from here.',
  );

/** What ssh2 says of a server that it cannot come to terms with. */
export function handshakeFailed(address: string, error: unknown): Failure {
  const message = messageOf(error);
  if (!/no matching/.test(message)) {
    const hint = 'Check that an SSH server listens on this port.';
    return failure(
      address,
      'ssh_handshake_failed',
      `${address}: the SSH handshake failed: ${message}`,
      hint,
      error,
    );
  }
  return failure(
    address,
    'ssh_no_common_algorithm',
    `${address} offers no safe algorithm that vmqctl knows: ${message.replace(/^Handshake failed: /, '')}`,
    'Update the SSH server there; SHA-1, CBC ciphers and short keys are not used.',
    error,
  );
}

function failure(address: string, code: string, message: string, hint: string, cause?: unknown): Failure {
  return new Failure('unreachable', code, message, { hint, cause, details: { address } });
}

/** The server said goodbye, and why (RFC 4253 section 11.1): ssh2 gives the reason's number as code. */
export const isDisconnect = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'number';

/** One line: it may be the peer's own words. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 300);
}
