import { Failure, type FailureKind } from '../../failure.js';
import type { ActiveOutage } from '../outages/set.js';
import { type FaultOrder, orderFault } from './control.js';
import { readState } from './state.js';
import { doesNotAnswer } from './status.js';

export interface FaultResult {
  /** The faults that are set now. */
  readonly active: readonly ActiveOutage[];
  /** Those that were taken away. */
  readonly cleared: readonly ActiveOutage[];
}

/**
 * Sets or clears faults of the sandbox that runs in the background.
 *
 * @throws Failure: configuration (none runs), usage (no such fault or node), safety (the node has one), unknown (no answer)
 */
export async function setFault(folder: string, order: FaultOrder): Promise<FaultResult> {
  const state = await readState(folder);
  const answer = state ? await orderFault(state.control, order) : 'gone';
  if (state && answer === 'silent') throw doesNotAnswer(state);
  if (answer === 'gone' || answer === 'silent')
    throw new Failure('configuration', 'no_sandbox', 'no sandbox runs', {
      hint: 'vmqctl sandbox up --joined starts one.',
    });
  if (!('refused' in answer)) return answer;
  const { kind, code, message, hint } = answer.refused;
  throw new Failure(kind as FailureKind, code, message, { hint: hint ?? undefined });
}
