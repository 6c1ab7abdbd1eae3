import type { ClusterView } from '../view.js';
import type { History, Sighting } from './history.js';
import type { LogFinding } from './log-lines.js';
import type { Counts } from './metrics.js';
import type { Rights } from './rights.js';
import type { ClientName, Subscription } from './sightings.js';

/** All that was learnt of a client. */
export interface Evidence {
  readonly name: ClientName;
  readonly view: ClusterView;
  readonly sightings: readonly Sighting[];
  readonly history: History;
  /** Milliseconds from the first look to the last. */
  readonly looked: number;
  readonly subscriptions: readonly Subscription[];
  /** By which it logs in, as far as that is known. */
  readonly user: string | undefined;
  /** Undefined where no record could be read. */
  readonly rights: Rights | undefined;
  /** What the operator asks whether it may. */
  readonly asked: { readonly publish: string | undefined; readonly subscribe: string | undefined };
  /** What all nodes have counted while it was looked at: of all clients. */
  readonly growth: Counts;
  /** What the logs say of it. */
  readonly findings: readonly LogFinding[];
  /** What could not be learnt, and why. */
  readonly gaps: readonly string[];
}
