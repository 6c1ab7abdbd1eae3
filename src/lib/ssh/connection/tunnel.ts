import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { formatDuration } from '../../duration.js';
import { Failure } from '../../failure.js';
import type { StreamOptions } from '../host.js';
import type { Connection } from './connection.js';
import { lost, NotSent } from './lost.js';
import type { Stop, StopReason } from './stop.js';

/** Where a tunnel leads, as seen from the far host. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/**
 * Connects to a port as seen from the far host.
 *
 * @throws NotSent; otherwise as SshHost.openStream
 */
export async function openTunnel(
  connection: Connection,
  to: Destination,
  options: StreamOptions,
  stop: Stop,
): Promise<Duplex> {
  const channel = await stop.within(
    forward(connection, to),
    (reason) => stopped(connection.address, to, reason, options),
    (late) => late.close(),
  );
  if (connection.lost) {
    channel.close();
    throw new NotSent(connection.lost);
  }
  return new Tunnel(channel, connection);
}

function forward(connection: Connection, { host, port }: Destination): Promise<ClientChannel> {
  const { client, address } = connection;
  return new Promise((resolve, reject) => {
    if (connection.lost) return reject(new NotSent(connection.lost));
    const done = (error: (Error & { reason?: number | string }) | undefined, channel: ClientChannel) => {
      if (!error) resolve(channel);
      else if (error.reason === undefined) reject(new NotSent(connection.lost ?? lost(address, 'it ended')));
      else reject(refused(address, { host, port }, error));
    };
    try {
      // Where the connection comes from is for the far side's log only.
      client.forwardOut('127.0.0.1', 0, host, port, done);
    } catch (cause) {
      reject(new NotSent(lost(address, 'it ended', cause)));
    }
  });
}

/** RFC 4254 section 5.1. */
const PROHIBITED = 1;

function refused(
  address: string,
  { host, port }: Destination,
  error: Error & { reason?: number | string },
): Failure {
  const said = error.message.replace(/^\(SSH\) Channel open failure: /, '') || 'no reason given';
  const details = { address, host, port };
  return error.reason === PROHIBITED
    ? new Failure(
        'unreachable',
        'ssh_forwarding_refused',
        `${address} forwards nothing to ${host}:${port}: ${said}`,
        {
          hint: 'Its sshd_config needs AllowTcpForwarding yes, and PermitOpen where it is set must allow this port.',
          details,
        },
      )
    : new Failure('unreachable', 'ssh_forward_failed', `${address} cannot reach ${host}:${port}: ${said}`, {
        hint: `Check that something listens there, as seen from ${address}.`,
        details,
      });
}

function stopped(
  address: string,
  { host, port }: Destination,
  reason: StopReason,
  options: StreamOptions,
): Failure {
  if (reason === 'interrupted') return new Failure('interrupted', 'interrupted', 'interrupted');
  const after = formatDuration(options.deadline ?? 0);
  return new Failure(
    'unreachable',
    'ssh_silent',
    `${address} has no connection to ${host}:${port} after ${after}`,
    {
      hint: 'Check the network between these two, and the firewall.',
      details: { address, host, port },
    },
  );
}

/** A channel as a stream that ends, breaks and waits as sockets do: ssh2's own takes a lost connection for an end. */
class Tunnel extends Duplex {
  readonly #forget: () => void;
  #written: ((error?: Error | null) => void) | undefined;

  constructor(
    readonly channel: ClientChannel,
    connection: Connection,
  ) {
    super({ allowHalfOpen: true });
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on('end', () => {
      if (connection.lost === undefined) this.push(null);
    });
    channel.on('close', () => this.closedThere());
    this.#forget = connection.whenLost((failure) => this.destroy(failure));
  }

  override _read(): void {
    this.channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    // ssh2 never calls back for what it can no longer send.
    this.#written = callback;
    this.channel.write(chunk, (error) => this.written(error));
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.channel.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#forget();
    this.channel.close();
    // Unread bytes would keep it from closing.
    this.channel.resume();
    this.written(error ?? new Error('the tunnel was closed'));
    callback(error);
  }

  private written(error?: Error | null): void {
    const callback = this.#written;
    this.#written = undefined;
    callback?.(error);
  }

  /** Both directions have ended: what was read first is still delivered, what is written goes nowhere. */
  private closedThere(): void {
    if (this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }
}
