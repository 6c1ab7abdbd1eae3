import type { WatchState } from '../../cluster/watch/state.js';
import { painter } from '../render.js';
import { frame } from './frame.js';
import { glyphsFor } from './glyphs.js';
import { Screen } from './screen.js';
import { TerminalSession } from './session.js';

export interface LiveOptions {
  readonly colour: boolean;
  /** q or Ctrl-C: ends the states. */
  readonly onQuit: () => void;
  /** From now on, nothing else may write to the terminal. */
  readonly onTaken: () => void;
}

/**
 * Shows each state on the whole terminal until there is no more. The terminal is taken when there is a first state: what
 * fails before it is told as anywhere else.
 */
export async function showOnScreen(
  states: AsyncIterable<WatchState>,
  { colour, onQuit, onTaken }: LiveOptions,
): Promise<void> {
  const screen = new Screen(process.stdout, await painter(colour));
  const glyphs = glyphsFor(process.env);
  let shown: WatchState | undefined;
  const draw = (anew = false) => {
    if (!shown) return;
    const keys = session.keyboard.isThere ? 'q quits' : 'Ctrl-C ends';
    screen.draw(frame(shown, screen.size, glyphs, keys), { anew });
  };
  const redraw = () => draw(true);
  const session = new TerminalSession({ screen, input: process.stdin, onQuit, onRedraw: redraw });
  try {
    for await (const state of states) {
      const isFirst = shown === undefined;
      shown = state;
      if (isFirst) {
        onTaken();
        session.open();
        process.stdout.on('resize', redraw);
      }
      draw();
    }
  } finally {
    process.stdout.off('resize', redraw);
    session.close();
  }
}
