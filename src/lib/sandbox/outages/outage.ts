import type { SimulatedNode } from '../node/node.js';

/** Something that goes wrong with a node of a cluster, as it was provoked on real ones. */
export interface Outage {
  /** For `sandbox fault`: it does not change. */
  readonly name: string;
  readonly summary: string;
  /** Others of its cluster, the first of which takes it in again. */
  set(node: SimulatedNode, others: readonly SimulatedNode[]): Promise<void>;
  clear(node: SimulatedNode, others: readonly SimulatedNode[]): Promise<void>;
}
