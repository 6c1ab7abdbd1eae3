import { Failure, type FailureKind } from '../failure.js';
import type { Classification } from './rpc.js';

/** A map, because a code can be any word that a broker has sent. */
const KINDS: ReadonlyMap<string, FailureKind> = new Map([
  ['unauthorized', 'credentials'],
  ['unreachable', 'unreachable'],
  ['tls_not_trusted', 'unreachable'],
  ['not_http', 'unreachable'],
  ['garbled_reply', 'unreachable'],
  ['no_answer', 'unreachable'],
  ['not_found', 'unreachable'],
  ['host_unknown', 'unreachable'],
  ['epmd_down', 'unreachable'],
  ['epmd_silent', 'unreachable'],
  ['node_not_registered', 'unreachable'],
  ['port_closed', 'unreachable'],
  ['port_silent', 'unreachable'],
  ['not_a_node', 'unreachable'],
  ['other_node', 'unreachable'],
  ['not_a_broker', 'unreachable'],
  ['version_mismatch', 'unreachable'],
  ['wrong_cookie', 'credentials'],
  ['not_allowed', 'credentials'],
]);

/**
 * The failure that a classification other than `done` amounts to.
 *
 * @param address of the node that answered, for the message
 */
export function toFailure(address: string, classification: Classification): Failure {
  const { outcome, code, message, hint } = classification;
  const kind = classification.kind ?? KINDS.get(code) ?? (outcome === 'unknown' ? 'unknown' : 'failed');
  return new Failure(kind, code, `${address}: ${message}`, { hint });
}
