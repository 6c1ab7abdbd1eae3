import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import type { Finished, RunOptions } from '../host.js';
import type { Connection } from './connection.js';
import { lost } from './lost.js';
import { Output, tooMuch } from './output.js';
import { openSession, type Session, stopped, terminate } from './session.js';
import type { Stop } from './stop.js';
import { wrapped, wrappedWithInput } from './wrap.js';

/**
 * Runs a command on a connection.
 *
 * @throws NotSent; otherwise as SshHost.run
 */
export async function runOn(
  connection: Connection,
  commandLine: string,
  options: RunOptions,
  stop: Stop,
): Promise<Finished> {
  const input = options.input === undefined ? undefined : Buffer.from(options.input);
  // Hexadecimal, so that it needs no quotes; random, so that no input ends with it by chance.
  const mark = randomBytes(12).toString('hex');
  const line = input ? wrappedWithInput(commandLine, input.length, mark) : wrapped(commandLine);
  const session = await openSession(connection, line, options, stop);
  if (input) session.channel.write(Buffer.concat([input, Buffer.from(mark)]));
  return finished(session, connection, options, stop);
}

function finished(
  session: Session,
  connection: Connection,
  options: RunOptions,
  stop: Stop,
): Promise<Finished> {
  const { address } = connection;
  const { channel } = session;
  return new Promise((resolve, reject) => {
    let isEnding = false;
    const waits: (() => void)[] = [];
    const settle = (how: () => void) => {
      for (const forget of waits) forget();
      how();
    };
    const endWith = (error: unknown) => {
      if (isEnding) return;
      isEnding = true;
      void terminate(channel).then(() => settle(() => reject(error)));
    };
    const output = new Output(options.onOutput, () => endWith(tooMuch(address)));
    const take = (stream: 'out' | 'err') => (chunk: Buffer) => {
      if (isEnding) return;
      try {
        output.add(chunk, stream);
      } catch (error) {
        // Of whoever takes the output: ssh2 would take it for the end of the connection.
        endWith(error);
      }
    };
    waits.push(connection.whenLost((failure) => settle(() => reject(failure))));
    waits.push(stop.whenStopped((reason) => endWith(stopped(address, reason, options, true))));
    channel.on('data', take('out'));
    channel.stderr.on('data', take('err'));
    channel.on('close', () => {
      if (isEnding) return;
      const { status } = session;
      settle(() => {
        if (status === undefined)
          reject(connection.lost ?? lost(address, 'the session ended without an exit code'));
        else
          resolve({ stdout: output.text('out'), stderr: output.text('err'), exitCode: exitCodeOf(status) });
      });
    });
  });
}

const SIGNALS: Readonly<Record<string, number>> = constants.signals;

const exitCodeOf = (status: number | string): number =>
  typeof status === 'number' ? status : 128 + (SIGNALS[status] ?? 0);
