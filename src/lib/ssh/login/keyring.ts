import ssh2, {
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import type { Identity } from './agent.js';

export interface KeyringListener {
  /** A key is offered for signing: the server would take it. */
  signed(identity: Identity): void;
  failed(identity: Identity, error: unknown): void;
  /** Nothing can come of this connection any more. */
  broken(error: unknown): void;
}

/**
 * Keys, from wherever they are, in the shape of an agent: ssh2 offers the public half of each, and has only that signed
 * with which the server would take. So nobody is asked for a passphrase in vain.
 */
export class Keyring extends ssh2.BaseAgent<ParsedKey> {
  constructor(
    readonly identities: readonly Identity[],
    readonly listener: KeyringListener,
  ) {
    super();
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(
      null,
      this.identities.map(({ publicKey }) => publicKey),
    );
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === 'function' ? options : callback;
    const hash = typeof options === 'function' ? undefined : options.hash;
    const identity = this.identities.find(({ publicKey }) => publicKey === key);
    if (!identity || !done) throw new Error('ssh2 asks for a signature by a key that it was not given');
    this.signWith(identity, data, hash)
      .then(
        (signature) => done(undefined, signature),
        (error: unknown) => {
          this.listener.failed(identity, error);
          done(error instanceof Error ? error : new Error('cannot sign'));
        },
      )
      .catch((error: unknown) => this.listener.broken(error));
  }

  private async signWith(identity: Identity, data: Buffer, hash: string | undefined): Promise<Buffer> {
    // A server that is too old for anything else: SHA-1 signatures can be forged.
    if (identity.publicKey.type === 'ssh-rsa' && hash !== 'sha256' && hash !== 'sha512')
      throw new Error('the server takes RSA with SHA-1 only');
    this.listener.signed(identity);
    return identity.sign(data, hash);
  }
}
