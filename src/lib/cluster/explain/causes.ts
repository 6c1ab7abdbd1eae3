import { badClientId, netsplit, notKnown, severalQueues, stuckQueue } from './cluster-causes.js';
import type { Evidence } from './evidence.js';
import { keepaliveExpired, takenOver, unexplainedLoop } from './loop-causes.js';
import { loginRefused, publishDenied, subscribeDenied } from './right-causes.js';
import type { Cause, Confidence } from './wording.js';

const RULES: readonly ((evidence: Evidence) => Cause[])[] = [
  takenOver,
  publishDenied,
  subscribeDenied,
  loginRefused,
  netsplit,
  stuckQueue,
  severalQueues,
  keepaliveExpired,
  badClientId,
];

const RANKS: readonly Confidence[] = ['certain', 'likely', 'possible'];

/** What explains the evidence, the surest first. Pure: it only reads. */
export function findCauses(evidence: Evidence): Cause[] {
  const found = RULES.flatMap((rule) => rule(evidence));
  const rest = [...notKnown(evidence, found), ...unexplainedLoop(evidence, found)];
  return [...found, ...rest].sort(
    (one, other) => RANKS.indexOf(one.confidence) - RANKS.indexOf(other.confidence),
  );
}
