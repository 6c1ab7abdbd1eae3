import type { Socket } from 'node:net';
import ssh2, { type GetStreamCallback, type ParsedKey } from 'ssh2';

/** A key that a server can be offered. */
export interface Identity {
  readonly publicKey: ParsedKey;
  /** Such as `agent key work@laptop` or a path, for messages. */
  readonly label: string;
  /** @param hash of RSA: sha256 or sha512 */
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>;
}

/** Milliseconds for the list of keys, and for a signature, which the operator may have to confirm or to touch a key for. */
const PATIENCE = { list: 3000, sign: 60_000 };

/** ssh2's own waits for as long as the agent is silent, and keeps the process alive for it. */
class PatientAgent extends ssh2.OpenSSHAgent {
  constructor(
    socket: string,
    readonly patience: number,
  ) {
    super(socket);
  }

  override getStream(callback: GetStreamCallback): void {
    super.getStream((error, stream) => {
      const socket = stream as Socket | undefined;
      socket?.unref().setTimeout(this.patience, () => socket.destroy(new Error('the agent does not answer')));
      callback(error, stream);
    });
  }
}

/**
 * The keys of an SSH agent.
 *
 * @param socket its path
 * @throws Error when nobody answers there, or not in time
 */
export function agentIdentities(socket: string): Promise<Identity[]> {
  const agent = new PatientAgent(socket, PATIENCE.list);
  return new Promise((resolve, reject) => {
    agent.getIdentities((error, keys) => {
      if (error) reject(error);
      else resolve((keys ?? []).map((key) => agentIdentity(socket, key as ParsedKey)));
    });
  });
}

function agentIdentity(socket: string, publicKey: ParsedKey): Identity {
  const agent = new PatientAgent(socket, PATIENCE.sign);
  return {
    publicKey,
    label: `agent key ${publicKey.comment || publicKey.type}`,
    sign: (data, hash) =>
      new Promise((resolve, reject) => {
        const options = hash === 'sha256' || hash === 'sha512' ? { hash } : {};
        agent.sign(publicKey, data, options as { hash: 'sha256' | 'sha512' }, (error, signature) => {
          if (signature && !error) resolve(signature);
          else reject(error ?? new Error('the agent does not sign'));
        });
      }),
  };
}
