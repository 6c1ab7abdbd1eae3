import type { Estimate } from './pace.js';
import type { NodeResult, Reason, RollPhase, RollState } from './state.js';

/** What a look has shown while something is waited for. */
export type RollProgress =
  | { readonly phase: 'gate'; readonly waiting: readonly string[] }
  | {
      readonly phase: 'drain';
      readonly sessions: number | null;
      /** Milliseconds that the sessions still have. */
      readonly graceLeft: number;
      readonly estimate: Estimate | null;
      readonly waiting: readonly string[];
    }
  | { readonly phase: 'back' | 'recover'; readonly elapsed: number; readonly waiting: readonly string[] };

export type RollEvent =
  | { readonly type: 'planned'; readonly state: RollState }
  | { readonly type: 'resumed'; readonly operation: string; readonly state: RollState }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'entered'; readonly phase: RollPhase; readonly node: string; readonly state: RollState }
  /** Interrupted, while the command runs: its end is waited for. */
  | { readonly type: 'command-awaited'; readonly node: string }
  | { readonly type: 'progress'; readonly node: string; readonly progress: RollProgress }
  | { readonly type: 'undone'; readonly node: string; readonly reason: Reason }
  | { readonly type: 'node-done'; readonly result: NodeResult; readonly left: number };

export interface RollReport {
  /** Under which it is in the journal. */
  readonly operation: string;
  readonly nodes: readonly NodeResult[];
  /** Whether an earlier run of the command had begun it. */
  readonly resumed: boolean;
  /** Sessions of the whole cluster before the first node and after the last. */
  readonly sessions: { readonly before: number; readonly after: number };
  /** Milliseconds since it was begun. */
  readonly took: number;
}
