import ssh2, { type ParsedKey } from 'ssh2';

/** A key that a server can be offered. */
export interface Identity {
  readonly publicKey: ParsedKey;
  /** Such as `agent key work@laptop` or a path, for messages. */
  readonly label: string;
  /** @param hash of RSA: sha256 or sha512 */
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>;
}

/**
 * The keys of an SSH agent.
 *
 * @param socket its path
 * @throws Error when nobody answers there
 */
export function agentIdentities(socket: string): Promise<Identity[]> {
  const agent = new ssh2.OpenSSHAgent(socket);
  return new Promise((resolve, reject) => {
    agent.getIdentities((error, keys) => {
      if (error) reject(error);
      else resolve((keys ?? []).map((key) => agentIdentity(agent, key as ParsedKey)));
    });
  });
}

function agentIdentity(agent: InstanceType<typeof ssh2.OpenSSHAgent>, publicKey: ParsedKey): Identity {
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
