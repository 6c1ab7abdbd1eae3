import type { Duplex } from 'node:stream';
import { Failure } from '../failure.js';
import type { SshAddress } from './address.js';
import { describeSettings, type HostSettings } from './config/settings.js';
import type { JumpHost } from './connection/attempt.js';
import type { Connection } from './connection/connection.js';
import { NotSent, unsent } from './connection/lost.js';
import { Stop, type StopReason } from './connection/stop.js';
import type { Finished, RunOptions, SshHost, StreamOptions } from './host.js';
import type { UnlockedKeys } from './login/unlocked-keys.js';
import type { SshOptions } from './options.js';

export interface ConnectedHostOptions {
  readonly settings: HostSettings;
  readonly options: SshOptions;
  readonly unlocked: () => Promise<UnlockedKeys | undefined>;
  readonly jump: JumpHost | undefined;
  /** The way to it, where it is not that of the configuration. */
  readonly via: readonly SshAddress[] | undefined;
}

/** A host whose connection is made when it is needed, and shared by all that is done there. */
export class ConnectedHost implements SshHost {
  readonly address: string;
  #connecting: Promise<Connection> | undefined;
  #isClosed = false;
  readonly #closing = new AbortController();

  constructor(readonly given: ConnectedHostOptions) {
    this.address = describeSettings(given.settings);
  }

  async run(commandLine: string, options: RunOptions = {}): Promise<Finished> {
    const { runOn } = await import('./connection/run.js');
    return this.use(options, (connection, stop) => runOn(connection, commandLine, options, stop));
  }

  async openStream(host: string, port: number, options: StreamOptions = {}): Promise<Duplex> {
    const { openTunnel } = await import('./connection/tunnel.js');
    return this.use(options, (connection, stop) => openTunnel(connection, { host, port }, options, stop));
  }

  /** Connects, unless it is. */
  async ready(): Promise<void> {
    await this.connection();
  }

  close(): void {
    this.#isClosed = true;
    const connecting = this.#connecting;
    this.#connecting = undefined;
    this.#closing.abort(this.closed('ssh_unreachable'));
    connecting?.then(
      (connection) => connection.end(this.closed('ssh_lost'), true),
      () => undefined,
    );
  }

  /** Does something with the connection; once more with a new one, where the old one turns out to have died unused. */
  private async use<T>(
    options: StreamOptions,
    work: (connection: Connection, stop: Stop) => Promise<T>,
  ): Promise<T> {
    const stop = new Stop(options);
    try {
      for (let attempt = 0; ; attempt += 1) {
        const connection = await stop.within(this.connection(), (reason) => this.notConnected(reason));
        try {
          return await work(connection, stop);
        } catch (error) {
          if (!(error instanceof NotSent)) throw error;
          if (attempt > 0 || this.#isClosed) throw unsent(error.failure);
        }
      }
    } finally {
      stop.release();
    }
  }

  private connection(): Promise<Connection> {
    if (this.#isClosed) return Promise.reject(this.closed('ssh_unreachable'));
    this.#connecting ??= this.connect();
    return this.#connecting;
  }

  /** Forgotten when it fails or is lost, so that the next call tries again. */
  private connect(): Promise<Connection> {
    const forget = () => {
      if (this.#connecting === connecting) this.#connecting = undefined;
    };
    const connecting = this.open();
    connecting.then((connection) => connection.whenLost(forget), forget);
    return connecting;
  }

  private async open(): Promise<Connection> {
    const { openConnection } = await import('./connection/open.js');
    const { settings, options, jump, via } = this.given;
    return openConnection({
      settings,
      options,
      jump,
      via,
      unlocked: await this.given.unlocked(),
      signal: this.#closing.signal,
    });
  }

  private closed(code: 'ssh_lost' | 'ssh_unreachable'): Failure {
    return new Failure('unreachable', code, `the SSH connection to ${this.address} was closed here`);
  }

  private notConnected(reason: StopReason): Failure {
    if (reason === 'interrupted') return new Failure('interrupted', 'interrupted', 'interrupted');
    return new Failure(
      'unreachable',
      'ssh_silent',
      `${this.address}: not logged in within the time that was given`,
      {
        hint: 'Nothing was sent. Try again, or give it more time.',
        details: { address: this.address },
      },
    );
  }
}
