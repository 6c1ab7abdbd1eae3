import type { Fleet } from '../observe.js';
import type { Lock } from '../operations/lock.js';
import type { AuditedStore } from '../operations/store.js';

export interface ReapOptions {
  /** The dead nodes; none named means all that there are. */
  readonly nodes: readonly string[];
  /** Consent to losing what the dead nodes hold on their disks. */
  readonly allowMessageLoss: boolean;
  /** Consent to removing a node although its death could not be proved from here. */
  readonly allowUnprovenDeath: boolean;
  /** Consent to a repair for a name that no member lists, which the broker would never call misspelt. */
  readonly allowUnlistedNode: boolean;
  /** Milliseconds that each removal and each repair may take. */
  readonly wait: number;
}

/** Everything that removing dead nodes works with. */
export interface ReapContext {
  readonly fleet: Fleet;
  readonly store: AuditedStore;
  /** All of them or none. @throws Failure (safety) while somebody else on this machine works on one of them */
  readonly lock: (nodes: readonly string[]) => Promise<Lock>;
  readonly options: ReapOptions;
  readonly signal?: AbortSignal | undefined;
}
