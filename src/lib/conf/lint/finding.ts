/** Something about a cluster's configuration that an operator should know. It never has a secret in it. */
export interface Finding {
  /** Stable, in snake_case, for scripts. */
  readonly code: string;
  /** Critical: a node does not start, the cluster does not hold together, or a door stands open. */
  readonly severity: 'critical' | 'warn';
  /** The origins of the nodes that it is about; the first of them is where `file` is. */
  readonly nodes: readonly string[];
  readonly file: string;
  /** Counted from 1; nothing where a setting is missing. */
  readonly line: number | null;
  readonly key: string | null;
  /** What is so, and what comes of it. */
  readonly message: string;
  readonly cure: string;
}

/** Where in a node's configuration something is said. */
export interface Place {
  readonly node: string;
  readonly file: string;
  readonly line: number | null;
  readonly key: string | null;
}

type Report = (code: string, place: Place, message: string, cure: string) => Finding;

const report =
  (severity: Finding['severity']): Report =>
  (code, { node, file, line, key }, message, cure) => ({
    code,
    severity,
    nodes: [node],
    file,
    line,
    key,
    message,
    cure,
  });

export const critical = report('critical');
export const warn = report('warn');
