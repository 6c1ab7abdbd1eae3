/** The only way to the terminal. Results go to `out`; progress, warnings and prompts to `err`. */
export interface Streams {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream;
  readonly outIsTerminal: boolean;
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

/** Waits until the text has left the process's buffers, so that an exit right after it loses nothing. */
export function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error && !isBrokenPipe(error) ? reject(error) : resolve()));
  });
}

/** A reader such as `head` has gone: that is its right, not our failure. */
const isBrokenPipe = (error: Error) => (error as NodeJS.ErrnoException).code === 'EPIPE';
