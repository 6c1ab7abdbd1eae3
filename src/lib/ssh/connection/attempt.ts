import type { Duplex } from 'node:stream';
import ssh2, { type AnyAuthMethod, type Client } from 'ssh2';
import { Failure } from '../../failure.js';
import type { SshAddress } from '../address.js';
import { describeSettings, type HostSettings } from '../config/settings.js';
import { typeOf } from '../known-hosts/entry.js';
import { fingerprint } from '../known-hosts/judge.js';
import { Login } from '../login/login.js';
import type { UnlockedKeys } from '../login/unlocked-keys.js';
import type { SshOptions } from '../options.js';
import { handshakeFailed, hungUp, isDisconnect, messageOf, type Phase, silent } from './attempt-failures.js';
import { Connection } from './connection.js';
import { Countdown } from './countdown.js';
import { holdGreeting } from './greeting.js';
import { lost, unsent } from './lost.js';
import { dialTcp } from './tcp.js';

/** The last host before the one that is meant. */
export interface JumpHost {
  /** For people. */
  readonly address: string;
  /** Resolves when it is logged in to. */
  ready(): Promise<void>;
  openStream(host: string, port: number): Promise<Duplex>;
}

export interface OpenOptions {
  readonly settings: HostSettings;
  readonly options: SshOptions;
  readonly unlocked: UnlockedKeys | undefined;
  /** Goes straight to the host without one. */
  readonly jump: JumpHost | undefined;
  /** The way to it, where it is not that of the configuration. */
  readonly via: readonly SshAddress[] | undefined;
  /** Ends the attempt; its reason is what the attempt then fails with. */
  readonly signal: AbortSignal;
}

/** Milliseconds. */
const CONNECT_TIMEOUT = 15_000;
const FAREWELL = 200;

/** One attempt at a connection, and what ends it, whatever that is and whenever it comes. */
export class Attempt {
  #phase: Phase = 'connection';
  readonly #address: string;
  readonly #client: Client = new ssh2.Client();
  readonly #countdown: Countdown;
  readonly #timeout: number;
  readonly #login: Login;
  #isOver = false;
  #stream: Duplex | undefined;
  #connection: Connection | undefined;
  #fail: (failure: Failure) => void = () => undefined;
  readonly #onAbort = () => this.fail(this.given.signal.reason as Failure);
  readonly #failed = new Promise<never>((_, reject) => (this.#fail = reject));

  constructor(readonly given: OpenOptions) {
    const { settings, options } = given;
    this.#address = describeSettings(settings);
    this.#timeout = settings.connectTimeout ?? options.connectTimeout ?? CONNECT_TIMEOUT;
    this.#countdown = new Countdown(this.#timeout, () =>
      this.fail(silent(this.#address, this.#phase, this.#timeout)),
    );
    this.#login = new Login({
      settings,
      password: options.password,
      unlocked: given.unlocked,
      unhurried: (work) => this.#countdown.without(work),
      broken: (error) => this.fail(this.failureOf(error)),
      report: (text) => this.report(text),
    });
    this.#failed.catch(() => undefined);
    given.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (given.signal.aborted) this.#onAbort();
  }

  async run(configure: (stream: Duplex, login: Login) => object): Promise<Connection> {
    try {
      const stream = await Promise.race([this.dial(), this.#failed]);
      this.#phase = 'greeting';
      holdGreeting(stream, () => (this.#phase = 'key exchange'));
      const ready = this.ready();
      this.#client.connect(configure(stream, this.#login));
      return await Promise.race([ready, this.#failed]);
    } catch (error) {
      this.#isOver = true;
      this.hangUp(false);
      throw error;
    } finally {
      this.#countdown.end();
      this.given.signal.removeEventListener('abort', this.#onAbort);
    }
  }

  /** @returns whether there is nothing against the host */
  accepts(key: Buffer, refused: Failure | undefined): boolean {
    if (refused) this.fail(refused);
    else this.report(`its host key is known: ${typeOf(key)} ${fingerprint(key)}`);
    return refused === undefined;
  }

  /** ssh2 takes the next method by a callback, or `false` when there is none left, which ends the attempt. */
  authenticate(
    login: Login,
    allowed: readonly string[] | null,
    next: (method: AnyAuthMethod) => void,
  ): undefined {
    login
      .next(allowed)
      .then((method) => (method ? next(method) : this.fail(login.denied())))
      .catch((error: unknown) => this.fail(this.failureOf(error)));
    return undefined;
  }

  private async dial(): Promise<Duplex> {
    const { jump, settings } = this.given;
    this.report(
      `connecting to ${settings.hostname} port ${settings.port}${jump ? ` through ${jump.address}` : ''}`,
    );
    if (!jump) {
      const { socket, connected } = dialTcp(settings);
      this.#stream = socket;
      await connected;
      return socket;
    }
    // The jump host has a deadline of its own, and may ask the operator for something.
    await this.#countdown.without(() => jump.ready());
    const stream = await jump.openStream(settings.hostname, settings.port);
    this.#stream = stream;
    // Nobody waits for it any more.
    if (this.#isOver) stream.destroy();
    return stream;
  }

  private ready(): Promise<Connection> {
    const client = this.#client;
    client.on('error', (error: Error & { level?: string }) => {
      // One key could not be used; there may be others.
      if (error.level === 'agent') return;
      this.fail(this.failureOf(error));
    });
    client.on('handshake', () => {
      if (this.#phase !== 'done') this.#phase = 'login';
    });
    // A new password is nothing that could be made up here.
    client.on('change password', () =>
      this.fail(this.#login.denied('it wants the password to be changed first')),
    );
    client.on('end', () => this.fail(this.closed()));
    client.on('close', () => this.fail(this.closed()));
    return new Promise((resolve) => {
      client.once('ready', () => {
        // At once: the connection may be lost before anybody has heard of it.
        this.#phase = 'done';
        this.report(`logged in as ${this.given.settings.user}`);
        this.#connection = new Connection(client, this.#address, (politely) => this.hangUp(politely));
        resolve(this.#connection);
      });
    });
  }

  private report(text: string): void {
    this.given.options.report?.(`${this.#address}: ${text}`);
  }

  /** Of an attempt, or of the connection that came of it. */
  private fail(failure: Failure): void {
    this.#fail(failure);
    this.#connection?.end(failure);
  }

  private hangUp(politely: boolean): void {
    const stream = this.#stream;
    if (!politely) {
      stream?.destroy();
      return;
    }
    this.#client.end();
    // A peer that is gone does not answer the farewell.
    setTimeout(() => stream?.destroy(), FAREWELL).unref();
  }

  private closed(): Failure {
    if (this.#phase === 'done') return lost(this.#address, 'it was closed');
    if (this.#phase === 'login') return this.#login.denied('it closed the connection');
    return hungUp(this.#address);
  }

  private failureOf(error: unknown): Failure {
    if (this.#phase === 'done') return lost(this.#address, messageOf(error), error);
    // The jump host's connection broke below this one, before anything could be sent.
    if (error instanceof Failure) return error.code === 'ssh_lost' ? unsent(error) : error;
    if (this.#phase === 'login' && isDisconnect(error))
      return this.#login.denied(`it said: ${messageOf(error)}`);
    return handshakeFailed(this.#address, error);
  }
}
