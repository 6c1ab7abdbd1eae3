/** `error`: the cluster is not healthy. `warning`: worth knowing, and not a fault by itself. */
export type Severity = 'error' | 'warning';

export interface Problem {
  readonly code: string;
  readonly severity: Severity;
  /** What is the case, and why as far as it can be told. */
  readonly message: string;
  /** The cure. */
  readonly hint: string;
  readonly nodes: readonly string[];
}

export const list = (names: readonly string[]) => names.join(', ');
