import { findProblems } from '../problems/find.js';
import { type Cause, rank } from './causes/cause.js';
import { clusteringCauses } from './causes/clustering.js';
import { distributionCauses } from './causes/distribution.js';
import { expelled, lostLink, oneDirection, oneSided, separate, split, wiped } from './causes/membership.js';
import { ghosts, hanging, unanswering } from './causes/silence.js';
import type { Evidence } from './evidence.js';

/** What may be behind each problem of the views. */
const EXPLAIN: Readonly<Record<string, (nodes: readonly string[], evidence: Evidence) => Cause[]>> = {
  separate_clusters: (_nodes, evidence) => separate(evidence),
  wiped_node: wiped,
  expelled_node: expelled,
  one_sided_membership: oneSided,
  netsplit: split,
  lost_link: lostLink,
  one_sided_view: oneDirection,
  ghost: ghosts,
  undecided: ghosts,
  status_hangs: hanging,
  unreachable: (_nodes, evidence) => unanswering(evidence),
};

/**
 * Joins what is known into causes, the most certain first. Where the evidence fits several, all of them are told, each
 * with what would tell it from the others. Pure.
 */
export function diagnose(evidence: Evidence): Cause[] {
  return rank([
    ...clusteringCauses(evidence),
    ...findProblems(evidence.view).flatMap(
      (problem) => EXPLAIN[problem.code]?.(problem.nodes, evidence) ?? [],
    ),
    // What stands still works: these are told after what is broken already.
    ...distributionCauses(evidence),
  ]);
}
