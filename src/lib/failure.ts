/**
 * What kind of failure it is. The command line turns a kind into an exit code; nothing below it knows exit codes.
 *
 * - `failed`: the broker refused or failed. - `partial`: some of it is done.
 * - `safety`: a check of ours refused, nothing was changed. - `unhealthy`: the cluster is not healthy.
 * - `usage`, `data`, `configuration`: what the operator gave is wrong.
 * - `unreachable`, `credentials`: the other side did not answer, or did not accept us.
 * - `unknown`: still in progress, or nobody can tell: look again. - `interrupted`: the operator stopped us.
 * - `bug`: our own mistake.
 */
export type FailureKind =
  | 'failed'
  | 'partial'
  | 'safety'
  | 'unhealthy'
  | 'usage'
  | 'data'
  | 'unreachable'
  | 'bug'
  | 'unknown'
  | 'credentials'
  | 'configuration'
  | 'interrupted';

export interface FailureOptions {
  /** What to do next, one sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Machine-readable facts for `--json`. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** An expected failure: one clear line, a hint, and a kind that decides the exit code. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  /**
   * @param code stable identifier in snake_case, for scripts
   * @param message one line, no secret
   */
  constructor(
    readonly kind: FailureKind,
    readonly code: string,
    message: string,
    options: FailureOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
    this.details = options.details;
  }
}
