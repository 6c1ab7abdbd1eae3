import { Failure } from '../../failure.js';
import type { JoinEvent, JoinReport } from './events.js';
import { joinCluster } from './operation.js';
import type { JoinContext, JoinOptions } from './options.js';

export interface JoinsReport {
  readonly discoveryNode: string;
  readonly joined: readonly JoinReport[];
  /** The one that stopped it. */
  readonly failed: {
    readonly on: string;
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
  } | null;
  /** Addresses of nodes that were not tried any more. */
  readonly notTried: readonly string[];
}

/**
 * Joins nodes one after the other: each is seen by all before the next is sent. The first failure ends it.
 *
 * @param addresses of the joining nodes
 * @throws Failure when none of them is in
 */
export async function* joinSeveral(
  context: JoinContext,
  addresses: readonly string[],
  options: Omit<JoinOptions, 'on'>,
): AsyncGenerator<JoinEvent, JoinsReport> {
  const joined: JoinReport[] = [];
  for (const [index, on] of addresses.entries()) {
    const notTried = addresses.slice(index + 1);
    try {
      joined.push(yield* joinCluster(context, { ...options, on }));
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      if (joined.length === 0 || thrown.kind === 'interrupted') throw withRest(thrown, joined, notTried);
      const { code, message, hint = null } = thrown;
      return { discoveryNode: options.discoveryNode, joined, failed: { on, code, message, hint }, notTried };
    }
  }
  return { discoveryNode: options.discoveryNode, joined, failed: null, notTried: [] };
}

function withRest(failure: Failure, joined: readonly JoinReport[], notTried: readonly string[]): Failure {
  const { kind, code, message, hint, details, cause } = failure;
  const done = joined.map(({ node }) => node);
  const rest = [
    ...(done.length > 0 ? [`in: ${done.join(', ')}`] : []),
    ...(notTried.length > 0 ? [`not tried: ${notTried.join(', ')}`] : []),
  ];
  if (rest.length === 0) return failure;
  return new Failure(kind, code, [message, ...rest].join('; '), {
    hint,
    cause,
    details: { ...details, joined: done, notTried },
  });
}
