/**
 * - `certain`: the evidence admits nothing else.
 * - `likely`: it points there, and something rarer would look the same.
 * - `possible`: it fits as well as another cause that is told too.
 */
export type Certainty = 'certain' | 'likely' | 'possible';

export type CauseCode =
  | 'clustering_listener_stopped'
  | 'clustering_listener_missing'
  | 'clustering_listener_loopback_or_any'
  | 'clustering_listener_unreachable'
  | 'clustering_address_of_another_node'
  | 'clustering_port_filtered'
  | 'data_channel_down'
  | 'cookie_differs'
  | 'distribution_port_filtered'
  | 'frozen_node'
  | 'node_stopped'
  | 'host_unreachable'
  | 'node_comes_back'
  | 'wiped_node_came_back'
  | 'expelled_node_came_back'
  | 'join_in_progress'
  | 'not_joined';

/** Why the cluster is as it is. */
export interface Cause {
  /** For scripts: it does not change. */
  readonly code: CauseCode;
  readonly certainty: Certainty;
  /** The nodes at fault first. */
  readonly nodes: readonly string[];
  readonly message: string;
  /** What tells it from the other causes that look the same. */
  readonly because: string;
  readonly cure: string;
  /** Where it is not certain: what to look at to be sure. */
  readonly look?: string;
}

const ORDER: readonly Certainty[] = ['certain', 'likely', 'possible'];

/** The most certain first; among equals the order in which they were found. One cause of a node is told once. */
export function rank(causes: readonly Cause[]): Cause[] {
  const sorted = [...causes].sort(
    (one, other) => ORDER.indexOf(one.certainty) - ORDER.indexOf(other.certainty),
  );
  const known = new Set<string>();
  return sorted.filter(({ code, nodes }) => {
    const key = `${code} ${nodes[0]}`;
    return !known.has(key) && known.add(key);
  });
}
