import { isIP } from 'node:net';
import type { Redis, RedisOptions } from 'ioredis';
import { readAuthorities } from '../ca-file.js';
import type { RedisAddress, ServerAddress } from '../context/redis-url.js';
import type { RedisSettings } from '../context/settings.js';
import { Failure } from '../failure.js';
import type { Secret } from '../secret.js';
import { authFailure, connectionFailure, replyFailure, timeoutFailure } from './redis-errors.js';

/** A reply as Redis gives it, texts as bytes. */
export type Reply = Buffer | number | null | readonly Reply[];

/** What a command takes; bytes only for keys that may not be UTF-8. */
export type Argument = string | number | Buffer;

/** A command and its arguments. */
export type Command = readonly [command: string, ...args: Argument[]];

/** One connection to one server. It is never made again by itself: what is lost is reported. */
export interface RedisConnection {
  /**
   * Sends one command. Commands reach the server in the order in which they are called.
   *
   * @throws Failure: unreachable (also after the deadline), credentials, data, failed; see redis-errors.ts
   */
  call(command: string, ...args: readonly Argument[]): Promise<Reply>;

  /** The same of a command whose bytes are ready, arguments and all. They must stay as they are until it is answered. */
  callEncoded(name: string, command: Buffer): Promise<Reply>;

  close(): void;
}

/** Who asks, and for what. */
export interface Login {
  /** The URL of the server, for messages. */
  readonly place: string;
  readonly tls: boolean;
  readonly caFile?: string | undefined;
  readonly username: string;
  readonly password?: Secret | undefined;
  readonly database: string;
  readonly deadline: number;
}

/** @param place what messages call the server */
export function loginOf(
  { tls, username, database }: RedisAddress,
  { caFile, password, deadline }: RedisSettings,
  place: string,
): Login {
  return { place, tls, caFile, username, password, database, deadline };
}

/**
 * Connects to a server, logs in and selects the database.
 *
 * @throws Failure: unreachable, credentials, configuration (CA file or database)
 */
export async function connectServer(address: ServerAddress, login: Login): Promise<OpenConnection> {
  const options = await clientOptions(address, login);
  // The bundler gives a CommonJS package that is imported late no named exports.
  const { default: ioredis } = await import('ioredis');
  const connection = new OpenConnection(ioredis, options, login);
  try {
    await connection.open();
    await connection.logIn(login.username, login.password?.reveal());
    if (login.database !== '0') await connection.call('SELECT', login.database);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** The mapping of replies is a matter of RESP3. */
type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

async function clientOptions(address: ServerAddress, login: Login): Promise<ClientOptions> {
  const shared: ClientOptions = {
    lazyConnect: true,
    protocol: 2,
    connectTimeout: login.deadline,
    // What a command means after a lost connection is for us to say, so nothing is repeated or put off.
    retryStrategy: null,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // Logging in is ours: the library would print what it makes of the answers.
    enableReadyCheck: false,
    disableClientInfo: true,
  };
  if ('path' in address) return { ...shared, path: address.path };
  const { host, port } = address;
  const tls = login.tls ? { tls: { ...(await authorities(login.caFile)), ...serverName(host) } } : {};
  return { ...shared, host, port, ...tls };
}

const serverName = (host: string) => (isIP(host) ? {} : { servername: host });

const authorities = async (caFile: string | undefined): Promise<{ ca?: string }> =>
  caFile === undefined ? {} : { ca: (await readAuthorities(caFile, Date.now())).pem };

export class OpenConnection implements RedisConnection {
  private lastError: unknown;
  private closed = false;

  private readonly client: Redis;
  private readonly place: string;
  private readonly deadline: number;

  constructor(
    private readonly library: typeof import('ioredis'),
    options: ClientOptions,
    { place, deadline }: Login,
  ) {
    this.client = new library.Redis(options);
    this.place = place;
    this.deadline = deadline;
    this.client.on('error', (error) => {
      this.lastError = error;
    });
  }

  /** Whether a command can still be sent, as far as anybody knows. */
  get isOpen(): boolean {
    return !this.closed && this.client.status === 'ready';
  }

  async open(): Promise<void> {
    await this.inTime(this.client.connect().catch((error: unknown) => this.lost(error)));
  }

  async logIn(username: string, password: string | undefined): Promise<void> {
    if (password === undefined) return;
    const credentials = username === '' ? [password] : [username, password];
    await this.answer(this.client.callBuffer('AUTH', ...credentials), authFailure);
  }

  call(command: string, ...args: readonly Argument[]): Promise<Reply> {
    return this.answer(this.client.callBuffer(command, ...args), replyFailure);
  }

  callEncoded(name: string, command: Buffer): Promise<Reply> {
    const ready = new this.library.Command(name, []);
    // The library would need longer to put many arguments together than Redis to take them.
    ready.toWritable = () => command;
    return this.answer(this.client.sendCommand(ready) as Promise<unknown>, replyFailure);
  }

  close(): void {
    // On a socket that is closed already the library would wait two seconds for it to close.
    if (this.closed || this.client.status === 'end') return;
    this.closed = true;
    this.client.disconnect();
    // A peer that hangs would keep the socket, and so the process, alive.
    this.client.stream?.destroy();
  }

  private async answer(
    sent: Promise<unknown>,
    refused: (message: string, place: string) => Failure,
  ): Promise<Reply> {
    const reply = await this.inTime(
      sent.catch((error: unknown) => {
        if (isReplyError(error)) throw refused(error.message, this.place);
        return this.lost(error);
      }),
    );
    // EXEC answers with a list in which a command of the transaction may have failed.
    const failed = Array.isArray(reply) ? reply.find(isReplyError) : undefined;
    if (failed) throw refused(failed.message, this.place);
    return reply as Reply;
  }

  /** The error of the socket says more than the one of the command that it took along. */
  private lost(error: unknown): never {
    throw connectionFailure(this.lastError ?? error, this.place);
  }

  private async inTime<T>(work: Promise<T>): Promise<T> {
    const timer = { current: undefined as NodeJS.Timeout | undefined };
    const late = new Promise<never>((_, reject) => {
      timer.current = setTimeout(() => reject(timeoutFailure(this.place, this.deadline)), this.deadline);
    });
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      if (error instanceof Failure && error.kind === 'unreachable') this.close();
      throw error;
    } finally {
      clearTimeout(timer.current);
    }
  }
}

const isReplyError = (value: unknown): value is Error =>
  value instanceof Error && value.name === 'ReplyError';
