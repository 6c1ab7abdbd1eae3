import type { Target } from './targets.js';
import type { Verdict } from './verdict.js';

/** Where connects were tried from. */
export interface Origin {
  /** `HERE`, or a node's name. */
  readonly from: string;
  /** What connected there; null here, and where nothing could. */
  readonly method: string | null;
  /** Why nothing could be tried there. */
  readonly error: string | null;
}

export interface Attempt extends Target, Verdict {
  readonly from: string;
}
