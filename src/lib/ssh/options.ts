import type { Secret } from '../secret.js';

export interface SshOptions {
  /** Folder with `.ssh`. Default: of the user. */
  readonly home?: string | undefined;
  /** Folder of `ssh_config` and `ssh_known_hosts`. Default /etc/ssh. */
  readonly systemFolder?: string | undefined;
  /** OpenSSH configuration to read instead of the user's and the system's, like `ssh -F`. */
  readonly configFile?: string | undefined;
  /** Default: of this process. SSH_AUTH_SOCK is taken from it. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /**
   * Asks the operator for the passphrase of a key file. It is called when no key without one was accepted and the server
   * would accept this one, again (twice at most) when the passphrase was wrong. Left out where there is no terminal.
   */
  readonly askPassphrase?: ((path: string) => Promise<Secret>) | undefined;
  /** Where the password is from, if a host is to be logged in to with one. Called when no key was accepted. */
  readonly password?: (() => Promise<Secret>) | undefined;
  /** Told each step of connecting and logging in, for people who look for a mistake; never a secret. */
  readonly report?: ((line: string) => void) | undefined;
  /** Milliseconds until a host is logged in to, where the OpenSSH configuration has no ConnectTimeout. Default 15 s. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds, where the OpenSSH configuration has no ServerAliveInterval. Default 15 s. */
  readonly keepAliveInterval?: number | undefined;
}
