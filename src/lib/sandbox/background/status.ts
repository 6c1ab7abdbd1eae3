import { Failure } from '../../failure.js';
import { callControl, type LiveStatus } from './control.js';
import { readState, type SandboxState } from './state.js';

export type SandboxStatus =
  /** `stale` is what a crashed one has left. */
  | { readonly running: false; readonly stale: SandboxState | null }
  | { readonly running: true; readonly state: SandboxState; readonly nodes: LiveStatus['nodes'] };

/**
 * Whether a sandbox runs, and which.
 *
 * @throws Failure (unknown) when one seems to run and does not answer
 */
export async function sandboxStatus(folder: string): Promise<SandboxStatus> {
  const state = await readState(folder);
  if (!state) return { running: false, stale: null };
  const live = await callControl(state.control, 'GET');
  if (live === 'silent') throw doesNotAnswer(state);
  return live === 'gone' ? { running: false, stale: state } : { running: true, state, nodes: live.nodes };
}

export const doesNotAnswer = ({ pid }: SandboxState): Failure =>
  new Failure('unknown', 'sandbox_silent', `the sandbox (process ${pid}) does not answer`, {
    hint: `If it stays so, end process ${pid} by hand.`,
  });
