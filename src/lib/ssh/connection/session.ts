import type { ClientChannel } from 'ssh2';
import { formatDuration } from '../../duration.js';
import { Failure } from '../../failure.js';
import type { RunOptions } from '../host.js';
import type { Connection } from './connection.js';
import { lost, NotSent } from './lost.js';
import { NoSession } from './session-queue.js';
import type { Stop, StopReason } from './stop.js';

/** A command under way. */
export interface Session {
  readonly channel: ClientChannel;
  /** How it ended: exit code or name of a signal. */
  status: number | string | undefined;
}

/**
 * Waits for a session that the server has to spare, and starts the command in it.
 *
 * @throws NotSent; otherwise as SshHost.run
 */
export async function openSession(
  connection: Connection,
  line: string,
  options: RunOptions,
  stop: Stop,
): Promise<Session> {
  let isSent = false;
  const opening = connection.sessions.open(
    () => {
      isSent = true;
      return exec(connection, line).catch((error: unknown) => {
        if (error instanceof NoSession) isSent = false;
        throw error;
      });
    },
    () => stop.reason === undefined && connection.lost === undefined,
  );
  opening.then(
    ({ channel }) => channel.once('close', () => connection.sessions.closed()),
    () => undefined,
  );
  try {
    return await stop.within(
      opening,
      (reason) => stopped(connection.address, reason, options, isSent),
      ({ channel }) => void terminate(channel),
    );
  } catch (error) {
    if (!(error instanceof NoSession)) throw error;
    if (connection.lost) throw new NotSent(connection.lost);
    throw new Failure(
      'unreachable',
      'ssh_no_session',
      `${connection.address} is logged in to, but opens no session: ${error.said}`,
      { hint: 'Check MaxSessions and ForceCommand in its sshd_config, and whether it is out of memory.' },
    );
  }
}

/** Opens a session and starts the command in it. ssh2 tells by its error how far that came. */
function exec(connection: Connection, line: string): Promise<Session> {
  const { client, address } = connection;
  return new Promise((resolve, reject) => {
    if (connection.lost) return reject(new NotSent(connection.lost));
    const done = (error: (Error & { reason?: number | string }) | undefined, channel: ClientChannel) => {
      if (!error) resolve(sessionOf(channel));
      else if (error.reason !== undefined) reject(new NoSession(said(error)));
      else if (/No response/.test(error.message))
        reject(new NotSent(connection.lost ?? lost(address, 'it ended')));
      else reject(connection.lost ?? refused(address));
    };
    try {
      client.exec(line, done);
    } catch (cause) {
      reject(new NotSent(lost(address, 'it ended', cause)));
    }
  });
}

/** Listens at once: the end of a quick command may be in the same packet as the news of its start. */
function sessionOf(channel: ClientChannel): Session {
  const session: Session = { channel, status: undefined };
  channel.on('exit', (code: number | null, signal?: string) => {
    session.status = code ?? signal;
    // Where the shell was killed with its command, what waits beside it keeps the channel open until our input ends.
    channel.end();
  });
  return session;
}

const said = (error: Error) =>
  error.message.replace(/^\(SSH\) Channel open failure: /, '') || 'no reason given';

const refused = (address: string): Failure =>
  new Failure('failed', 'ssh_exec_refused', `${address} is logged in to, but runs no commands`, {
    hint: 'Check the shell of that user there, and ForceCommand in its sshd_config.',
  });

/** Why a command was given up, and whether it may have arrived. */
export function stopped(
  address: string,
  reason: StopReason,
  { deadline = 0 }: RunOptions,
  isSent: boolean,
): Failure {
  if (reason === 'interrupted') return new Failure('interrupted', 'interrupted', 'interrupted');
  const after = formatDuration(deadline);
  return isSent
    ? new Failure('unreachable', 'ssh_deadline', `${address}: the command had not ended after ${after}`, {
        hint: 'It was told to end, but may have done its work: look before you repeat it.',
        details: { address },
      })
    : new Failure('unreachable', 'ssh_silent', `${address}: no session for the command after ${after}`, {
        hint: 'Nothing was sent. Try again, or give it more time.',
        details: { address },
      });
}

/** Milliseconds between the ways to end a command, each harder than the one before. */
const GRACE = 300;

/** Tells the remote command to end, and waits for that a little. Without the channel it ends anyway: see wrap.ts. */
export async function terminate(channel: ClientChannel): Promise<void> {
  const closed = new Promise<'closed'>((resolve) => channel.once('close', () => resolve('closed')));
  const isClosed = async () =>
    (await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, GRACE))])) === 'closed';
  // What still comes is of no interest, and must not stand in the way of the end.
  channel.resume();
  channel.stderr.resume();
  channel.signal('INT');
  if (await isClosed()) return;
  channel.signal('TERM');
  channel.end();
  if (await isClosed()) return;
  channel.close();
  await isClosed();
}
