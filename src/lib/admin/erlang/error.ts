import type { Term } from './term/types.js';

/**
 * What can go wrong between here and an Erlang node.
 *
 * - `bad_term`, `bad_frame`: bytes that are not what the protocol has, or more of them than we accept.
 * - `host_unknown` (also a name or port that cannot be one), `epmd_down` (nothing listens there), `epmd_silent` (filtered or frozen), `node_not_registered`.
 * - `port_closed` (the node's own port refuses, or the node closed it half-way), `port_silent` (filtered, or the node is frozen).
 * - `not_a_node`, `other_node` (one of another name), `version_mismatch`, `wrong_cookie`, `name_conflict`,
 *   `not_allowed`: the handshake ended so.
 * - `connection_lost`: it, or the server of calls there, ended while something was under way. `peer_silent`: it no longer answers ticks.
 * - `deadline`, `aborted`: our own end of waiting.
 * - `badrpc`: the far node could not do the call; `exit`: what was called ended so. `term` has the reason.
 */
export type ErlangErrorCode =
  | 'bad_term'
  | 'bad_frame'
  | 'host_unknown'
  | 'epmd_down'
  | 'epmd_silent'
  | 'node_not_registered'
  | 'port_closed'
  | 'port_silent'
  | 'not_a_node'
  | 'other_node'
  | 'version_mismatch'
  | 'wrong_cookie'
  | 'name_conflict'
  | 'not_allowed'
  | 'connection_lost'
  | 'peer_silent'
  | 'deadline'
  | 'aborted'
  | 'badrpc'
  | 'exit';

/** The only error that this library throws. Its message never has a cookie in it. */
export class ErlangError extends Error {
  override readonly name = 'ErlangError';
  /** The reason as a term, where the far side gave one. */
  readonly term: Term | undefined;

  constructor(
    readonly code: ErlangErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly term?: Term } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.term = options.term;
  }
}

/** Whatever went wrong in handling what came from the other node, as the one error that this library has. */
export function asErlangError(thrown: unknown): ErlangError {
  if (thrown instanceof ErlangError) return thrown;
  return new ErlangError('bad_frame', 'what the other node sent cannot be handled', { cause: thrown });
}
