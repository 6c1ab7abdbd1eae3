import { Failure } from '../../failure.js';

/** A connection that ended under way. What was sent may have arrived. */
export const lost = (address: string, reason: string, cause?: unknown): Failure =>
  new Failure('unreachable', 'ssh_lost', `the SSH connection to ${address} was lost: ${reason}`, {
    hint: 'A command that was under way may have been carried out: look before you repeat it.',
    details: { address },
    cause,
  });

/** The connection ended before the command was sent. */
export class NotSent extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** Another code than that of a connection which was lost after the command had been sent. */
export const unsent = ({ message, details, cause }: Failure): Failure =>
  new Failure('unreachable', 'ssh_unreachable', message, {
    hint: 'Nothing was sent. Check the network, and that sshd there is healthy.',
    details,
    cause,
  });
