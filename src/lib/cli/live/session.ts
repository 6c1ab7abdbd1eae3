import { constants } from 'node:os';
import { type Input, Keyboard } from './keyboard.js';
import type { Screen } from './screen.js';

/** Signals that end a process which does not catch them; SIGINT and SIGTERM are caught already, and end the watch. */
const FATAL = ['SIGHUP', 'SIGQUIT'] as const;

/** Milliseconds. A process group that no shell waits for is not stopped at all: then it goes on. */
const NOT_STOPPED = 300;

export interface SessionOptions {
  readonly screen: Screen;
  readonly input: Input;
  /** q or Ctrl-C. */
  readonly onQuit: () => void;
  /** The screen has to be drawn anew. */
  readonly onRedraw: () => void;
}

/**
 * Holds the terminal for a full-screen view, and gives it back however the process ends or is stopped: by the end of the
 * view, an error that nobody catches, a signal, or Ctrl-Z.
 */
export class TerminalSession {
  readonly keyboard: Keyboard;
  readonly #listeners: readonly (readonly [string, () => void])[];
  #isHeld = false;
  #isOpen = false;

  constructor(private readonly options: SessionOptions) {
    const { input, onQuit } = options;
    this.keyboard = new Keyboard(input, { onQuit, onSuspend: () => this.suspend() });
    this.#listeners = [
      ['exit', () => this.release()],
      ['SIGTSTP', () => this.suspend()],
      ['SIGCONT', () => this.resume()],
      ...FATAL.map((signal) => [signal, () => this.die(signal)] as const),
    ];
  }

  open(): void {
    this.#isOpen = true;
    for (const [event, listener] of this.#listeners) listen(event, listener);
    this.hold();
  }

  close(): void {
    this.#isOpen = false;
    this.release();
    for (const [event, listener] of this.#listeners) process.off(event, listener);
  }

  private hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.options.screen.enter();
    this.keyboard.start();
  }

  private release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.keyboard.stop();
    this.options.screen.leave();
  }

  /** As Ctrl-Z does it to any program: the whole job stops, and `fg` goes on with it. */
  private suspend(): void {
    if (!this.#isHeld) return;
    this.release();
    const stop = this.#listeners.find(([event]) => event === 'SIGTSTP')?.[1] ?? (() => undefined);
    process.off('SIGTSTP', stop);
    process.kill(0, 'SIGTSTP');
    setTimeout(() => {
      if (!this.#isOpen) return;
      listen('SIGTSTP', stop);
      if (!this.#isHeld) this.resume();
    }, NOT_STOPPED);
  }

  /** Also after a SIGSTOP, which nobody is told of: the shell may have changed the terminal meanwhile. */
  private resume(): void {
    if (!this.#isOpen) return;
    this.release();
    this.hold();
    this.options.onRedraw();
  }

  private die(signal: (typeof FATAL)[number]): void {
    this.close();
    process.exit(128 + constants.signals[signal]);
  }
}

/** Where a system does not have a signal, it does not come. */
function listen(event: string, listener: () => void): void {
  if (process.platform === 'win32' && event.startsWith('SIG')) return;
  process.on(event, listener);
}
