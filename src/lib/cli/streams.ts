import { Failure } from '../failure.js';

/** The only way to the terminal. Results go to `out`; progress, warnings and prompts to `err`. */
export interface Streams {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream;
  readonly outIsTerminal: boolean;
  /** How wide the terminal of `out` is, where it is one and says so. */
  readonly outWidth?: number | undefined;
  readonly errIsTerminal: boolean;
  readonly inIsTerminal: boolean;
  readonly colourOut: boolean;
  readonly colourErr: boolean;
}

export function processStreams(environment: NodeJS.ProcessEnv = process.env): Streams {
  const outIsTerminal = process.stdout.isTTY === true;
  const errIsTerminal = process.stderr.isTTY === true;
  return {
    out: process.stdout,
    err: process.stderr,
    outIsTerminal,
    outWidth: outIsTerminal ? process.stdout.columns : undefined,
    errIsTerminal,
    inIsTerminal: process.stdin.isTTY === true,
    colourOut: colourWanted(outIsTerminal, environment),
    colourErr: colourWanted(errIsTerminal, environment),
  };
}

/** https://no-color.org and https://force-color.org: set and not empty decides; otherwise the terminal does. */
export function colourWanted(isTerminal: boolean, environment: NodeJS.ProcessEnv): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR && environment.FORCE_COLOR !== '0') return true;
  return isTerminal && environment.TERM !== 'dumb';
}

/**
 * Writes a result. Waits until the text has left the process's buffers, so that an exit right after it loses nothing.
 *
 * @throws Failure (unknown) when it cannot be written
 */
export async function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  const error = await attempt(stream, text);
  if (error && !isBrokenPipe(error)) throw cannotWrite(error);
}

/** Writes what goes along with a result. When it cannot be written, nothing is left to say so with. */
export async function say(stream: NodeJS.WritableStream, text: string): Promise<void> {
  await attempt(stream, text);
}

const attempt = (stream: NodeJS.WritableStream, text: string): Promise<Error | null | undefined> =>
  new Promise((resolve) => {
    stream.write(text, resolve);
  });

/**
 * Leaves the errors of stdout and stderr to those who write, who get them too. oclif's own listener throws them where
 * nobody can catch them.
 */
export function quietStreams(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error');
    stream.on('error', () => undefined);
  }
}

/** A reader such as `head` has gone: that is its right, not our failure. */
export const isBrokenPipe = (error: NodeJS.ErrnoException) => error.code === 'EPIPE';

/** What was asked for may well be done, but nobody was told: of the kinds there are, that is `unknown`. */
export const cannotWrite = (error: NodeJS.ErrnoException): Failure =>
  new Failure('unknown', 'cannot_write', `cannot write the result: ${error.code ?? error.message}`);
