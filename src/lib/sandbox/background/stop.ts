import { type Clock, systemClock } from '../../clock.js';
import { callControl } from './control.js';
import { readState, removeState, type SandboxState } from './state.js';
import { doesNotAnswer } from './status.js';

/** Milliseconds until a sandbox that was told to stop has to be gone. */
const DEADLINE = 10_000;
const INTERVAL = 20;

/**
 * Stops the sandbox and makes sure that it is gone.
 *
 * @returns the one that ran, or null when none did
 * @throws Failure (unknown) when it does not answer or does not go
 */
export async function stopInBackground(
  folder: string,
  clock: Clock = systemClock,
): Promise<SandboxState | null> {
  const state = await readState(folder);
  if (!state) return null;
  const answer = await callControl(state.control, 'DELETE');
  if (answer === 'silent') throw doesNotAnswer(state);
  if (answer === 'gone') {
    await removeState(folder, state);
    return null;
  }
  await untilGone(state, clock);
  return state;
}

/** Its control port closes last. A process number proves less: a dead child that nobody reaps keeps its own. */
async function untilGone(state: SandboxState, clock: Clock): Promise<void> {
  const giveUp = clock.now() + DEADLINE;
  while ((await callControl(state.control, 'GET')) !== 'gone') {
    if (clock.now() > giveUp) throw doesNotAnswer(state);
    await clock.sleep(INTERVAL);
  }
}
