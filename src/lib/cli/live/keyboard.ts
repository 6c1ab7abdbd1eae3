/** What a keyboard needs of standard input. */
export interface Input {
  readonly isTTY?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  off(event: 'data', listener: (chunk: Buffer) => void): unknown;
  once(event: 'error', listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface Keys {
  readonly onQuit: () => void;
  readonly onSuspend: () => void;
}

const CONTROL_C = '\u0003';
const CONTROL_Z = '\u001a';

/** Single keys, without Enter and without an echo; nothing where standard input is no terminal. */
export class Keyboard {
  readonly isThere: boolean;
  readonly #listener: (chunk: Buffer) => void;

  constructor(
    private readonly input: Input,
    { onQuit, onSuspend }: Keys,
  ) {
    this.isThere = input.isTTY === true && input.setRawMode !== undefined;
    // A terminal that has gone, with nobody before it.
    input.once('error', onQuit);
    this.#listener = (chunk) => {
      for (const key of chunk.toString('latin1')) {
        if (key === 'q' || key === 'Q' || key === CONTROL_C) onQuit();
        else if (key === CONTROL_Z) onSuspend();
      }
    };
  }

  start(): void {
    if (!this.isThere) return;
    this.input.setRawMode?.(true);
    this.input.on('data', this.#listener);
    this.input.resume();
  }

  stop(): void {
    if (!this.isThere) return;
    this.input.off('data', this.#listener);
    this.input.setRawMode?.(false);
    this.input.pause();
  }
}
