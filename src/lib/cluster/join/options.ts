import type { Fleet } from '../observe.js';
import type { Lock } from '../operations/lock.js';
import type { AuditedStore } from '../operations/store.js';

export interface JoinOptions {
  /** A member of the cluster that is to be joined. */
  readonly discoveryNode: string;
  /** Address of the joining node. */
  readonly on: string;
  /** Milliseconds until every node has to see every node. Measured: up to about 10 s. */
  readonly wait: number;
  /** Consent to joining a cluster that has a dead member, which then cannot agree. */
  readonly allowDeadMember: boolean;
}

/** Everything that joins work with. */
export interface JoinContext {
  readonly fleet: Fleet;
  readonly store: AuditedStore;
  /** @throws Failure (safety) while somebody else on this machine works on the node */
  readonly lock: (node: string) => Promise<Lock>;
  readonly signal?: AbortSignal | undefined;
}
