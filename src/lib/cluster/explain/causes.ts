import { badClientId, netsplit, notKnown, severalQueues, stuckQueue } from './cluster-causes.js';
import type { Evidence } from './evidence.js';
import { keepaliveExpired, takenOver, unexplainedLoop } from './loop-causes.js';
import { withoutPast } from './past.js';
import { loginRefused, publishDenied, subscribeDenied } from './right-causes.js';
import { willDenied } from './will-cause.js';
import type { Cause, Confidence } from './wording.js';

const RULES: readonly ((evidence: Evidence) => Cause[])[] = [
  takenOver,
  willDenied,
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
  const now = withoutPast(evidence);
  const found = RULES.flatMap((rule) => rule(now));
  const past = RULES.flatMap((rule) => rule(evidence))
    .filter(({ code }) => found.every((cause) => cause.code !== code))
    .map(
      (cause): Cause => ({ ...cause, confidence: 'possible', message: `earlier, not now: ${cause.message}` }),
    );
  const rest = [...notKnown(now, found), ...unexplainedLoop(now, found)];
  return [...found, ...rest, ...past].sort(
    (one, other) => RANKS.indexOf(one.confidence) - RANKS.indexOf(other.confidence),
  );
}
