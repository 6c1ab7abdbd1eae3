import type { AnyAuthMethod, ParsedKey } from 'ssh2';
import { Failure } from '../../failure.js';
import { describeSettings, type HostSettings } from '../config/settings.js';
import type { SshOptions } from '../options.js';
import type { Identity } from './agent.js';
import { findIdentities, type Identities, type Unlocker } from './identities.js';
import { Keyring } from './keyring.js';
import type { UnlockedKeys } from './unlocked-keys.js';

export interface LoginOptions {
  readonly settings: HostSettings;
  readonly password: SshOptions['password'];
  /** Undefined where nobody can be asked. */
  readonly unlocked: UnlockedKeys | undefined;
  /** Runs what waits for the operator, whose time does not count. */
  readonly unhurried: <T>(work: () => Promise<T>) => Promise<T>;
  readonly report: (text: string) => void;
  /** Nothing can come of this connection any more. */
  readonly broken: (error: unknown) => void;
}

/** The methods with which one connection is logged in, one after the other (RFC 4252). */
export class Login {
  readonly #tried: string[] = [];
  readonly #skipped: string[] = [];
  readonly #methods: AsyncGenerator<AnyAuthMethod, undefined, readonly string[]>;

  constructor(readonly options: LoginOptions) {
    this.#methods = this.methods();
  }

  /**
   * The next method, or false when there is none left.
   *
   * @param allowed what the server takes, null before it has been asked
   */
  async next(allowed: readonly string[] | null): Promise<AnyAuthMethod | false> {
    const { value, done } = await this.#methods.next(allowed ?? []);
    return done || value === undefined ? false : value;
  }

  /** Why it came to nothing; never has a secret in it. @param how the server ended it, if it did more than refuse */
  denied(how?: string): Failure {
    const address = describeSettings(this.options.settings);
    const tried = this.#tried.length > 0 ? `tried ${this.#tried.join(', ')}` : 'there was no key to try';
    const skipped = this.#skipped.length > 0 ? `; not tried: ${this.#skipped.join(', ')}` : '';
    const reason = how === undefined ? '' : ` (${how})`;
    return new Failure(
      'credentials',
      'ssh_denied',
      `${address} refuses the login${reason}: ${tried}${skipped}`,
      {
        hint: hintFor(how, this.options.settings),
        details: { address, tried: this.#tried, skipped: this.#skipped },
      },
    );
  }

  private async *methods(): AsyncGenerator<AnyAuthMethod, undefined, readonly string[]> {
    const { settings, password } = this.options;
    const username = settings.user;
    // As ssh does: the answer tells what the server takes.
    const allowed = yield { type: 'none', username };
    // After a key was accepted and was not enough, ssh2 does not tell what the server wants beside it.
    let isSigned = false;
    const accepts = (method: string) => isSigned || allowed.includes(method);
    if (settings.publicKeyLogin && accepts('publickey')) {
      for await (const keyring of this.keyrings(() => (isSigned = true)))
        yield { type: 'agent', username, agent: keyring };
    } else this.#skipped.push('keys (not accepted there)');
    for (const skipped of this.#skipped) this.options.report(`not tried: ${skipped}`);
    if (!password) return undefined;
    if (settings.passwordLogin && accepts('password')) {
      this.trying('password');
      yield { type: 'password', username, password: await this.reveal(password) };
    } else if (settings.keyboardLogin && accepts('keyboard-interactive')) {
      this.trying('password (keyboard-interactive)');
      yield this.keyboard(username, await this.reveal(password));
    } else this.#skipped.push('password (not accepted there)');
    return undefined;
  }

  private async *keyrings(onSigned: () => void): AsyncGenerator<Keyring> {
    // An agent may be slow, too: it has a deadline of its own.
    const { settings, unhurried } = this.options;
    const identities = await unhurried(() => findIdentities(settings, this.unlocked()));
    this.#skipped.push(...identities.skipped);
    if (identities.offered.length > 0) yield this.keyring(identities.offered, onSigned);
    yield* this.lateKeyrings(identities, onSigned);
  }

  private async *lateKeyrings({ late }: Identities, onSigned: () => void): AsyncGenerator<Keyring> {
    for (const identity of late) {
      try {
        yield this.keyring([await identity()], onSigned);
      } catch (error) {
        this.failed('a key file', error);
      }
    }
  }

  private keyring(identities: readonly Identity[], onSigned: () => void): Keyring {
    this.trying(...identities.map(({ label }) => label));
    // The operator may have to confirm it to the agent.
    const unhurried = identities.map((identity) => ({
      ...identity,
      sign: (...data: Parameters<Identity['sign']>) => this.options.unhurried(() => identity.sign(...data)),
    }));
    return new Keyring(unhurried, {
      signed: onSigned,
      failed: (identity, error) => this.failed(identity.label, error),
      broken: this.options.broken,
    });
  }

  private trying(...labels: readonly string[]): void {
    this.#tried.push(...labels);
    for (const label of labels) this.options.report(`offering ${label}`);
  }

  private failed(label: string, error: unknown): void {
    // Such as the operator's Ctrl-C at the question for the passphrase.
    if (error instanceof Failure) this.options.broken(error);
    else this.#skipped.push(`${label} (${error instanceof Error ? error.message : 'cannot sign'})`);
  }

  private unlocked(): Unlocker | undefined {
    const { unlocked, settings, unhurried } = this.options;
    if (!unlocked || settings.isBatch) return undefined;
    return { unlock: (path, text): Promise<ParsedKey> => unhurried(() => unlocked.unlock(path, text)) };
  }

  private async reveal(password: NonNullable<SshOptions['password']>): Promise<string> {
    return (await this.options.unhurried(password)).reveal();
  }

  /** How servers with PAM ask for a password (RFC 4256). Any other question cannot be answered. */
  private keyboard(username: string, password: string): AnyAuthMethod {
    let isAsked = false;
    return {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        const isPassword = !isAsked && prompts.length === 1 && prompts[0]?.echo === false;
        isAsked = true;
        finish(isPassword ? [password] : prompts.map(() => ''));
      },
    };
  }
}

function hintFor(how: string | undefined, { user, name, port }: HostSettings): string {
  if (how !== undefined && /too many/i.test(how))
    return `Give ${name} an IdentityFile and IdentitiesOnly yes in ~/.ssh/config.`;
  const withPort = port === 22 ? '' : ` -p ${port}`;
  return `Check user and key: ssh${withPort} ${user}@${name} must work, or ssh-copy-id${withPort} ${user}@${name}.`;
}
