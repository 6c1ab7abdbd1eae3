import { type ClusterView, mergeViews, type Observation } from '../view.js';

/**
 * The mutual view of the clusters that these nodes are in: what others that were asked say is left out, such as nodes
 * that are still to join.
 *
 * @param without a node whose own view does not count
 */
export function clusterAround(
  observations: readonly Observation[],
  nodes: readonly string[],
  without?: string,
): ClusterView {
  const answered = observations.flatMap((observation) => ('self' in observation ? [observation] : []));
  const views = answered.flatMap((observation) => observation.views).filter(({ node }) => node !== without);
  const names = new Set([
    ...nodes,
    ...views.filter(({ node }) => nodes.includes(node)).flatMap(({ members }) => [...members.keys()]),
    ...views.filter(({ members }) => nodes.some((name) => members.has(name))).map(({ node }) => node),
  ]);
  return mergeViews(
    answered
      .filter(({ self }) => names.has(self) && self !== without)
      .map((one) => ({ ...one, views: one.views.filter(({ node }) => names.has(node) && node !== without) })),
  );
}
