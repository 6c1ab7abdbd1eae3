/** `unknown`: it could not be looked at, for a reason that is told. It is never `ok`. */
export type Status = 'ok' | 'warn' | 'critical' | 'unknown';

/** What a check came to. */
export interface Finding {
  readonly status: Status;
  /** One line. */
  readonly summary: string;
  /** What was seen, a line each. */
  readonly evidence?: readonly string[];
  readonly cause?: string;
  readonly cure?: string;
  readonly nodes?: readonly string[];
}

/** From the best to the worst. */
const ORDER: readonly Status[] = ['ok', 'unknown', 'warn', 'critical'];

export const worst = (statuses: readonly Status[]): Status =>
  statuses.reduce((one, other) => (ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one), 'ok');

export const ok = (summary: string, evidence: readonly string[] = []): Finding => ({
  status: 'ok',
  summary,
  evidence,
});

export const unknown = (summary: string, evidence: readonly string[] = [], cure?: string): Finding => ({
  status: 'unknown',
  summary,
  evidence,
  ...(cure === undefined ? {} : { cure }),
});

/** What the nodes answered, and why those that did not answer did not. */
export interface Answers<Value> {
  readonly known: ReadonlyMap<string, Value>;
  readonly missing: ReadonlyMap<string, string>;
}

/** The finding over those that answered; where one did not, it is not `ok`. */
export function judged<Value>(
  { known, missing }: Answers<Value>,
  judge: (known: ReadonlyMap<string, Value>) => Finding,
): Finding {
  const reasons = [...missing].map(([node, why]) => `${node}: not known: ${why}`);
  if (known.size === 0) return unknown('not known of any node', reasons);
  const finding = judge(known);
  if (missing.size === 0) return finding;
  const evidence = [...(finding.evidence ?? []), ...reasons];
  if (finding.status !== 'ok') return { ...finding, evidence };
  return {
    ...finding,
    status: 'unknown',
    summary: `not known of ${[...missing.keys()].join(', ')}`,
    evidence,
  };
}
