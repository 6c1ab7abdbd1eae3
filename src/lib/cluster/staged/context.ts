import type { Account } from '../leave/account.js';
import { type Fleet, reachingAlso } from '../observe.js';
import type { StockStore } from '../operations/store.js';
import type { StagedProgress } from './progress.js';
import type { Phase, StagedState } from './state.js';

export interface StagedContext {
  readonly fleet: Fleet;
  readonly store: StockStore;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; then the watching ends, and the leave stays where it is. Undefined: as long as it should need, and more. */
  readonly timeout?: number | undefined;
}

/** The same, which reaches the members that stay also when all that the operator has given is gone. */
export function reaching(context: StagedContext, { addresses = [] }: StagedState): StagedContext {
  return { ...context, fleet: reachingAlso(context.fleet, addresses) };
}

export type StagedEvent =
  /** One that an earlier process has begun. `startedAt`: milliseconds since the epoch. */
  | {
      readonly type: 'resumed';
      readonly operation: string;
      readonly startedAt: number;
      readonly phase: StagedState['stand'];
    }
  /** `leaver`: URL of the node, if it is known. */
  | { readonly type: 'phase'; readonly phase: Phase | 'restore'; readonly leaver: string | null }
  | { readonly type: 'progress'; readonly progress: StagedProgress }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'answered'; readonly message: string };

export interface StagedReport {
  readonly node: string;
  readonly operation: string;
  readonly outcome: 'done' | 'aborted';
  readonly survivors: readonly string[];
  /** Milliseconds from its beginning, in whatever process. */
  readonly took: number;
  readonly disconnected: number;
  /** MQTT listeners that served before; after an abort they serve again. */
  readonly listeners: StagedState['listeners'];
  /** Null after an abort. */
  readonly account: Account | null;
  /**
   * Messages that wait for clients no more who are away again, and that nobody can have fetched: lost, or expired. Null
   * where that cannot be told, and after an abort.
   */
  readonly lost: number | null;
  /** Whether the node has stopped; null where it cannot be seen from here, and after an abort. */
  readonly stopped: boolean | null;
}
