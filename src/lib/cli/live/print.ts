import type { WatchState } from '../../cluster/watch/state.js';
import { printable } from '../printable.js';
import { painter } from '../render.js';
import { type Streams, write } from '../streams.js';
import { watchDocument, watchLines } from '../views/cluster-watch.js';

/** One line per change, for what is no terminal. */
export async function printChanges(states: AsyncIterable<WatchState>, streams: Streams): Promise<void> {
  const paint = await painter(streams.colourOut);
  let before: WatchState | undefined;
  for await (const state of states) {
    const lines = watchLines(before, state).map(({ text, tone }) => `${paint(printable(text), tone)}\n`);
    if (lines.length > 0) await write(streams.out, lines.join(''));
    before = state;
  }
}

/** One JSON object per line, for each look that tells something new, be it another rate. */
export async function printDocuments(states: AsyncIterable<WatchState>, streams: Streams): Promise<void> {
  let before: string | undefined;
  for await (const state of states) {
    const document = watchDocument(state);
    const text = JSON.stringify(document);
    const time = new Date(state.at).toISOString();
    if (text !== before) await write(streams.out, `${JSON.stringify({ time, ...document })}\n`);
    before = text;
  }
}
