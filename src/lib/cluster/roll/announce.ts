import type { RollEvent } from './events.js';
import { currentNode, type RollState } from './state.js';
import type { Next } from './step.js';

/** What has changed, for people. */
export function* announce(before: RollState, { state: after, step }: Next): Generator<RollEvent> {
  const result = after.results[before.results.length];
  if (result) yield { type: 'node-done', result, left: after.nodes.length - after.results.length };
  else if (before.phase === 'undo' && after.phase === 'gate' && before.stopping)
    yield { type: 'undone', node: currentNode(after), reason: before.stopping };
  else if (before.phase !== after.phase || step.type === 'run')
    yield { type: 'entered', phase: after.phase, node: currentNode(after), state: after };
}
