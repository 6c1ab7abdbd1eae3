import type { ClusterView } from '../view.js';
import { lostLinks, oneSidedViews, partitions, undecided } from './links.js';
import { membershipDiffers, notListingItself, separateClusters } from './membership.js';
import { deadMembers, notServing, noView, statusHangs, unreachableFromHere, versionSkew } from './nodes.js';
import type { Problem } from './problem.js';

/** Everything that is wrong with a cluster, the gravest first. Pure: it only reads the view. */
export function findProblems(view: ClusterView): Problem[] {
  const found = [
    ...noView(view),
    ...separateClusters(view),
    ...membershipDiffers(view),
    ...notListingItself(view),
    ...partitions(view),
    ...oneSidedViews(view),
    ...lostLinks(view),
    ...undecided(view),
    ...deadMembers(view),
    ...statusHangs(view),
    ...unreachableFromHere(view),
    ...versionSkew(view),
    ...notServing(view),
  ];
  return found.sort((one, other) => rank(one) - rank(other));
}

export const isHealthy = (problems: readonly Problem[]): boolean =>
  problems.every(({ severity }) => severity !== 'error');

const rank = ({ severity }: Problem) => (severity === 'error' ? 0 : 1);
